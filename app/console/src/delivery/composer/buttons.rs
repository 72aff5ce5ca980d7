//! The fields of something that residents tap: its name, and what a tap does, in words.

use super::dom::focused_field;
use super::variable::{ROOM, VariablePicker};
use domain::message::reply::REPLY_MAX;
use domain::message::{ADDRESS_MAX, Act, Button as Tap, Page as CityPage, Place, SAY_MAX};
use leptos::prelude::*;
use ui::prelude::*;

/// What the list of acts offers, in words that a telephone shows whole. LINE's pictures know no
/// replies that are kept.
fn acts(place: Place) -> Vec<(String, String)> {
    let pages =
        CityPage::ALL.iter().map(|p| (p.name().to_owned(), format!("{}をひらく", p.label())));
    let acts = [
        ("say", "文章を送る"),
        ("reply", "返事をする（人を記録する）"),
        ("open", "ページをひらく・電話する"),
    ];
    acts.into_iter()
        .filter(|(value, _)| *value != "reply" || place != Place::Picture)
        .map(|(value, words)| (value.to_owned(), words.to_owned()))
        .chain(pages)
        .collect()
}

fn name(act: &Act) -> &'static str {
    match act {
        Act::Say(_) => "say",
        Act::Reply(_) => "reply",
        Act::Open(_) => "open",
        Act::Page(page) => page.name(),
    }
}

/// The act of that name; what was written goes along where it can.
fn chosen(former: &Tap, name: &str) -> Act {
    let written = match &former.act {
        Act::Say(words) | Act::Reply(words) | Act::Open(words) => words.clone(),
        Act::Page(_) => String::new(),
    };
    let said = || {
        if written.is_empty() || written.contains("://") {
            former.label.clone()
        } else {
            written.clone()
        }
    };
    match (name, CityPage::parse(name)) {
        (_, Some(page)) => Act::Page(page),
        ("open", _) if written == former.label => Act::Open(String::new()),
        ("open", _) => Act::Open(written),
        ("reply", _) => Act::Reply(said()),
        _ => Act::Say(said()),
    }
}

/// With another label; what a tap says goes along as long as it is the same.
fn labelled(former: &Tap, label: String) -> Tap {
    let act = match &former.act {
        Act::Say(words) if *words == former.label => Act::Say(label.clone()),
        Act::Reply(words) if *words == former.label => Act::Reply(label.clone()),
        act => act.clone(),
    };
    Tap { label, act }
}

/// The fields of one.
#[component]
pub fn TapFields(
    /// Begins the ids of its fields, which end in `-label`, `-say`, `-reply`, `-open`.
    #[prop(into)]
    id: String,
    /// Where it stands.
    place: Place,
    /// What is written.
    tap: Memo<Tap>,
    /// What is wrong, at `/label`, `/say`, `/reply`, `/open`.
    problem: Callback<&'static str, Signal<Option<String>>>,
    /// It was changed.
    #[prop(into)]
    on_change: Callback<Tap>,
) -> impl IntoView {
    let act = Memo::new(move |_| tap.with(|t| name(&t.act)));
    let written = Memo::new(move |_| {
        tap.with(|t| match &t.act {
            Act::Say(words) | Act::Reply(words) | Act::Open(words) => words.clone(),
            Act::Page(_) => String::new(),
        })
    });
    let (label, hint) = match place {
        Place::Picture => (
            "読み上げる名前",
            "画像には出ず、読み上げられます。押すと何が起きるかを書きます。".to_owned(),
        ),
        Place::Card | Place::Quick => ("ボタンの名前", format!("{}文字まで", place.label_max())),
    };
    let value_id = id.clone();
    let value = move || {
        match act.get() {
        "say" => Some(
            view! {
                <TextField
                    name=format!("{value_id}-say")
                    label="住民が送る文章"
                    maxlength=SAY_MAX as u32 + ROOM
                    autocomplete="off"
                    value=Signal::derive(move || written.get())
                    error=problem.run("/say")
                    on_input=move |words| on_change.run(Tap { act: Act::Say(words), ..tap.get_untracked() })
                />
            }
            .into_any(),
        ),
        "reply" => Some(
            view! {
                <TextField
                    name=format!("{value_id}-reply")
                    label="返事のことば"
                    hint="住民が送ることばです。だれが返事をしたかが残り、あとで、その人たちだけに送れます。".to_owned()
                    maxlength=REPLY_MAX as u32
                    autocomplete="off"
                    value=Signal::derive(move || written.get())
                    error=problem.run("/reply")
                    on_input=move |words| on_change.run(Tap { act: Act::Reply(words), ..tap.get_untracked() })
                />
            }
            .into_any(),
        ),
        "open" => Some(
            view! {
                <TextField
                    name=format!("{value_id}-open")
                    label="ひらくアドレス"
                    hint="「https://」から入れます。電話は「tel:」と番号です。".to_owned()
                    kind="text"
                    inputmode="url"
                    maxlength=ADDRESS_MAX as u32 + ROOM
                    autocomplete="off"
                    value=Signal::derive(move || written.get())
                    error=problem.run("/open")
                    on_input=move |words| on_change.run(Tap { act: Act::Open(words), ..tap.get_untracked() })
                />
            }
            .into_any(),
        ),
        _ => None,
    }
    };
    // Where one wrote last; a card has its own picker for all that stands on it.
    let field = RwSignal::new(format!("{id}-label"));
    let named = Signal::derive(move || {
        let label = tap.with(|t| t.label.trim().to_owned());
        if label.is_empty() { "このボタン".to_owned() } else { format!("「{label}」") }
    });
    let picker = (place != Place::Card)
        .then(|| view! { <VariablePicker area=field label=named last=true /> });
    view! {
        <div
            class="tap-fields"
            on:focusin=move |event| {
                if let Some(id) = focused_field(&event) {
                    field.set(id);
                }
            }
        >
            <TextField
                name=format!("{id}-label")
                label=label
                hint
                maxlength=place.label_max() as u32 + ROOM
                autocomplete="off"
                value=Signal::derive(move || tap.with(|t| t.label.clone()))
                error=problem.run("/label")
                on_input=move |words| on_change.run(labelled(&tap.get_untracked(), words))
            />
            <Select
                name=format!("{id}-act")
                label="押すと"
                options=Signal::stored(acts(place))
                value=Signal::derive(move || act.get().to_owned())
                on_change=move |name: String| {
                    let former = tap.get_untracked();
                    let act = chosen(&former, &name);
                    on_change.run(Tap { act, ..former });
                }
            />
            {value}
            {picker}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_follows_the_label_until_it_is_its_own() {
        let tap = labelled(&Tap::default(), "無事です".into());
        assert_eq!(tap.act, Act::Say("無事です".into()));
        let own = Tap { act: Act::Say("けがはありません".into()), ..tap };
        assert_eq!(labelled(&own, "無事".into()).act, own.act);
    }

    #[test]
    fn another_act_keeps_what_fits_it() {
        let say = labelled(&Tap::default(), "地図".into());
        assert_eq!(chosen(&say, "open"), Act::Open(String::new()));
        let open = Tap { act: Act::Open("https://a.example".into()), ..say.clone() };
        assert_eq!(chosen(&open, "register"), Act::Page(CityPage::Register));
        assert_eq!(chosen(&open, "say"), Act::Say("地図".into()));
        assert_eq!(chosen(&open, "open"), open.act);
        let reply = Tap { act: chosen(&say, "reply"), ..say };
        assert_eq!(reply.act, Act::Reply("地図".into()));
        assert_eq!(labelled(&reply, "はい".into()).act, Act::Reply("はい".into()));
    }
}
