//! この人には何が出るか: the phone of a resident, or of somebody who is described, by what is
//! written or published, on a quiet day or in an emergency (RES-6).

use super::state::Editing;
use crate::menu::picture::drawing;
use crate::menu::preview::{act_at, as_object};
use crate::resident::ResidentFinder;
use crate::shell::use_me;
use domain::attribute::edit::in_tree_order;
use domain::attribute::{Attribute, Catalog, Kind as Answer, Value};
use domain::id::{AttributeId, ChoiceId, ResidentId};
use domain::menu::render::bar;
use domain::menu::{Act, Disaster, Mode, Previewed, Program, When, Whose};
use domain::permission::Permission;
use domain::resident::Resident;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::codec::Json;
use std::collections::{BTreeMap, BTreeSet};
use ui::prelude::*;

/// The menu that somebody would get: by `program` as it is written, or by the published one.
///
/// # Errors
/// `Forbidden`, `NotFound`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn", input = Json)]
pub async fn preview_menu(
    program: Option<Program>,
    whose: Whose,
    when: When,
) -> Result<Option<Previewed>, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::preview(&staff.platform, &staff.ctx, program, &whose, when).await?)
}

/// Residents who can be looked at: who has that number; without one the testers first, and
/// then who came last.
///
/// # Errors
/// `Invalid` at `number`; `Forbidden`, `SignInNeeded`; if the database is away.
#[server(prefix = "/console/fn")]
pub async fn menu_residents(number: String) -> Result<Vec<Resident>, AppError> {
    crate::resident::to_look_at(&crate::server::staff()?.ctx, &number).await
}

/// What is chosen; `Copy`.
#[derive(Clone, Copy)]
struct Asking {
    /// By what is written, not by what is published.
    written: RwSignal<bool>,
    /// A resident, not somebody who is described.
    known: RwSignal<bool>,
    resident: RwSignal<Option<ResidentId>>,
    chosen: RwSignal<BTreeMap<AttributeId, BTreeSet<ChoiceId>>>,
    typed: RwSignal<BTreeMap<AttributeId, String>>,
    when: Signal<When>,
    /// What the program asks of residents, by the attributes' ids.
    asked: Memo<Vec<AttributeId>>,
    answer: RwSignal<Option<Result<Option<Previewed>, String>>>,
    busy: RwSignal<bool>,
    /// Only the last answer counts.
    turn: StoredValue<u32>,
    editing: Editing,
}

impl Asking {
    fn whose(self) -> Option<Whose> {
        if self.known.get_untracked() {
            return self.resident.get_untracked().map(Whose::Resident);
        }
        let asked = self.asked.get_untracked();
        let choices = self.chosen.with_untracked(|all| {
            asked.iter().filter_map(|id| all.get(id)).flatten().copied().collect()
        });
        let values = self.editing.catalog.with_value(|catalog| {
            self.typed.with_untracked(|all| {
                asked
                    .iter()
                    .filter_map(|id| {
                        let kind = catalog.by_id(*id)?.kind;
                        Some((*id, Value::read(kind, all.get(id)?, catalog.today).ok()?))
                    })
                    .collect()
            })
        });
        Some(Whose::Described { choices, values })
    }

    /// What is shown does not hold any more, nor does what is on its way.
    fn forget(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.busy.set(false);
        self.answer.set(None);
    }

    fn ask(self) {
        let Some(whose) = self.whose() else { return };
        let program = self.editing.program;
        let program = self.written.get_untracked().then(|| program.get_untracked());
        let when = self.when.get_untracked();
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.busy.set(true);
        spawn_local(async move {
            let found = preview_menu(program, whose, when).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            self.answer.set(Some(found.map_err(|error| error.message())));
        });
    }
}

/// The situations: those for which a program has something prepared stand at the end.
fn situations(program: Option<&Program>) -> Vec<(When, String)> {
    let mut all =
        vec![(When::Now, "いまのまま".to_owned()), (When::Calm, "災害でないとき".to_owned())];
    for prepared in program.map(|p| &p.emergencies[..]).unwrap_or_default() {
        let (disaster, label) = (prepared.disaster, prepared.disaster.label());
        all.push((
            When::Declared(disaster, Mode::Real),
            format!("緊急メニュー（{label}）を出したとき"),
        ));
        all.push((
            When::Declared(disaster, Mode::Drill),
            format!("訓練で緊急メニュー（{label}）を出したとき"),
        ));
    }
    all
}

/// A situation as it stands in the page.
fn name(when: When) -> String {
    match when {
        When::Now => "now".into(),
        When::Calm => "calm".into(),
        When::Declared(disaster, mode) => format!("{}-{}", mode.name(), disaster.name()),
    }
}

fn parse(name: &str) -> When {
    let declared = name.split_once('-').and_then(|(mode, disaster)| {
        Some(When::Declared(Disaster::parse(disaster)?, Mode::parse(mode)?))
    });
    declared.unwrap_or(if name == "calm" { When::Calm } else { When::Now })
}

/// What a program asks of residents' registrations, in the catalogue's order.
fn asked(program: &Program, catalog: &Catalog) -> Vec<AttributeId> {
    let prepared = program.emergencies.iter().flat_map(|e| &e.variants);
    let keys: BTreeSet<String> = program
        .variants
        .iter()
        .chain(prepared)
        .flat_map(|v| v.audience.uses())
        .map(|(key, _)| key)
        .collect();
    catalog.attributes.iter().filter(|a| keys.contains(&a.key)).map(|a| a.id).collect()
}

/// Whose phone, when, and the phone.
#[component]
pub fn SeenBy(
    /// What is written.
    editing: Editing,
    /// What is published.
    published: Option<Program>,
) -> impl IntoView {
    let may_see = use_me().may(Permission::ResidentRead);
    let published = StoredValue::new(published);
    let written = RwSignal::new(true);
    let wanted = RwSignal::new(When::Now);
    let offered = Memo::new(move |_| match written.get() {
        true => editing.program.with(|p| situations(Some(p))),
        false => published.with_value(|p| situations(p.as_ref())),
    });
    // What is not prepared any more cannot be looked at.
    let when = Memo::new(move |_| {
        let wanted = wanted.get();
        offered.with(|all| all.iter().any(|(when, _)| *when == wanted)).then_some(wanted)
    });
    let when = Signal::derive(move || when.get().unwrap_or_default());
    let asking = Asking {
        written,
        known: RwSignal::new(may_see),
        resident: RwSignal::new(None),
        chosen: RwSignal::new(BTreeMap::new()),
        typed: RwSignal::new(BTreeMap::new()),
        when,
        asked: Memo::new(move |_| {
            let of = |p: &Program| editing.catalog.with_value(|c| asked(p, c));
            match written.get() {
                true => editing.program.with(of),
                false => published.with_value(|p| p.as_ref().map(of)).unwrap_or_default(),
            }
        }),
        answer: RwSignal::new(None),
        busy: RwSignal::new(false),
        turn: StoredValue::new(0),
        editing,
    };
    // Whoever is shown is shown anew in another situation; what was changed is asked for again.
    Effect::new(move |before: Option<(bool, When)>| {
        let now = (written.get(), when.get());
        let shown = asking.answer.with_untracked(Option::is_some) || asking.busy.get_untracked();
        if shown && before.is_some_and(|before| before != now) {
            asking.ask();
        }
        now
    });
    Effect::new(move |first: Option<()>| {
        editing.program.track();
        if first.is_some() && written.get_untracked() {
            asking.forget();
        }
    });
    let known = asking.known;
    let options = Signal::derive(move || {
        let all = offered.get().into_iter();
        all.map(|(when, words)| (name(when), words)).collect::<Vec<_>>()
    });
    let two = |a: (&str, &str), b: (&str, &str)| {
        [a, b].map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec()
    };
    view! {
        <Panel title="この人には何が出るか" note="公開する前に、一人ひとりの画面を確かめられます">
            <div class="program-seen">
                <div class="stack-s">
                    <SegmentedRadio
                        label="どの出し分けで"
                        name="seen-program"
                        value=Signal::derive(move || if written.get() { "written" } else { "published" }.to_owned())
                        options=two(("written", "いま書いているもの"), ("published", "公開中のもの"))
                        on_change=move |value: String| written.set(value == "written")
                    />
                    <Select
                        name="seen-when"
                        label="いつの画面ですか"
                        options
                        value=Signal::derive(move || name(when.get()))
                        on_change=move |chosen: String| wanted.set(parse(&chosen))
                    />
                    {may_see
                        .then(|| {
                            view! {
                                <SegmentedRadio
                                    label="だれの画面ですか"
                                    name="seen-whose"
                                    value=Signal::derive(move || if known.get() { "known" } else { "described" }.to_owned())
                                    options=two(("known", "住民を選ぶ"), ("described", "登録の内容で決める"))
                                    on_change=move |value: String| {
                                        asking.forget();
                                        known.set(value == "known");
                                    }
                                />
                            }
                        })}
                    {move || match known.get() {
                        true => view! { <Residents asking /> }.into_any(),
                        false => view! { <Described asking /> }.into_any(),
                    }}
                </div>
                <Phones asking />
            </div>
        </Panel>
    }
}

/// Testers first; anybody by their number.
#[component]
fn Residents(asking: Asking) -> impl IntoView {
    let row = move |resident: Resident| {
        let id = resident.id;
        let chosen = move || asking.resident.get() == Some(id);
        let name = resident.tester_name.filter(|_| resident.tester);
        view! {
            <li>
                <button
                    type="button"
                    class="btn btn-outline btn-sm"
                    aria-pressed=move || if chosen() { "true" } else { "false" }
                    on:click=move |_| {
                        asking.resident.set(Some(id));
                        asking.ask();
                    }
                >
                    <span>{format!("住民 {}", thousands(id.0))}</span>
                </button>
                {name.map(|name| view! { <span class="sub dense">{format!("試験者：{name}")}</span> })}
            </li>
        }
        .into_any()
    };
    view! {
        <ResidentFinder
            hint="空のままさがすと、試験者から並びます。さがしたことと見たことは、台帳に残ります。"
            pressed="その人の画面が出ます"
            find=menu_residents
            row
        />
    }
}

/// What somebody has registered, as far as the program asks for it.
#[component]
fn Described(asking: Asking) -> impl IntoView {
    let field = move |id: AttributeId| {
        let attribute = asking.editing.catalog.with_value(|c| c.by_id(id).cloned());
        attribute.map(|attribute| match attribute.kind {
            Answer::Single | Answer::Area => one_of(asking, attribute),
            Answer::Multiple => some_of(asking, attribute),
            Answer::Year | Answer::Date | Answer::Text => typed(asking, attribute),
        })
    };
    view! {
        <div class="program-rule">
            <For each=move || asking.asked.get() key=|id| *id let:id>
                {field(id)}
            </For>
        </div>
        {move || asking.asked.with(Vec::is_empty).then(|| view! { <p class="sub dense">"この出し分けは、登録の内容を見ていません。"</p> })}
        <p class="sub dense">"きょう友だちになり、対象者リストに入らず、配信も受け取っていない人として見ます。訓練のときは、試験者として見ます。"</p>
        <p><Button busy=asking.busy on_click=move |_| asking.ask()>"この内容で見る"</Button></p>
    }
}

fn one_of(asking: Asking, attribute: Attribute) -> AnyView {
    let id = attribute.id;
    let mut options = vec![(String::new(), "登録していない".to_owned())];
    options.extend(in_tree_order(&attribute.choices).into_iter().map(|(depth, choice)| {
        (choice.id.to_string(), format!("{}{}", "　".repeat(depth), choice.label))
    }));
    let value = Signal::derive(move || {
        let first = asking.chosen.with(|all| all.get(&id)?.first().copied());
        first.map(|choice| choice.to_string()).unwrap_or_default()
    });
    let choose = move |chosen: String| {
        let chosen = chosen.parse().ok().map(ChoiceId);
        asking.chosen.update(|all| drop(all.insert(id, chosen.into_iter().collect())));
    };
    view! { <Select name=format!("seen-{id}") label=attribute.label options=Signal::stored(options) value on_change=choose /> }
        .into_any()
}

fn some_of(asking: Asking, attribute: Attribute) -> AnyView {
    let id = attribute.id;
    let boxes = attribute
        .choices
        .into_iter()
        .map(|choice| {
            let one = choice.id;
            view! {
                <Checkbox
                    name=format!("seen-{id}")
                    value=one.to_string()
                    checked=Signal::derive(move || asking.chosen.with(|all| all.get(&id).is_some_and(|c| c.contains(&one))))
                    on_change=move |on: bool| asking.chosen.update(|all| {
                        let chosen = all.entry(id).or_default();
                        if on {
                            chosen.insert(one);
                        } else {
                            chosen.remove(&one);
                        }
                    })
                >
                    {choice.label}
                </Checkbox>
            }
        })
        .collect_view();
    view! { <Fieldset id=format!("seen-{id}") legend=attribute.label>{boxes}</Fieldset> }.into_any()
}

fn typed(asking: Asking, attribute: Attribute) -> AnyView {
    let (id, kind) = (attribute.id, attribute.kind);
    let label = attribute.label.clone();
    let error = Signal::derive(move || {
        let text =
            asking.typed.with(|all| all.get(&id).cloned()).filter(|t| !t.trim().is_empty())?;
        let today = asking.editing.catalog.with_value(|c| c.today);
        Value::read(kind, &text, today).err().map(|why| format!("「{label}」{why}"))
    });
    let input = if kind == Answer::Date { "date" } else { "text" };
    view! {
        <TextField
            name=format!("seen-{id}")
            label=attribute.label
            kind=input
            autocomplete="off"
            value=Signal::derive(move || asking.typed.with(|all| all.get(&id).cloned().unwrap_or_default()))
            error
            on_input=move |text: String| asking.typed.update(|all| drop(all.insert(id, text)))
        />
    }
    .into_any()
}

/// What came of it.
#[component]
fn Phones(asking: Asking) -> impl IntoView {
    let answer = asking.answer;
    let words = move || {
        answer.with(|answer| {
            Some(match answer.as_ref()? {
                Err(words) => words.clone(),
                Ok(None) => {
                    "メニューは出ません。友だちでないか、ふだんのメニューがまだ公開されていません。"
                        .into()
                }
                Ok(Some(Previewed { shown, menu })) => {
                    format!("「{}」が出ます。{}です。", menu.name, shown.reason.words())
                }
            })
        })
    };
    let seen = Memo::new(move |_| answer.with(|a| a.as_ref()?.as_ref().ok()?.clone()));
    view! {
        <div class="program-phone">
            <p role="status">{words}</p>
            {move || seen.get().map(|previewed| view! { <SeenMenu previewed /> })}
        </div>
    }
}

/// The menu below a talk. Tabs switch; everything else says what it would do.
#[component]
fn SeenMenu(previewed: Previewed) -> impl IntoView {
    let city = use_me().city;
    let Previewed { shown, menu } = previewed;
    let (id, mode) = (shown.menu, shown.mode);
    let (key, open) = (RwSignal::new(shown.sheet), RwSignal::new(true));
    let did = RwSignal::new(String::new());
    let words = bar(&menu, mode);
    let menu = StoredValue::new(menu);
    let drawn = move || {
        let key_now = key.get();
        let sheet = menu.with_value(|m| m.sheet(key_now).or(m.sheets.first()).cloned())?;
        let object = menu.with_value(|m| as_object(id, m, &sheet, mode));
        let (shown, picture) = (object.clone(), drawing(&sheet, mode));
        let tap = move |n: usize| {
            let Some(act) = act_at(&object, &sheet, n) else { return };
            did.set(format!("押すと、{}", menu.with_value(|m| act.in_words(m))));
            if let Act::Tab(to) = act {
                key.set(to);
            }
        };
        Some(view! { <RichMenu menu=shown picture="" drawing=picture on_tap=tap /> })
    };
    let foot = ViewFn::from(move || {
        let words = words.clone();
        view! {
            {move || open.get().then(drawn)}
            <MenuBar label=words open=Signal::derive(move || open.get()) on_click=move |_| open.update(|o| *o = !*o) />
        }
    });
    view! {
        <Phone city label="この人の画面" foot>
            <span></span>
        </Phone>
        <p class="sub dense" role="status">{move || did.get()}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audience::Audience;
    use domain::id::MenuId;
    use domain::menu::program::{Period, Prepared, Variant};

    fn variant(attribute: &str) -> Variant {
        Variant {
            name: attribute.into(),
            audience: Audience::Attribute { key: attribute.into(), is: vec!["a".into()] },
            menu: MenuId(2),
            period: Period::default(),
        }
    }

    #[test]
    fn situations_are_what_is_prepared() {
        let prepared =
            Prepared { disaster: Disaster::Snow, menu: MenuId(3), variants: vec![variant("age")] };
        let program = Program { emergencies: vec![prepared], ..Program::new(MenuId(1)) };
        let all = situations(Some(&program));
        assert_eq!(all.len(), 4);
        for (when, _) in all {
            assert_eq!(parse(&name(when)), when);
        }
        assert_eq!(situations(None).len(), 2);
        assert_eq!(parse("real-nothing"), When::Now);
    }

    #[test]
    fn only_what_the_program_asks_for_is_described() {
        let attribute = |id: i64, key: &str| Attribute {
            id: AttributeId(id),
            key: key.into(),
            label: key.into(),
            kind: Answer::Single,
            hint: String::new(),
            required: false,
            personal: false,
            hidden: false,
            choices: Vec::new(),
        };
        let attributes = vec![attribute(1, "age"), attribute(2, "pet"), attribute(3, "ward")];
        let catalog = Catalog { attributes, ..Catalog::default() };
        let prepared =
            Prepared { disaster: Disaster::Snow, menu: MenuId(3), variants: vec![variant("age")] };
        let program = Program {
            variants: vec![variant("ward"), variant("gone")],
            emergencies: vec![prepared],
            ..Program::new(MenuId(1))
        };
        assert_eq!(asked(&program, &catalog), [AttributeId(1), AttributeId(3)]);
        assert_eq!(asked(&Program::new(MenuId(1)), &catalog), []);
    }
}
