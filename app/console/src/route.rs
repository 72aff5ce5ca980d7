//! From an address to its page, and who may come in.

use crate::account::{FirstPasswordPage, SignInPage, next_path};
use crate::answer::{AnswerPage, ExportPage, FormFiguresPage, InboxPage, TablePage};
use crate::around::{RunningBars, Staying, Watch};
use crate::attribute::{AttributePage, AttributesPage};
use crate::audience::{AudiencePage, AudiencesPage};
use crate::delivery::{
    CalendarPage, CertificatePage, ComposerPage, CoursePage, CoursePreviewPage, CoursesPage,
    DeliveriesPage, DeliveryPage, NewDeliveryPage, PeriodsPage, StepPage, TemplatesPage,
};
use crate::eligibility::EligibilityPage;
use crate::form::{BuilderPage, FormPage, FormsPage, HistoryPage, NewFormPage, PosterPage};
use crate::help::{HelpIndexPage, HelpPage};
use crate::home::HomePage;
use crate::menu::{
    Emergencies, EmergencyDialog, EmergencyPage, MenuFiguresPage, MenuPage, MenusPage, ProgramPage,
};
use crate::resident::{RegistrationFiguresPage, ResidentPage, ResidentsPage};
use crate::roster::{NewRosterPage, RosterPage, RostersPage};
use crate::search::SearchPage;
use crate::settings::{
    AccountPage, AlertsPage, HolidaysPage, LedgerPage, ReportPage, RulesPage, StaffListPage,
    StaffPage,
};
use crate::shell::{Entrance, Frame, Me, entrance, use_me};
use domain::alert::Of;
use domain::id::{
    AnswerId, AttributeId, AudienceId, CourseId, DeliveryId, FormId, MenuId, ResidentId, RosterId,
    StaffId,
};
use domain::permission::Permission;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;
use std::str::FromStr;
use ui::prelude::*;

/// A page of the console.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    SignIn,
    Password,
    Home,
    Search,
    Deliveries,
    NewDelivery,
    Calendar,
    Periods,
    Templates,
    Courses,
    Course(CourseId),
    CoursePreview(CourseId),
    Step(CourseId, u32),
    Delivery(DeliveryId),
    Composer(DeliveryId),
    Certificate(DeliveryId),
    Report(Of),
    Audiences,
    Audience(Option<AudienceId>),
    Rosters,
    Roster(Option<RosterId>),
    Menus,
    Emergency,
    Program,
    MenuFigures(MenuId),
    Menu(MenuId),
    Forms,
    NewForm,
    Eligibility,
    Form(FormId),
    Builder(FormId),
    FormHistory(FormId),
    Poster(FormId),
    AnswerTable(FormId),
    FormFigures(FormId),
    Export(FormId),
    Answers,
    Answer(AnswerId),
    Residents,
    Figures,
    Resident(ResidentId),
    Attributes,
    Attribute(Option<AttributeId>),
    Account,
    StaffList,
    Staff(Option<StaffId>),
    Rules,
    Holidays,
    Alerts,
    Ledger,
    Help,
    Chapter(String),
    Nowhere,
}

/// An id from an address: digits of a positive number, nothing else.
fn id<T: FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    digits.then(|| text.parse().ok()).flatten()
}

impl Place {
    fn of(path: &str) -> Self {
        let rest = path.strip_prefix("/console").unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').filter(|p| !p.is_empty()).collect();
        let found = match parts.as_slice() {
            [] => Some(Self::Home),
            ["signin"] => Some(Self::SignIn),
            ["password"] => Some(Self::Password),
            ["search"] => Some(Self::Search),
            ["deliveries"] => Some(Self::Deliveries),
            ["deliveries", "new"] => Some(Self::NewDelivery),
            ["deliveries", "calendar"] => Some(Self::Calendar),
            ["deliveries", "periods"] => Some(Self::Periods),
            ["deliveries", "templates"] => Some(Self::Templates),
            ["deliveries", "steps"] => Some(Self::Courses),
            ["deliveries", "steps", n] => id(n).map(Self::Course),
            ["deliveries", "steps", n, "preview"] => id(n).map(Self::CoursePreview),
            ["deliveries", "steps", n, step] => {
                // Steps are numbered from 0.
                id(n).zip(step.parse().ok()).map(|(id, step)| Self::Step(id, step))
            }
            ["deliveries", n] => id(n).map(Self::Delivery),
            ["deliveries", n, "edit"] => id(n).map(Self::Composer),
            ["deliveries", n, "certificate"] => id(n).map(Self::Certificate),
            ["deliveries", n, "report"] => id(n).map(|id| Self::Report(Of::Delivery(id))),
            ["audiences"] => Some(Self::Audiences),
            ["audiences", "new"] => Some(Self::Audience(None)),
            ["audiences", "lists"] => Some(Self::Rosters),
            ["audiences", "lists", "new"] => Some(Self::Roster(None)),
            ["audiences", "lists", n] => id(n).map(|id| Self::Roster(Some(id))),
            ["audiences", n] => id(n).map(|id| Self::Audience(Some(id))),
            ["menus"] => Some(Self::Menus),
            ["menus", "program"] => Some(Self::Program),
            ["menus", "emergency"] => Some(Self::Emergency),
            ["menus", n, "figures"] => id(n).map(Self::MenuFigures),
            ["menus", n] => id(n).map(Self::Menu),
            ["forms"] => Some(Self::Forms),
            ["forms", "new"] => Some(Self::NewForm),
            ["forms", "lists"] => Some(Self::Eligibility),
            ["forms", n] => id(n).map(Self::Form),
            ["forms", n, "edit"] => id(n).map(Self::Builder),
            ["forms", n, "history"] => id(n).map(Self::FormHistory),
            ["forms", n, "poster"] => id(n).map(Self::Poster),
            ["forms", n, "answers"] => id(n).map(Self::AnswerTable),
            ["forms", n, "figures"] => id(n).map(Self::FormFigures),
            ["forms", n, "export"] => id(n).map(Self::Export),
            ["answers"] => Some(Self::Answers),
            ["answers", n] => id(n).map(Self::Answer),
            ["residents"] => Some(Self::Residents),
            ["residents", "figures"] => Some(Self::Figures),
            ["residents", n] => id(n).map(Self::Resident),
            ["attributes"] => Some(Self::Attributes),
            ["attributes", "new"] => Some(Self::Attribute(None)),
            ["attributes", n] => id(n).map(|id| Self::Attribute(Some(id))),
            ["settings"] => Some(Self::Account),
            ["settings", "rules"] => Some(Self::Rules),
            ["settings", "staff"] => Some(Self::StaffList),
            ["settings", "staff", "new"] => Some(Self::Staff(None)),
            ["settings", "staff", n] => id(n).map(|id| Self::Staff(Some(id))),
            ["settings", "holidays"] => Some(Self::Holidays),
            ["settings", "alerts"] => Some(Self::Alerts),
            ["settings", "alerts", n] => id(n).map(|id| Self::Report(Of::Alert(id))),
            ["settings", "ledger"] => Some(Self::Ledger),
            ["help"] => Some(Self::Help),
            ["help", chapter] => Some(Self::Chapter((*chapter).to_owned())),
            _ => None,
        };
        found.unwrap_or(Self::Nowhere)
    }

    /// Editors leave the navigation and have their own bar.
    fn is_editor(&self) -> bool {
        matches!(self, Self::Composer(_) | Self::Step(..) | Self::Menu(_) | Self::Builder(_))
    }
}

/// What somebody must be allowed who opens a page. What pages show and do is guarded where it
/// is read and done; this spares the search and the buttons of a page that would stay empty.
fn needed(place: &Place) -> Option<Permission> {
    match place {
        Place::NewDelivery => Some(Permission::DeliveryWrite),
        Place::Audience(None) => Some(Permission::AudienceWrite),
        Place::Roster(None) => Some(Permission::ListWrite),
        Place::NewForm | Place::Builder(_) => Some(Permission::FormWrite),
        Place::Answers
        | Place::Answer(_)
        | Place::AnswerTable(_)
        | Place::FormFigures(_)
        | Place::Export(_) => Some(Permission::AnswerRead),
        Place::StaffList => Some(Permission::StaffRead),
        Place::Staff(None) => Some(Permission::StaffWrite),
        Place::Rules => Some(Permission::SettingWrite),
        Place::Ledger => Some(Permission::LedgerRead),
        _ => None,
    }
}

/// The page of a place, for somebody who is signed in.
fn page(place: Place) -> AnyView {
    if needed(&place).is_some_and(|permission| !use_me().may(permission)) {
        let other = ("/console".to_owned(), "ホームへ".to_owned());
        return view! { <div class="page"><ErrorPage error=AppError::Forbidden other /></div> }
            .into_any();
    }
    match place {
        Place::Home => view! { <HomePage /> }.into_any(),
        Place::Search => view! { <SearchPage /> }.into_any(),
        Place::Deliveries => view! { <DeliveriesPage /> }.into_any(),
        Place::NewDelivery => view! { <NewDeliveryPage /> }.into_any(),
        Place::Calendar => view! { <CalendarPage /> }.into_any(),
        Place::Periods => view! { <PeriodsPage /> }.into_any(),
        Place::Templates => view! { <TemplatesPage /> }.into_any(),
        Place::Courses => view! { <CoursesPage /> }.into_any(),
        Place::Course(id) => view! { <CoursePage id /> }.into_any(),
        Place::CoursePreview(id) => view! { <CoursePreviewPage id /> }.into_any(),
        Place::Step(id, key) => view! { <StepPage id key /> }.into_any(),
        Place::Delivery(id) => view! { <DeliveryPage id /> }.into_any(),
        Place::Composer(id) => view! { <ComposerPage id /> }.into_any(),
        Place::Certificate(id) => view! { <CertificatePage id /> }.into_any(),
        Place::Report(of) => view! { <ReportPage of /> }.into_any(),
        Place::Audiences => view! { <AudiencesPage /> }.into_any(),
        Place::Audience(id) => view! { <AudiencePage id /> }.into_any(),
        Place::Rosters => view! { <RostersPage /> }.into_any(),
        Place::Roster(None) => view! { <NewRosterPage /> }.into_any(),
        Place::Roster(Some(id)) => view! { <RosterPage id /> }.into_any(),
        Place::Menus => view! { <MenusPage /> }.into_any(),
        Place::MenuFigures(id) => view! { <MenuFiguresPage id /> }.into_any(),
        Place::Program => view! { <ProgramPage /> }.into_any(),
        Place::Emergency => view! { <EmergencyPage /> }.into_any(),
        Place::Menu(id) => view! { <MenuPage id /> }.into_any(),
        Place::Forms => view! { <FormsPage /> }.into_any(),
        Place::NewForm => view! { <NewFormPage /> }.into_any(),
        Place::Eligibility => view! { <EligibilityPage /> }.into_any(),
        Place::Form(id) => view! { <FormPage id /> }.into_any(),
        Place::Builder(id) => view! { <BuilderPage id /> }.into_any(),
        Place::FormHistory(id) => view! { <HistoryPage id /> }.into_any(),
        Place::Poster(id) => view! { <PosterPage id /> }.into_any(),
        Place::AnswerTable(id) => view! { <TablePage id /> }.into_any(),
        Place::FormFigures(id) => view! { <FormFiguresPage id /> }.into_any(),
        Place::Export(id) => view! { <ExportPage id /> }.into_any(),
        Place::Answers => view! { <InboxPage /> }.into_any(),
        Place::Answer(id) => view! { <AnswerPage id /> }.into_any(),
        Place::Residents => view! { <ResidentsPage /> }.into_any(),
        Place::Figures => view! { <RegistrationFiguresPage /> }.into_any(),
        Place::Resident(id) => view! { <ResidentPage id /> }.into_any(),
        Place::Attributes => view! { <AttributesPage /> }.into_any(),
        Place::Attribute(id) => view! { <AttributePage id /> }.into_any(),
        Place::Account => view! { <AccountPage /> }.into_any(),
        Place::StaffList => view! { <StaffListPage /> }.into_any(),
        Place::Staff(id) => view! { <StaffPage id /> }.into_any(),
        Place::Rules => view! { <RulesPage /> }.into_any(),
        Place::Holidays => view! { <HolidaysPage /> }.into_any(),
        Place::Alerts => view! { <AlertsPage /> }.into_any(),
        Place::Ledger => view! { <LedgerPage /> }.into_any(),
        Place::Help => view! { <HelpIndexPage /> }.into_any(),
        Place::Chapter(chapter) => view! { <HelpPage chapter /> }.into_any(),
        // Only for the first sign-in; later the password is among the settings.
        Place::Password => view! { <Redirect path="/console/settings" /> }.into_any(),
        Place::SignIn => {
            let next = use_location().query.with_untracked(|q| q.get("next").unwrap_or_default());
            view! { <Redirect path=next_path(&next).to_owned() /> }.into_any()
        }
        Place::Nowhere => view! { <Nowhere /> }.into_any(),
    }
}

/// Nothing is at this address.
#[component]
fn Nowhere() -> impl IntoView {
    #[cfg(feature = "ssr")]
    ui::server::set_status(404);
    view! {
        <Page title="このページは見つかりません" sentence="消されたか、場所が変わったか、アドレスがちがっています。">
            <div class="acts">
                <LinkButton href="/console" kind=Kind::Act icon=IconName::Home>
                    "ホームへ"
                </LinkButton>
                <LinkButton href="/console/help">"ヘルプを見る"</LinkButton>
            </div>
        </Page>
    }
}

/// The console: everything under `/console`.
#[component]
pub fn Console() -> impl IntoView {
    match SharedValue::new(entrance).into_inner() {
        Ok(entrance) => view! { <Inside entrance /> }.into_any(),
        Err(error) => {
            view! { <main id="main" class="main"><ErrorPage error retry_href="/console" /></main> }
                .into_any()
        }
    }
}

#[component]
fn Inside(entrance: Entrance) -> impl IntoView {
    let Entrance { city, address, me } = entrance;
    let place = place();
    match me {
        None => {
            let signing_in = Memo::new(move |_| place.with(|p| *p == Place::SignIn));
            (move || {
                if signing_in.get() {
                    view! { <SignInPage city=city.clone() address=address.clone() /> }.into_any()
                } else {
                    view! { <Redirect path=sign_in_path() /> }.into_any()
                }
            })
            .into_any()
        }
        Some(me) if me.must_change => view! { <FirstPasswordPage city name=me.name /> }.into_any(),
        Some(me) => view! { <Pages me place /> }.into_any(),
    }
}

fn place() -> Memo<Place> {
    let path = use_location().pathname;
    Memo::new(move |_| path.with(|path| Place::of(path)))
}

/// The sign-in page, which leads back to where somebody wanted to go.
fn sign_in_path() -> String {
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let wanted =
        if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
    let next = next_path(&wanted);
    let next = if next == "/console" { "" } else { next };
    ui::address::with_query("/console/signin", &[("next", next.to_owned())])
}

/// The frame stays while pages change; only editors leave it.
#[component]
fn Pages(me: Me, place: Memo<Place>) -> impl IntoView {
    provide_context(me.clone());
    let watch = Watch::begin(&me);
    provide_context(watch);
    provide_context(OverPages(ViewFn::from(
        move || view! { <RunningBars running=watch.running /> },
    )));
    let may_switch = me.may(Permission::MenuEmergency);
    let emergencies = Emergencies::provide(may_switch);
    let editing = Memo::new(move |_| place.with(Place::is_editor));
    // While one leaves, either half must not show the other's page. Each place is a page of its
    // own, never the former one changed in place: fields and focus belong to one page alone.
    let half = move |editors: bool| {
        let shown = move || place.with(|p| (p.is_editor() == editors).then(|| p.clone()));
        view! { <For each=shown key=Place::clone children=page /> }.into_any()
    };
    let shown = move || {
        if editing.get() {
            half(true)
        } else {
            let me = me.clone();
            view! { <Frame me>{half(false)}</Frame> }.into_any()
        }
    };
    view! {
        {shown}
        <Staying watch />
        {may_switch.then(|| view! { <EmergencyDialog emergencies /> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::AlertId;

    #[test]
    fn addresses_lead_to_pages() {
        for (path, place) in [
            ("/console", Place::Home),
            ("/console/", Place::Home),
            ("/console/search", Place::Search),
            ("/console/deliveries", Place::Deliveries),
            ("/console/deliveries/new", Place::NewDelivery),
            ("/console/deliveries/calendar", Place::Calendar),
            ("/console/deliveries/templates", Place::Templates),
            ("/console/deliveries/steps", Place::Courses),
            ("/console/deliveries/steps/3", Place::Course(CourseId(3))),
            ("/console/deliveries/steps/3/preview", Place::CoursePreview(CourseId(3))),
            ("/console/deliveries/steps/3/0", Place::Step(CourseId(3), 0)),
            ("/console/deliveries/periods", Place::Periods),
            ("/console/deliveries/42", Place::Delivery(DeliveryId(42))),
            ("/console/deliveries/42/edit", Place::Composer(DeliveryId(42))),
            ("/console/deliveries/42/certificate", Place::Certificate(DeliveryId(42))),
            ("/console/deliveries/42/report", Place::Report(Of::Delivery(DeliveryId(42)))),
            ("/console/settings/alerts/7", Place::Report(Of::Alert(AlertId(7)))),
            ("/console/residents/figures", Place::Figures),
            ("/console/audiences/new", Place::Audience(None)),
            ("/console/audiences/lists", Place::Rosters),
            ("/console/audiences/lists/new", Place::Roster(None)),
            ("/console/audiences/lists/7", Place::Roster(Some(RosterId(7)))),
            ("/console/menus", Place::Menus),
            ("/console/menus/emergency", Place::Emergency),
            ("/console/menus/program", Place::Program),
            ("/console/menus/7/figures", Place::MenuFigures(MenuId(7))),
            ("/console/menus/7", Place::Menu(MenuId(7))),
            ("/console/forms", Place::Forms),
            ("/console/forms/new", Place::NewForm),
            ("/console/forms/lists", Place::Eligibility),
            ("/console/forms/5", Place::Form(FormId(5))),
            ("/console/forms/5/edit", Place::Builder(FormId(5))),
            ("/console/forms/5/history", Place::FormHistory(FormId(5))),
            ("/console/forms/5/poster", Place::Poster(FormId(5))),
            ("/console/forms/5/answers", Place::AnswerTable(FormId(5))),
            ("/console/forms/5/figures", Place::FormFigures(FormId(5))),
            ("/console/forms/5/export", Place::Export(FormId(5))),
            ("/console/answers", Place::Answers),
            ("/console/answers/9", Place::Answer(AnswerId(9))),
            ("/console/attributes/3", Place::Attribute(Some(AttributeId(3)))),
            ("/console/settings/staff/new", Place::Staff(None)),
            ("/console/settings/alerts", Place::Alerts),
            ("/console/help/start", Place::Chapter("start".into())),
            ("/console/password", Place::Password),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }

    #[test]
    fn other_addresses_lead_nowhere() {
        for path in [
            "/console/nowhere",
            "/console/deliveries/0",
            "/console/deliveries/x",
            "/console/deliveries/-1",
            "/console/deliveries/99999999999999999999",
            "/console/deliveries/1/2",
            "/console/console",
        ] {
            assert_eq!(Place::of(path), Place::Nowhere, "{path}");
        }
    }
}
