//! Every function of the store either refuses who lacks its permission, or is named
//! here with the reason why it asks for none (ADM-2).

use crate::blobs::picture;
use crate::city::{attribute, choice, is, new_delivery};
use crate::support::{NOON, Test, both};
use domain::attribute::{Catalog, Kind};
use domain::audience::{Among, Audience, Resolved};
use domain::delivery::period::Span;
use domain::delivery::{Draft, Purpose};
use domain::id::{
    AlertId, AnswerId, BlobId, DepartmentId, EligibilityId, ExportId, ResidentId, StaffId, TokenId,
    ViewId,
};
use domain::permission::{Actor, Forbidden, Permission as P, Role};
use domain::steps::{Anchor, Content};
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use store::roster::Found;
use store::staff::New;
use store::{Context, Error, Result};

/// Functions that ask for no permission, and why they need none.
const OPEN: &[(&str, &str)] = &[
    ("whoever registers sees the questions", "attribute::catalog"),
    (
        "workers: they act as the system",
        "delivery::hold delivery::due delivery::urgent_leaves delivery::freeze",
    ),
    ("workers", "delivery::keep_quota delivery::without_breakdown delivery::keep_breakdown"),
    (
        "rules of the city that everybody may know",
        "delivery::rules delivery::gates menu::rule menu::switches",
    ),
    ("workers: they act as the system", "delivery::postpone alert::watch alert::stand_by"),
    (
        "workers, and a trial to the own address",
        "mail::send mail::claim mail::settle mail::backlog mail::forget",
    ),
    ("workers: they act as the system", "delivery::occur holiday::seed"),
    ("workers: they act as the system", "steps::due steps::occur steps::set_aside"),
    ("what residents were told already", "delivery::public_corrections"),
    (
        "whoever knows a form's address may read what residents get, and prove to be on its list",
        "form::published form::public_version eligibility::asked eligibility::check eligibility::admitted",
    ),
    ("a tester reaches what was shown to testers, and nobody else anything", "form::trial"),
    (
        "whoever answers reaches what is theirs only, by a holder",
        "answer::send answer::sent answer::correct answer::withdraw answer::mine answer::one_of_mine answer::own_count answer::draft answer::save_draft answer::drop_draft answer::drafts answer::add_file answer::admit_upload answer::drop_file answer::file answer::files",
    ),
    ("numbers of the own department, none for others", "answer::unread answer::unread_forms"),
    (
        "workers",
        "answer::forget answer::catch_up answer::digest answer::claim_export answer::step_export answer::keep_export answer::end_export answer::fail_export answer::leave_export answer::free_exports",
    ),
    ("by names that answer::export_file gave", "answer::export_piece"),
    (
        "workers",
        "outbox::claim outbox::is_stopped outbox::on_its_way outbox::next_due outbox::free_leases outbox::push outbox::reserve outbox::settle outbox::finish_bitmaps outbox::unfinished outbox::forget",
    ),
    (
        "LINE brings these, not people",
        "inbox::store inbox::claim inbox::done inbox::failed inbox::unsend inbox::forget inbox::backlog inbox::body",
    ),
    ("LINE brings these, not people", "reply::keep"),
    (
        "LINE brings these, not people",
        "resident::follow resident::unfollow resident::sync resident::visit resident::find resident::line_user resident::set_attribute resident::due resident::keep",
    ),
    ("the actor's own data only", "resident::registration resident::register"),
    (
        "they decide who the actor is",
        "resident::session resident::session_resident session::open session::current session::glance session::throttle session::failed session::succeeded staff::password token::actor",
    ),
    (
        "after the permission of what is asked for",
        "idempotency::begin idempotency::end idempotency::known idempotency::is_of",
    ),
    (
        "everybody writes to it, nobody reads by it",
        "ledger::append ledger::note ledger::seal ledger::verify",
    ),
    ("the city's name and the state of workers", "setting::get setting::set setting::city"),
    (
        "workers",
        "menu::epoch menu::install menu::lines menu::arrived menu::forgotten menu::slip menu::linked menu::users menu::spend menu::spent menu::heard menu::unheard menu::standings menu::touched menu::add_taps menu::figures_due menu::keep_figures menu::end_late_trial menu::keep_pages menu::short work::hold",
    ),
    ("LINE brings these, not people", "menu::hear menu::tab menu::choose menu::switch"),
    ("whoever sees a menu may follow its addresses", "menu::target"),
    (
        "whoever knows a picture's name may fetch it: LINE, the phones",
        "blob::picture blob::read blob::video blob::piece",
    ),
    (
        "workers",
        "insight::unit insight::due insight::slot insight::taken insight::later link::add link::drawn",
    ),
    ("whoever was sent a short address may follow it", "link::target"),
    ("workers and the command line", "blob::rotate blob::sweep blob::count blob::check"),
    ("the server with its own files, which every browser gets", "site::publish site::read"),
    (
        "workers",
        "work::take work::done work::failed work::give_back work::last work::is_due work::rotate work::erase_left",
    ),
    (
        "counts without anybody's data, the sample city",
        "figure::set_past figure::known sample::past metrics::metrics metrics::contact",
    ),
];

fn no_blob() -> BlobId {
    BlobId::from_random([9; 20])
}

type Act = Box<dyn Fn(Context) -> BoxFuture<'static, Result<()>>>;

macro_rules! table {
    ($($permission:ident $name:literal |$ctx:ident| $act:expr;)*) => {
        vec![$(($name, P::$permission, Box::new(move |$ctx: Context| -> BoxFuture<'static, Result<()>> {
            Box::pin(async move { $act.await.map(drop) })
        }) as Act),)*]
    };
}

async fn guarded(t: &Test) -> Vec<(&'static str, P, Act)> {
    use store::{
        alert as n, answer as z, attribute as a, audience as u, blob as b, delivery as d,
        delivery::approval as v, delivery::gate as g, delivery::recurring as w, eligibility as el,
        figure as f, form as fm, holiday as h, insight as i, ledger as l, link as x, menu as m,
        outbox as o, resident as r, roster as y, session as e, staff as s, steps as q, token as k,
    };
    let attribute_id = t.city().await.attributes[0].id;
    let new_attribute =
        || attribute("new", "新しい項目", Kind::Single, vec![choice("a", "あ", None)]);
    let who = || is("topics", &["waste"]);
    let saved = u::create(&t.ctx, "保存", &Audience::Everyone).await.unwrap();
    let list = y::create(&t.ctx, "名簿", &Found::default()).await.unwrap();
    let draft = d::draft(&t.ctx, Draft::default()).await.unwrap();
    let course = q::create(&t.ctx, "子", &Content::default()).await.unwrap();
    let begun = q::get(&t.ctx, course).await.unwrap().updated_at;
    let menu = m::create(&t.ctx, &crate::menus::menu(&t.ctx).await).await.unwrap();
    let blank = || domain::menu::Menu::new("名前", DepartmentId(1));
    m::publish(&t.ctx, menu, 1).await.unwrap();
    let form = crate::forms::definition();
    let kept = fm::create(&t.ctx, "犬", &form, &Default::default()).await.unwrap();
    let template = d::template::create(&t.ctx, "ひな形", &Draft::default()).await.unwrap();
    let scheduled = t.delivery(Purpose::Notice, Audience::Everyone).await;
    let resident = t.friends(1, 1).await[0];
    let (staff, _) = t.staff("1", Role::Admin, "広報課").await;
    e::open(&t.ctx, staff, "", "").await.unwrap();
    let session = e::list(&t.ctx, staff).await.unwrap()[0].id;
    let new_staff = || New {
        number: "9",
        name: "n",
        role: Role::Viewer,
        department: "課",
        password_hash: "h",
        must_change: true,
    };
    table! {
        AttributeWrite "attribute::create" |c| a::create(&c, new_attribute());
        AttributeWrite "attribute::update" |c| a::update(&c, attribute_id, new_attribute());
        AttributeWrite "attribute::update_seen" |c| a::update_seen(&c, attribute_id, &new_attribute(), new_attribute());
        AttributeWrite "attribute::move_by" |c| a::move_by(&c, attribute_id, 1);
        AttributeRead "attribute::uses" |c| a::uses(&c, attribute_id);
        AttributeRead "attribute::answered" |c| a::answered(&c);
        AttributeRead "attribute::grouped" |c| a::grouped(&c);
        AttributeWrite "attribute::delete" |c| a::delete(&c, attribute_id);
        AudienceRead "audience::count" |c| u::count(&c, &Resolved::Everyone);
        AudienceRead "audience::counts" |c| u::counts(&c, &[Resolved::Everyone]);
        AudienceRead "audience::wishes" |c| u::wishes(&c, &Resolved::Everyone);
        AudienceRead "audience::count_rows" |c| u::count_rows(&c, &Resolved::Everyone);
        AudienceRead "audience::list" |c| u::list(&c, "", 0, 1);
        AudienceRead "audience::get" |c| u::get(&c, saved);
        DeliveryRead "audience::uses" |c| u::uses(&c, &who(), 1);
        DeliveryRead "audience::count_uses" |c| u::count_uses(&c, &who());
        AudienceWrite "audience::create" |c| u::create(&c, "新", &who());
        AudienceWrite "audience::update" |c| u::update(&c, saved, NOON, "新", &who());
        AudienceWrite "audience::delete" |c| u::delete(&c, saved);
        AudienceRead "audience::known" |c| u::known(&c, &BTreeSet::from([(Among::List, list.0)]));
        AudienceRead "audience::askable" |c| u::askable(&c, Among::List, "");
        AnswerRead "answer::start_export" |c| z::start_export(&c, kept, Default::default());
        AnswerRead "answer::given_files" |c| z::given_files(&c, kept, AnswerId(1), AnswerId(1));
        AnswerRead "answer::uploads" |c| z::uploads(&c, kept);
        AnswerRead "answer::exports" |c| z::exports(&c, kept);
        AnswerRead "answer::export_file" |c| z::export_file(&c, ExportId(1));
        AnswerRead "answer::drop_export" |c| z::drop_export(&c, ExportId(1));
        AnswerRead "answer::views" |c| z::views(&c, kept);
        AnswerRead "answer::save_view" |c| z::save_view(&c, kept, "x", false, &Default::default());
        AnswerRead "answer::rename_view" |c| z::rename_view(&c, ViewId(1), "x");
        AnswerRead "answer::drop_view" |c| z::drop_view(&c, ViewId(1));
        AudienceRead "roster::list" |c| y::list(&c, "", 0, 1);
        AudienceRead "roster::get" |c| y::get(&c, list);
        AudienceRead "roster::uses" |c| y::uses(&c, list);
        ListWrite "roster::create" |c| y::create(&c, "新", &Found::default());
        ListWrite "roster::replace" |c| y::replace(&c, list, NOON, &Found::default());
        ListWrite "roster::rename" |c| y::rename(&c, list, NOON, "新");
        ListWrite "roster::delete" |c| y::delete(&c, list);
        ListWrite "roster::by_users" |c| y::by_users(&c, &[]);
        ListWrite "roster::by_texts" |c| y::by_texts(&c, attribute_id, vec![]);
        DeliveryRead "delivery::sent_between" |c| d::sent_between(&c, Span::default(), None);
        DeliveryRead "delivery::sums" |c| d::sums(&c, &[], None);
        DeliveryRead "delivery::first_sent" |c| d::first_sent(&c);
        DeliveryRead "delivery::again" |c| d::again(&c, draft);
        DeliveryRead "delivery::outlook" |c| d::outlook(&c, draft);
        DeliveryWrite "delivery::resend" |c| d::resend(&c, draft);
        DeliveryWrite "delivery::restore" |c| d::restore(&c, draft, Draft::default());
        DeliveryWrite "blob::put" |c| b::put(&c, &picture());
        DeliveryWrite "blob::write_video" |c| b::write_video(&c);
        DeliveryRead "blob::missing" |c| b::missing(&c, &[]);
        DeliveryRead "delivery::get" |c| d::get(&c, draft);
        DeliveryRead "delivery::list" |c| d::list(&c, &d::Query::default());
        DeliveryRead "delivery::ids_before" |c| d::ids_before(&c, None, 1);
        DeliveryRead "delivery::calls" |c| d::calls(&c, draft);
        DeliveryRead "delivery::happenings" |c| d::happenings(&c, draft);
        DeliveryRead "delivery::reasons" |c| d::reasons(&c, draft);
        DeliveryRead "delivery::progress" |c| d::progress(&c, draft);
        DeliveryRead "delivery::quota_left" |c| d::quota_left(&c);
        DeliveryRead "delivery::departments" |c| d::departments(&c);
        ResidentRead "delivery::exceptions" |c| d::exceptions(&c, draft, ResidentId(0));
        DeliveryWrite "delivery::draft" |c| d::draft(&c, Draft::default());
        DeliveryWrite "delivery::save" |c| d::save(&c, draft, NOON, &Draft::default());
        DeliverySend "delivery::create" |c| d::create(&c, &new_delivery(Purpose::Notice, Audience::Everyone, None), None);
        DeliveryWrite "delivery::create_test" |c| d::create_test(&c, draft, "t", &[], None);
        DeliveryWrite "delivery::duplicate" |c| d::duplicate(&c, draft);
        DeliverySend "delivery::schedule" |c| d::schedule(&c, draft, NOON, None);
        DeliveryRead "delivery::approval" |c| v::approval(&c, draft);
        DeliveryRead "delivery::asked_by" |c| v::asked_by(&c, &[draft]);
        DeliveryRead "delivery::unreviewed" |c| v::unreviewed(&c);
        DeliveryRead "delivery::returned" |c| v::returned(&c);
        DeliveryWrite "delivery::request" |c| v::request(&c, draft, NOON, None, 1, "");
        DeliverySend "delivery::approve" |c| v::approve(&c, draft, NOON, 1);
        DeliverySend "delivery::send_back" |c| v::send_back(&c, draft, "");
        DeliverySend "delivery::withdraw" |c| v::withdraw(&c, scheduled);
        DeliverySend "delivery::send_unapproved" |c| v::send_unapproved(&c, draft, NOON, 1, "");
        DeliverySend "delivery::review" |c| v::review(&c, draft);
        DeliverySend "delivery::approve_held" |c| v::approve_held(&c, draft, 1);
        SettingWrite "delivery::set_gates" |c| g::set_gates(&c, domain::delivery::gate::Gates::default());
        SettingWrite "delivery::set_quiet" |c| g::set_quiet(&c, None);
        SettingWrite "delivery::set_budget" |c| g::set_budget(&c, None);
        DeliveryWrite "delivery::decide_night" |c| g::decide_night(&c, draft, None);
        DeliveryRead "delivery::night" |c| g::night(&c, draft);
        DeliveryRead "delivery::nightly" |c| g::nightly(&c);
        DeliveryRead "delivery::former" |c| g::former(&c, None, Purpose::Notice);
        AudienceRead "delivery::live" |c| d::fatigue::live(&c, &Resolved::Everyone, Purpose::Notice, domain::delivery::gate::Budget::OFTEN);
        AudienceRead "delivery::has_unwilling" |c| d::has_unwilling(&c, Purpose::Notice);
        ResidentRead "delivery::belongs" |c| d::belongs(&c, &Resolved::Everyone, Purpose::Notice, resident);
        ResidentRead "delivery::who" |c| d::fatigue::who(&c, draft);
        DeliveryRead "alert::open" |c| n::open(&c);
        DeliveryRead "alert::open_count" |c| n::open_count(&c);
        DeliveryRead "alert::list" |c| n::list(&c, None, 1);
        DeliveryRead "alert::get" |c| n::get(&c, AlertId(1));
        DeliveryRead "alert::of_delivery" |c| n::of_delivery(&c, draft);
        DeliveryRead "alert::silence" |c| n::silence(&c);
        DeliveryRead "alert::see" |c| n::see(&c, AlertId(1));
        StaffRead "alert::contact" |c| n::contact(&c, staff);
        StaffWrite "alert::unheard" |c| n::unheard(&c);
        StaffWrite "alert::set_contact" |c| n::set_contact(&c, staff, &domain::alert::Contact::default());
        SettingWrite "delivery::set_rules" |c| v::set_rules(&c, domain::delivery::approval::Rules::default());
        DeliverySend "delivery::retract" |c| d::retract(&c, scheduled, "訂正", &[], &[], None);
        DeliveryRead "delivery::corrections" |c| d::corrections(&c, scheduled);
        DeliverySend "delivery::pause" |c| w::pause(&c, scheduled);
        DeliverySend "delivery::resume" |c| w::resume(&c, scheduled);
        DeliverySend "delivery::skip" |c| w::skip(&c, scheduled, NOON);
        DeliverySend "delivery::end" |c| w::end(&c, scheduled);
        DeliveryWrite "delivery::edit" |c| w::edit(&c, draft);
        DeliveryRead "delivery::draft_of" |c| w::draft_of(&c, draft);
        DeliveryRead "delivery::in_force" |c| w::in_force(&c);
        DeliveryRead "delivery::by_parts" |c| d::by_parts(&c, &[vec![draft]], &[]);
        DeliveryRead "delivery::kept_breakdowns" |c| d::kept_breakdowns(&c, &[draft], None);
        DeliveryRead "insight::askable" |c| i::askable(&c, draft);
        DeliveryRead "insight::of" |c| i::of(&c, draft);
        DeliveryRead "insight::of_each" |c| i::of_each(&c, &[draft]);
        DeliveryRead "link::of" |c| x::of(&c, draft);
        DeliveryRead "link::of_each" |c| x::of_each(&c, &[draft]);
        DeliveryRead "link::by_hour" |c| x::by_hour(&c, draft);
        FormRead "form::list" |c| fm::list(&c, &domain::form::kept::Filter::default());
        FormRead "form::page" |c| fm::page(&c, None, 1);
        FormRead "form::get" |c| fm::get(&c, kept);
        FormRead "form::versions" |c| fm::versions(&c, kept);
        FormRead "form::version" |c| fm::version(&c, kept, 1);
        FormRead "form::copy" |c| fm::copy(&c, kept);
        FormRead "form::awaiting" |c| fm::awaiting(&c, 1);
        FormRead "form::returned" |c| fm::returned(&c);
        FormWrite "form::ask" |c| fm::ask(&c, kept, 1, "");
        FormWrite "form::withdraw" |c| fm::withdraw(&c, kept);
        FormPublish "form::send_back" |c| fm::send_back(&c, kept, "");
        FormWrite "form::create" |c| fm::create(&c, "犬", &crate::forms::definition(), &Default::default());
        FormWrite "form::import" |c| fm::import(&c, "犬", &crate::forms::definition(), &Default::default(), &Default::default());
        FormWrite "form::try_out" |c| fm::try_out(&c, kept, 1, "[]");
        FormWrite "form::save" |c| fm::save(&c, kept, 1, "犬", &crate::forms::definition(), &Default::default());
        FormWrite "form::restore" |c| fm::restore(&c, kept, 1, 1);
        FormPublish "form::publish" |c| fm::publish(&c, kept, 1);
        FormPublish "form::close" |c| fm::close(&c, kept);
        FormPublish "form::reopen" |c| fm::reopen(&c, kept);
        FormPublish "form::archive" |c| fm::archive(&c, kept);
        FormPublish "form::unarchive" |c| fm::unarchive(&c, kept);
        AnswerRead "answer::list" |c| z::list(&c, &domain::form::inbox::Filter::default());
        AnswerRead "answer::get" |c| z::get(&c, AnswerId(1));
        AnswerRead "answer::events" |c| z::events(&c, AnswerId(1));
        AnswerRead "answer::given" |c| z::given(&c, kept, None, 1);
        AnswerRead "answer::newest" |c| z::newest(&c, kept, &Default::default(), None, 1);
        AnswerRead "answer::count" |c| z::count(&c, kept);
        AnswerRead "answer::mark" |c| z::mark(&c, &[(AnswerId(1), NOON)], true);
        AnswerRead "answer::note_export" |c| z::note_export(&c, kept, 1);
        AnswerRead "answer::staff_file" |c| z::staff_file(&c, AnswerId(1), &no_blob(), false);
        AnswerRead "answer::given_file" |c| z::given_file(&c, kept, AnswerId(1), &no_blob());
        AnswerWrite "answer::set_status" |c| z::set_status(&c, AnswerId(1), 1, "new", "");
        AnswerWrite "answer::set_staff" |c| z::set_staff(&c, AnswerId(1), 1, &Default::default());
        FormRead "eligibility::list" |c| el::list(&c);
        FormWrite "eligibility::keep" |c| el::keep(&c, None, "名簿", &[], &[], &[]);
        FormWrite "eligibility::delete" |c| el::delete(&c, EligibilityId(1));
        FormWrite "form::delete" |c| fm::delete(&c, kept);
        DeliveryRead "template::list" |c| d::template::list(&c, "", 0, 1);
        DeliveryWrite "template::create" |c| d::template::create(&c, "t", &Draft::default());
        DeliveryWrite "template::rename" |c| d::template::rename(&c, template, "u");
        DeliveryWrite "template::begin" |c| d::template::begin(&c, template);
        DeliveryWrite "template::delete" |c| d::template::delete(&c, template);
        DeliveryRead "steps::list" |c| q::list(&c);
        DeliveryRead "steps::get" |c| q::get(&c, course);
        DeliveryRead "steps::events" |c| q::events(&c, course);
        DeliveryRead "reply::of" |c| store::reply::of(&c, scheduled);
        DeliveryRead "steps::figures" |c| q::figures(&c, course);
        DeliveryRead "steps::days" |c| q::days(&c, NOON.date(), NOON.date(), None);
        DeliveryRead "steps::exported" |c| q::exported(&c, course);
        DeliveryWrite "steps::create" |c| q::create(&c, "子", &Content::default());
        DeliveryWrite "steps::copy" |c| q::copy(&c, course);
        DeliveryWrite "steps::save" |c| q::save(&c, course, NOON, "子", &Content::default(), "course.update");
        DeliveryWrite "steps::discard" |c| q::discard(&c, course);
        DeliveryWrite "steps::request" |c| q::request(&c, course, begun, 1, "");
        DeliveryWrite "steps::withdraw" |c| q::withdraw(&c, course);
        DeliveryWrite "steps::delete" |c| q::delete(&c, course);
        DeliverySend "steps::send_back" |c| q::send_back(&c, course, "");
        DeliverySend "steps::begin" |c| q::begin(&c, course, begun, None);
        DeliverySend "steps::pause" |c| q::pause(&c, course);
        DeliverySend "steps::resume" |c| q::resume(&c, course, "");
        DeliverySend "steps::end" |c| q::end(&c, course);
        AudienceRead "steps::people" |c| q::people(&c, &Catalog::default(), &Content::default());
        ResidentRead "steps::day_of" |c| q::day_of(&c, &Catalog::default(), &Anchor::Friend, resident);
        ResidentRead "steps::matches" |c| q::matches(&c, &Resolved::Everyone, resident);
        ResidentRead "steps::examples" |c| q::examples(&c, &Catalog::default(), &Content::default(), 1);
        ResidentRead "steps::received" |c| q::received(&c, course, resident);
        DeliveryRead "template::parts" |c| d::template::parts(&c, template);
        DeliveryRead "holiday::list" |c| h::list(&c, 2026);
        DeliveryRead "holiday::known" |c| h::known(&c);
        SettingWrite "holiday::add" |c| h::add(&c, None, None, "休み");
        SettingWrite "holiday::remove" |c| h::remove(&c, NOON.date(), true);
        DeliverySend "delivery::release" |c| d::release(&c, scheduled);
        DeliverySend "delivery::cancel" |c| d::cancel(&c, scheduled);
        DeliveryWrite "delivery::delete" |c| d::delete(&c, draft);
        AudienceRead "figure::now" |c| f::now(&c);
        AudienceRead "figure::snapshot" |c| f::snapshot(&c);
        AudienceRead "figure::days" |c| f::days(&c, "", NOON.date(), NOON.date());
        AudienceRead "figure::by_choice" |c| f::by_choice(&c);
        LedgerRead "ledger::list" |c| l::list(&c, &l::Query::default());
        LedgerRead "ledger::about" |c| l::about(&c, "delivery:1");
        DeliveryRead "ledger::seal_of_delivery" |c| l::seal_of_delivery(&c, draft);
        ResidentRead "outbox::received" |c| o::received(&c, scheduled, resident);
        ResidentImport "resident::import" |c| r::import(&c, vec![]);
        ResidentImport "resident::many_came" |c| r::many_came(&c);
        ResidentExport "resident::export_page" |c| r::export_page(&c, ResidentId(0));
        ResidentRead "resident::list" |c| r::list(&c, &r::Query::default());
        ResidentRead "resident::get" |c| r::get(&c, resident);
        ResidentRead "resident::history" |c| r::history(&c, resident);
        DeliverySend "resident::set_tester" |c| r::set_tester(&c, resident, None);
        DeliveryRead "resident::testers" |c| r::testers(&c);
        MenuRead "menu::list" |c| m::list(&c, &domain::menu::Filter::default());
        MenuRead "menu::get" |c| m::get(&c, menu);
        MenuRead "menu::versions" |c| m::versions(&c, menu);
        MenuRead "menu::version" |c| m::version(&c, menu, 1);
        MenuRead "menu::names" |c| m::names(&c);
        MenuRead "menu::existing" |c| m::existing(&c);
        MenuRead "menu::in_force" |c| m::in_force(&c);
        MenuRead "menu::program" |c| m::program(&c);
        MenuRead "menu::program_in_force" |c| m::program_in_force(&c);
        MenuWrite "menu::create" |c| m::create(&c, &blank());
        MenuWrite "menu::copy" |c| m::copy(&c, menu);
        MenuWrite "menu::save" |c| m::save(&c, menu, 1, &blank());
        MenuWrite "menu::rename" |c| m::rename(&c, menu, 1, "名前");
        MenuWrite "menu::try_out" |c| m::try_out(&c, menu, 1);
        MenuWrite "menu::end_trial" |c| m::end_trial(&c, menu);
        MenuWrite "menu::archive" |c| m::archive(&c, menu);
        MenuWrite "menu::unarchive" |c| m::unarchive(&c, menu);
        MenuWrite "menu::delete" |c| m::delete(&c, menu);
        MenuRead "menu::usage" |c| m::usage(&c, menu);
        MenuPublish "menu::publish" |c| m::publish(&c, menu, 1);
        MenuPublish "menu::save_program" |c| m::save_program(&c, 1, &domain::menu::Program::new(menu));
        MenuPublish "menu::publish_program" |c| m::publish_program(&c, 1, &Catalog::default());
        MenuPublish "menu::publish_program_with" |c| m::publish_program_with(&c, 1, &Catalog::default(), &[(menu, 1)]);
        MenuPublish "menu::try_program" |c| m::try_program(&c, 1, &Catalog::default(), 24);
        MenuPublish "menu::end_program_trial" |c| m::end_program_trial(&c);
        MenuRead "menu::program_tried" |c| m::program_tried(&c);
        MenuRead "menu::declared" |c| m::declared(&c, 1);
        MenuRead "menu::declared_now" |c| m::declared_now(&c);
        MenuRead "menu::taps" |c| m::taps(&c, menu, NOON.date(), NOON.date());
        MenuRead "menu::figures" |c| m::figures(&c, menu, 7);
        MenuEmergency "menu::declare" |c| m::declare(&c, domain::menu::Disaster::Storm, domain::menu::Mode::Drill);
        SettingWrite "menu::set_rule" |c| m::set_rule(&c, None);
        MenuRead "menu::drilled" |c| m::drilled(&c, menu);
        MenuRead "menu::pages_due" |c| m::pages_due(&c);
        MenuEmergency "menu::end" |c| m::end(&c, domain::menu::Mode::Drill);
        AudienceRead "audience::partition" |c| u::partition(&c, &[Resolved::Everyone], None);
        MenuWrite "blob::put_for_menus" |c| b::put_for_menus(&c, &picture());
        StaffRead "session::list" |c| e::list(&c, staff);
        StaffWrite "session::end" |c| e::end(&c, session);
        StaffRead "staff::list" |c| s::list(&c, "", 0, 1);
        StaffRead "staff::get" |c| s::get(&c, staff);
        DeliveryRead "staff::departments" |c| s::departments(&c);
        StaffWrite "staff::department" |c| s::department(&c, "課");
        StaffWrite "staff::create" |c| s::create(&c, new_staff());
        StaffWrite "staff::update" |c| s::update(&c, staff, "n", Role::Admin, "課", false);
        StaffWrite "staff::set_password" |c| s::set_password(&c, staff, "h", None);
        StaffWrite "token::create" |c| k::create(&c, "t", &[]);
        StaffWrite "token::revoke" |c| k::revoke(&c, TokenId(1));
    }
}

#[test]
fn who_lacks_the_permission_is_refused() {
    both(async |t| {
        let rows = guarded(&t).await;
        let ledger = t.number("SELECT COUNT(*) AS n FROM ledger").await;
        for (name, permission, act) in &rows {
            let others = P::ALL.iter().copied().filter(|p| p != permission).collect();
            let refused = act(t.acting(Actor::Token { id: TokenId(1), permissions: others })).await;
            assert!(
                matches!(refused, Err(Error::Forbidden(Forbidden(p))) if p == *permission),
                "{name}: {refused:?}"
            );
            for actor in [
                Actor::Nobody,
                Actor::Resident(ResidentId(1)),
                Actor::Token { id: TokenId(1), permissions: vec![] },
            ] {
                let refused = act(t.acting(actor.clone())).await;
                assert!(
                    matches!(refused, Err(Error::Forbidden(_))),
                    "{name} as {actor:?}: {refused:?}"
                );
            }
            for role in Role::ALL {
                // Another member of staff, of another department.
                let staff =
                    Actor::Staff { id: StaffId(99), department: DepartmentId(99), role: *role };
                if !role.permissions().contains(permission) {
                    let refused = act(t.acting(staff)).await;
                    assert!(
                        matches!(refused, Err(Error::Forbidden(_))),
                        "{name} as {role:?}: {refused:?}"
                    );
                }
            }
        }
        assert_eq!(
            t.number("SELECT COUNT(*) AS n FROM ledger").await,
            ledger,
            "no refused act left a line"
        );
        for (name, _, act) in &rows {
            let allowed =
                act(t.acting(Actor::Token { id: TokenId(1), permissions: P::ALL.to_vec() })).await;
            assert!(
                !matches!(
                    allowed,
                    Err(Error::Forbidden(_) | Error::Database(_) | Error::Inconsistent(_))
                ),
                "{name}: {allowed:?}"
            );
        }
    });
}

#[test]
fn no_function_is_forgotten() {
    both(async |t| {
        let guarded = guarded(&t).await;
        let listed: Vec<&str> = guarded
            .iter()
            .map(|(name, ..)| *name)
            .chain(OPEN.iter().flat_map(|(_, names)| names.split(' ')))
            .collect();
        let unique: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(unique.len(), listed.len(), "a name stands there twice");
        let found = functions();
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(
            found.difference(&unique).collect::<Vec<_>>(),
            [&""; 0],
            "neither guarded nor open"
        );
        assert_eq!(unique.difference(&found).collect::<Vec<_>>(), [&""; 0], "no longer there");
    });
}

/// `module::name` of every public function that takes a context.
fn functions() -> BTreeSet<String> {
    let root = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("src");
    let mut folders = vec![root.clone()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path
                .strip_prefix(&root)
                .unwrap()
                .iter()
                .next()
                .unwrap()
                .to_string_lossy()
                .trim_end_matches(".rs")
                .to_owned();
            // Their functions have the names of those of deliveries.
            let module = if path.ends_with("template.rs") { "template".to_owned() } else { module };
            let source = std::fs::read_to_string(&path).unwrap();
            for part in source.split("pub async fn ").skip(1) {
                let (name, rest) = part.split_once(['(', '<']).unwrap();
                if rest
                    .split_once("ctx: &Context")
                    .is_some_and(|(before, _)| !before.contains(')') && !before.contains("self"))
                {
                    found.insert(format!("{module}::{name}"));
                }
            }
        }
    }
    found
}
