//! The two lists of a condition: by what, and which.

use super::among::AmongList;
use super::edit::{Editor, Part};
use super::said::{SaidFields, SinceFields};
use super::wrote::WroteFields;
use domain::attribute::{Attribute, Choice, Kind};
use domain::audience::edit::Path;
use domain::audience::{
    Among, Audience, Chosen, Says as Said, Since, Span, WROTE, Wrote, chosen, toggle, unanswered,
    unanswered_in,
};
use leptos::{html, prelude::*};
use std::sync::Arc;
use ui::button::Kind as Look;
use ui::prelude::{Button, Checkbox, Icon, IconName, Size};

/// A list of more than so many has a search.
const SHORT: usize = 8;
/// Most found choices that are shown.
const FOUND_MAX: usize = 100;

/// What a condition says now: the attribute, its choices, and whether it means those without an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// The attribute's key; empty while it is not chosen.
    pub key: String,
    /// The chosen keys.
    pub is: Vec<String>,
    /// What is said of it beside choices.
    pub said: Option<Said>,
    /// Since when something is asked, instead of an attribute.
    pub since: Option<Since>,
    /// A list or a delivery is asked for, instead of an attribute.
    pub among: Option<Among>,
    /// What was written in a form is asked for, instead of an attribute.
    pub wrote: bool,
    /// Of which question, once it is chosen.
    pub asked: Option<Wrote>,
    /// Who has not answered.
    pub unanswered: bool,
    /// All friends.
    pub everyone: bool,
}

/// Reads a condition.
pub fn says(editor: Editor, at: &[usize]) -> Says {
    match editor.node(at) {
        Some(Audience::Attribute { key, is }) => Says { key, is, ..Says::default() },
        Some(Audience::Everyone) => Says { everyone: true, ..Says::default() },
        Some(Audience::Since { what, .. }) => Says { since: Some(what), ..Says::default() },
        Some(Audience::Among { what, .. }) => Says { among: Some(what), ..Says::default() },
        Some(Audience::Wrote(asked)) => Says { wrote: true, asked, ..Says::default() },
        Some(Audience::Said { key, says }) => Says {
            unanswered: says == Said::Registered(false),
            key,
            said: Some(says),
            ..Says::default()
        },
        Some(other) => {
            let key =
                editor.catalog.with_value(|c| unanswered_in(&other, c).map(|a| a.key.clone()));
            Says { unanswered: key.is_some(), key: key.unwrap_or_default(), ..Says::default() }
        }
        None => Says::default(),
    }
}

#[component]
pub(super) fn Search(label: &'static str, query: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="search pick-search">
            <Icon name=IconName::Search size=18 />
            <input type="search" aria-label=label placeholder=label autocomplete="off" on:input=move |event| query.set(event_target_value(&event)) />
        </div>
    }
}

#[component]
pub(super) fn Foot(editor: Editor, at: Path, words: Signal<String>) -> impl IntoView {
    view! {
        <div class="pick-foot">
            <span class="sub grow" role="status">{move || words.get()}</span>
            <Button kind=Look::Plain size=Size::Small icon=IconName::Trash on_click=move |_| editor.remove(&at)>"この条件を消す"</Button>
            <Button kind=Look::Act size=Size::Small on_click=move |_| editor.close(true)>"決める"</Button>
        </div>
    }
}

/// By what: the attributes, and all friends.
#[component]
pub fn AttributeList(editor: Editor, at: Path) -> impl IntoView {
    let now = untrack(|| says(editor, &at));
    let query = RwSignal::new(String::new());
    let attributes: Vec<(String, String, String)> = editor.catalog.with_value(|c| {
        c.attributes.iter().map(|a| (a.key.clone(), a.label.clone(), note(a))).collect()
    });
    let many = attributes.len() > SHORT;
    let place = StoredValue::new(at.clone());
    let current = now.key.clone();
    let take = move |key: String| {
        let at = place.get_value();
        if untrack(|| says(editor, &at)).key != key || key.is_empty() {
            let kind = editor.catalog.with_value(|c| c.get(&key).map(|a| a.kind));
            let item = match kind.and_then(Said::first) {
                Some(says) => Audience::Said { key, says },
                None => Audience::Attribute { key, is: Vec::new() },
            };
            editor.choose(&at, item);
        }
        editor.open_at(at, Part::Choices);
    };
    let take_since = move |what: Since| {
        let at = place.get_value();
        if untrack(|| says(editor, &at)).since != Some(what) {
            editor.choose(&at, Audience::Since { what, span: Span::default() });
        }
        editor.open_at(at, Part::Choices);
    };
    let take_among = move |what: Among| {
        let at = place.get_value();
        if untrack(|| says(editor, &at)).among != Some(what) {
            editor.choose(&at, Audience::Among { what, id: None });
        }
        editor.open_at(at, Part::Choices);
    };
    let take_wrote = move |_| {
        let at = place.get_value();
        if !untrack(|| says(editor, &at)).wrote {
            editor.choose(&at, Audience::Wrote(None));
        }
        editor.open_at(at, Part::Question);
    };
    let everyone = move |_| {
        let at = place.get_value();
        editor.choose(&at, Audience::Everyone);
        editor.close(true);
    };
    let none = attributes.is_empty();
    view! {
        {many.then(|| view! { <Search label="登録項目をさがす" query /> })}
        {none.then(|| view! { <p class="pick-none">"登録項目がまだありません。「登録項目」で作ると、ここから選べます。"</p> })}
        <ul class="pick-options">
            {attributes
                .into_iter()
                .map(|(key, label, note)| {
                    let (mine, sent, found) = (key.clone(), key, label.clone());
                    let current = current == mine;
                    view! {
                        <li hidden=move || !query.with(|q| matches(&found, q))>
                            <button class="pick-option" type="button" aria-current=current.then_some("true") on:click=move |_| take(sent.clone())>
                                <span>{label}</span>
                                <span class="sub dense">{note}</span>
                            </button>
                        </li>
                    }
                })
                .collect_view()}
            {Since::ALL
                .map(|what| {
                    view! {
                        <li hidden=move || !query.with(|q| matches(what.label(), q))>
                            <button class="pick-option" type="button" aria-current=(now.since == Some(what)).then_some("true") on:click=move |_| take_since(what)>
                                <span>{what.label()}</span>
                                <span class="sub dense">"期間"</span>
                            </button>
                        </li>
                    }
                })
                .collect_view()}
            {Among::ALL
                .map(|what| {
                    view! {
                        <li hidden=move || !query.with(|q| matches(what.label(), q))>
                            <button class="pick-option" type="button" aria-current=(now.among == Some(what)).then_some("true") on:click=move |_| take_among(what)>
                                <span>{what.label()}</span>
                                <span class="sub dense">{match what {
                                    Among::List => "取りこんだ名簿",
                                    Among::Received | Among::Failed => "前に送ったもの",
                                    Among::Replied => "ボタンを押した人",
                                    Among::Answered => "回答・申請",
                                    Among::Chose => "質問への答え",
                                }}</span>
                            </button>
                        </li>
                    }
                })
                .collect_view()}
            <li hidden=move || !query.with(|q| matches(WROTE, q))>
                <button class="pick-option" type="button" aria-current=now.wrote.then_some("true") on:click=take_wrote>
                    <span>{WROTE}</span>
                    <span class="sub dense">"質問への答え"</span>
                </button>
            </li>
            <li hidden=move || !query.with(|q| matches("友だち全員", q))>
                <button class="pick-option" type="button" aria-current=now.everyone.then_some("true") on:click=everyone>
                    <span>"友だち全員"</span>
                    <span class="sub dense">"未登録の人も"</span>
                </button>
            </li>
        </ul>
        <Foot editor at words=Signal::derive(|| "何でしぼるか".to_owned()) />
    }
}

fn note(attribute: &Attribute) -> String {
    let kind = attribute.kind.label();
    if attribute.hidden {
        format!("{kind}・いまは聞いていません")
    } else if !attribute.kind.has_choices() {
        kind.to_owned()
    } else {
        format!("{kind}・{}", attribute.choices.len())
    }
}

fn matches(words: &str, query: &str) -> bool {
    query.split_whitespace().all(|q| words.contains(q))
}

/// Which: a list with checks, or the tree of areas; and who has not answered.
#[component]
pub fn ChoiceList(editor: Editor, at: Path) -> impl IntoView {
    let Says { key, since, among, wrote, .. } = untrack(|| says(editor, &at));
    if let Some(what) = since {
        return view! { <SinceFields editor at what /> }.into_any();
    }
    if let Some(what) = among {
        return view! { <AmongList editor at what /> }.into_any();
    }
    if wrote {
        return view! { <WroteFields editor at /> }.into_any();
    }
    let Some(attribute) = editor.catalog.with_value(|c| c.get(&key).cloned()).map(Arc::new) else {
        return view! { <p class="pick-none">"この登録項目は、もうありません。ほかの項目を選ぶか、条件を消してください。"</p> <Foot editor at words=Signal::derive(String::new) /> }
            .into_any();
    };
    if !attribute.kind.has_choices() {
        return view! { <SaidFields editor at attribute /> }.into_any();
    }
    let place = StoredValue::new(at.clone());
    let now = Memo::new(move |_| place.with_value(|at| says(editor, at)));
    let query = RwSignal::new(String::new());
    let list = StoredValue::new(Ticks { editor, at: place, attribute: attribute.clone(), now });
    let offered = attribute.clone();
    let words = Signal::derive(move || {
        now.with(|n| match (n.unanswered, n.is.len()) {
            (true, _) => "未登録の人".to_owned(),
            (false, 0) if n.said.is_some() => "登録ずみの人".to_owned(),
            (false, 0) => "まだ選んでいません".to_owned(),
            (false, n) => format!("{}選んでいます", domain::time::things(n)),
        })
    });
    let whole = StoredValue::new(attribute.clone());
    // Who answered at all, or not: in the place of single choices.
    let set = move |answered: bool, on: bool| {
        let item = whole.with_value(|a| match (on, answered) {
            (true, false) => unanswered(a),
            (true, true) => Audience::Said { key: a.key.clone(), says: Said::Registered(true) },
            (false, _) => Audience::Attribute { key: a.key.clone(), is: Vec::new() },
        });
        place.with_value(|at| editor.choose(at, item));
    };
    let unanswered_now = Signal::derive(move || now.with(|n| n.unanswered));
    let answered_now = Signal::derive(move || now.with(|n| n.said == Some(Said::Registered(true))));
    view! {
        {(attribute.choices.len() > SHORT).then(|| view! { <Search label="選択肢をさがす" query /> })}
        {move || {
            let q = query.get();
            if !q.trim().is_empty() {
                let found: Vec<&Choice> = offered.choices.iter().filter(|c| matches(&path(&offered, c), &q)).collect();
                let more = found.len().saturating_sub(FOUND_MAX);
                let rows = found.iter().take(FOUND_MAX).map(|c| list.with_value(|l| l.row(c, path(&offered, c)))).collect_view();
                return view! {
                    <ul class="pick-choices">{rows}</ul>
                    {found.is_empty().then(|| view! { <p class="pick-none">"当てはまる選択肢はありません。"</p> })}
                    {(more > 0).then(|| view! { <p class="pick-none">{format!("ほかに {more}件あります。ことばを足してください。")}</p> })}
                }
                    .into_any();
            }
            list.with_value(|l| l.level(None)).into_any()
        }}
        <div class="pick-choices pick-rest">
            <Checkbox name="unanswered" checked=unanswered_now on_change=move |on| set(false, on)>
                <span>"未登録の人 " <span class="sub dense">"この項目に、まだ答えていない人"</span></span>
            </Checkbox>
            <Checkbox name="answered" checked=answered_now on_change=move |on| set(true, on)>
                <span>"登録ずみの人 " <span class="sub dense">"どれかに答えた人"</span></span>
            </Checkbox>
        </div>
        <Foot editor at words />
    }
    .into_any()
}

/// 「港地区　汐見台」, from the outside in.
fn path(attribute: &Attribute, choice: &Choice) -> String {
    let mut labels = vec![choice.label.as_str()];
    let mut at = choice.parent.as_deref();
    while let Some(parent) = at.and_then(|key| attribute.choice(key)).filter(|_| labels.len() < 8) {
        labels.push(&parent.label);
        at = parent.parent.as_deref();
    }
    labels.reverse();
    labels.join("　")
}

#[derive(Clone)]
struct Ticks {
    editor: Editor,
    at: StoredValue<Path>,
    attribute: Arc<Attribute>,
    now: Memo<Says>,
}

impl Ticks {
    fn level(&self, parent: Option<&str>) -> AnyView {
        let rows = self
            .attribute
            .children(parent)
            .filter(|c| self.offered(c))
            .map(|c| self.branch(c))
            .collect_view();
        view! { <ul class="pick-choices">{rows}</ul> }.into_any()
    }

    /// What is hidden is offered only where it is chosen already.
    fn offered(&self, choice: &Choice) -> bool {
        !choice.hidden || self.now.with_untracked(|n| n.is.contains(&choice.key))
    }

    fn branch(&self, choice: &Choice) -> AnyView {
        let inner = self.attribute.children(Some(&choice.key)).filter(|c| self.offered(c)).count();
        if self.attribute.kind != Kind::Area || inner == 0 {
            return self.row(choice, choice.label.clone());
        }
        let key = choice.key.clone();
        let state = self.now.with_untracked(|n| chosen(&self.attribute, &n.is, &key));
        let open = RwSignal::new(state == Chosen::Partly);
        let label = choice.label.clone();
        let this = self.clone();
        view! {
            <li>
                <div class="pick-branch">
                    <button
                        class="icon-btn"
                        type="button"
                        aria-expanded=move || open.get().to_string()
                        aria-label=move || if open.get() { format!("{label}の中をとじる") } else { format!("{label}の中をひらく") }
                        on:click=move |_| open.update(|o| *o = !*o)
                    >
                        {move || view! { <Icon name=if open.get() { IconName::ChevronDown } else { IconName::ChevronRight } size=18 /> }}
                    </button>
                    {self.tick(choice, format!("{}（{inner}町すべて）", choice.label))}
                </div>
                {move || open.get().then(|| this.level(Some(&key)))}
            </li>
        }
        .into_any()
    }

    fn row(&self, choice: &Choice, words: String) -> AnyView {
        view! { <li>{self.tick(choice, words)}</li> }.into_any()
    }

    fn tick(&self, choice: &Choice, words: String) -> AnyView {
        let (attribute, now, at, editor) = (self.attribute.clone(), self.now, self.at, self.editor);
        let key = choice.key.clone();
        let state = {
            let (attribute, key) = (attribute.clone(), key.clone());
            Memo::new(move |_| now.with(|n| chosen(&attribute, &n.is, &key)))
        };
        let node = NodeRef::<html::Input>::new();
        Effect::new(move |_| {
            let state = state.get();
            if let Some(input) = node.get() {
                input.set_checked(state == Chosen::Yes);
                input.set_indeterminate(state == Chosen::Partly);
            }
        });
        let change = move |_| {
            let is = now.with_untracked(|n| toggle(&attribute, &n.is, &key));
            at.with_value(|at| {
                editor.choose(at, Audience::Attribute { key: attribute.key.clone(), is })
            });
        };
        let hidden = choice.hidden;
        view! {
            <label class="choice">
                <input class="tick" type="checkbox" node_ref=node checked=state.get_untracked() == Chosen::Yes on:change=change />
                <span>{words} {hidden.then(|| view! { <span class="sub dense">"いまは選べません"</span> })}</span>
            </label>
        }
        .into_any()
    }
}
