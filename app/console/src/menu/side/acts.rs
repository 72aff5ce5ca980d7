//! What a tap does, in words that need no explanation.

use super::super::state::Editor;
use domain::menu::program::{ANSWERED, AS_CARDS, Acted, CHOOSE, Rule};
use domain::menu::{Act, Area, Command, Existing, SheetKey};
use domain::message::{Page, with_https};
use leptos::prelude::*;
use ui::prelude::*;

/// The kinds, the most used first: name, words.
const KINDS: &[(&str, &str)] = &[
    ("none", "まだ決めていない"),
    ("open", "ホームページをひらく"),
    ("say", "文章を送る"),
    ("page", "登録の画面などをひらく"),
    ("form", "フォームをひらく"),
    ("tab", "シートを切りかえる"),
    ("call", "電話をかける"),
    ("postback", "データを送る（開発者向け）"),
];

fn kind(act: &Act) -> &'static str {
    match act {
        Act::None => "none",
        Act::Open(_) => "open",
        Act::Say(_) | Act::SayCounted(_) => "say",
        Act::Page(_) => "page",
        Act::Form(_) => "form",
        Act::Tab(_) => "tab",
        Act::Call(_) => "call",
        Act::Postback { .. } => "postback",
    }
}

/// The words that a tap sends.
fn said(act: &Act) -> String {
    match act {
        Act::Say(words) | Act::SayCounted(words) => words.clone(),
        _ => String::new(),
    }
}

/// What happens by itself when a resident sends these words; nothing while there are none.
fn heard(words: &str, rules: &[Rule]) -> Option<String> {
    let words = words.trim();
    if words.is_empty() {
        return None;
    }
    if ANSWERED.contains(&words) {
        return Some("この文章には、登録の画面への案内が、自動で届きます。".into());
    }
    if AS_CARDS.contains(&words) {
        return Some("この文章には、いまのメニューの内容が、自動でカードで届きます。".into());
    }
    if CHOOSE.contains(&words) {
        return Some(
            "この文章には、「出し分け」で住民が選べるようにしたメニューの名前が、自動で届きます。"
                .into(),
        );
    }
    let answer = "このシステムは、この文章に自動では返事をしません。返事は、職員がLINEの管理画面のチャットでします。";
    let rule = rules.iter().find(|rule| rule.when.fits(Acted::Said(words)));
    Some(match rule {
        Some(rule) => format!(
            "「出し分け」の決まり「{}」が働いて、メニューが切りかわります。{answer}",
            rule.name
        ),
        None => answer.into(),
    })
}

/// An act of that kind with what was written for the same kind before.
fn begun(kind: &str, former: Option<Act>, next: SheetKey) -> Act {
    former.unwrap_or_else(|| match kind {
        "open" => Act::Open(String::new()),
        "say" => Act::Say(String::new()),
        "page" => Act::Page(Page::Register),
        "form" => Act::Form(String::new()),
        "tab" => Act::Tab(next),
        "call" => Act::Call(String::new()),
        "postback" => Act::Postback { data: String::new(), shows: String::new() },
        _ => Act::None,
    })
}

/// The forms that can be chosen, by title; and the one that was chosen, if it has ended since.
fn form_options(existing: &Existing, now: &str) -> Vec<(String, String)> {
    let mut forms: Vec<(String, String)> =
        existing.forms.iter().map(|(key, title)| (key.clone(), title.clone())).collect();
    forms.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    if !now.is_empty() && !existing.forms.contains_key(now) {
        let title = match existing.ended.get(now) {
            Some(ended) => format!("{}（{}）", ended.title, ended.why),
            None => "なくなったフォーム（選び直してください）".to_owned(),
        };
        forms.insert(0, (now.to_owned(), title));
    }
    if !forms.is_empty() {
        forms.insert(0, (String::new(), "選んでください".to_owned()));
    }
    forms
}

/// 押したときの動き.
#[component]
pub fn ActFields(
    editor: Editor,
    number: Memo<usize>,
    area: Memo<Area>,
    /// What is wrong with the act as a whole.
    problem: Signal<Option<String>>,
) -> impl IntoView {
    let act = Memo::new(move |_| area.with(|a| a.act.clone()));
    let chosen = Memo::new(move |_| act.with(kind));
    // What was written for another kind comes back with it.
    let former = StoredValue::new(Vec::<Act>::new());
    let set = move |act: Act| {
        let command = Command::SetAct { sheet: editor.key(), area: number.get_untracked(), act };
        editor.run(&command);
    };
    let typed = move |act: Act| {
        let command = Command::SetAct { sheet: editor.key(), area: number.get_untracked(), act };
        let place = area.with_untracked(|a| format!("area/{}/act", a.key));
        editor.go_on(&place, &command, false);
    };
    let change = move |name: String| {
        let now = act.get_untracked();
        former.update_value(|all| {
            all.retain(|a| kind(a) != kind(&now));
            all.push(now);
        });
        let known = former.with_value(|all| all.iter().find(|a| kind(a) == name).cloned());
        let own = editor.key();
        let next = editor.now(|m| m.sheets.iter().map(|s| s.key).find(|k| *k != own));
        set(begun(&name, known, next.unwrap_or(own)));
    };
    let options = KINDS.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned())).collect::<Vec<_>>();
    let broken = Memo::new(move |_| {
        let existing = editor.existing.get_value();
        act.with(|act| editor.with(|m| act.broken(m, &existing)))
    });
    let field_error = move |rest: &'static str| {
        super::problem(editor, move || {
            Some(format!("/sheets/{}/areas/{}/act{rest}", super::sheet_at(editor)?, number.get()))
        })
    };
    let detail = move || match chosen.get() {
        "open" => {
            let words = Signal::derive(move || {
                act.with(|a| match a {
                    Act::Open(w) => w.clone(),
                    _ => String::new(),
                })
            });
            view! {
                // A field of the kind `url` would lose a space within an address while one types.
                <TextField name="act-open" id="menu-act-open" label="ページのアドレス" inputmode="url" autocomplete="off" hint="「https://」から始めます。押された回数を数えます。" value=words error=field_error("/open") on_input=move |w| typed(Act::Open(w)) />
                {move || {
                    words
                        .with(|w| with_https(w))
                        .map(|whole| {
                            let mend = move |_| {
                                set(Act::Open(whole.clone()));
                                focus_soon("menu-act-open".into());
                            };
                            view! { <Button size=Size::Small on_click=mend>"先頭に「https://」をつける"</Button> }
                        })
                }}
            }
                .into_any()
        }
        "say" => {
            let words = Signal::derive(move || act.with(said));
            let counted = Signal::derive(move || act.with(|a| matches!(a, Act::SayCounted(_))));
            let says = move |on: bool, w: String| if on { Act::SayCounted(w) } else { Act::Say(w) };
            let answer = Memo::new(move |_| {
                words.with(|words| editor.rules.with_value(|rules| heard(words, rules)))
            });
            view! {
                <TextField name="act-say" id="menu-act-say" label="送る文章" autocomplete="off" hint="押した人が書いたように、トークに出ます。" value=words error=field_error("/say") on_input=move |w| typed(says(counted.get_untracked(), w)) />
                {move || answer.get().map(|words| view! { <p class="sub dense">{words}</p> })}
                <Checkbox name="act-counted" id="menu-act-counted" checked=counted on_change=move |on| set(says(on, words.get_untracked()))>
                    "押された回数を数える"
                </Checkbox>
                <p class="sub dense">"数えると、LINEの管理画面のチャットに、この文章が出ないことがあります。"</p>
            }
                .into_any()
        }
        "page" => {
            let options: Vec<(String, String)> =
                Page::ALL.iter().map(|p| (p.name().to_owned(), p.label().to_owned())).collect();
            let value = Signal::derive(move || {
                act.with(|a| match a {
                    Act::Page(p) => p.name().to_owned(),
                    _ => String::new(),
                })
            });
            view! {
                <Select name="act-page" id="menu-act-page" label="画面" hint="LINEの中でひらきます。" options=Signal::stored(options) value on_change=move |name: String| if let Some(page) = Page::parse(&name) { set(Act::Page(page)) } />
            }
                .into_any()
        }
        "form" => {
            let now = act.with_untracked(|a| match a {
                Act::Form(key) => key.clone(),
                _ => String::new(),
            });
            let options = editor.existing.with_value(|e| form_options(e, &now));
            if options.is_empty() {
                return view! {
                    <p class="me-bad"><Icon name=IconName::Warning size=16 />"公開中のフォームがまだありません。フォームを公開すると、ここで選べます。"</p>
                }
                    .into_any();
            }
            let value = Signal::derive(move || {
                act.with(|a| match a {
                    Act::Form(k) => k.clone(),
                    _ => String::new(),
                })
            });
            view! {
                <Select name="act-form" id="menu-act-form" label="フォーム" hint="LINEの中でひらきます。受付を終えると、一覧と公開の前に知らせます。" options=Signal::stored(options) value error=field_error("/form") on_change=move |key| set(Act::Form(key)) />
            }
                .into_any()
        }
        "tab" => {
            let options = Signal::derive(move || {
                editor.with(|m| {
                    m.sheets
                        .iter()
                        .map(|s| (s.key.0.to_string(), s.name.clone()))
                        .collect::<Vec<_>>()
                })
            });
            let value = Signal::derive(move || {
                act.with(|a| match a {
                    Act::Tab(k) => k.0.to_string(),
                    _ => String::new(),
                })
            });
            view! {
                <Select name="act-tab" id="menu-act-tab" label="切りかえる先のシート" hint="自分のシートを選ぶと、開いているタブの見た目になります。タブの文字とシートの名前は、同じなら、どちらを直しても、いっしょに変わります。" options value error=field_error("/tab") on_change=move |key: String| if let Ok(key) = key.parse() { set(Act::Tab(SheetKey(key))) } />
            }
                .into_any()
        }
        "call" => {
            let words = Signal::derive(move || {
                act.with(|a| match a {
                    Act::Call(w) => w.clone(),
                    _ => String::new(),
                })
            });
            view! {
                <TextField name="act-call" id="menu-act-call" label="電話番号" kind="tel" autocomplete="off" hint="「-」はあってもなくてもかまいません。住民のスマートフォンがかけるので、押された回数は数えられません。" value=words error=field_error("/call") on_input=move |w| typed(Act::Call(w)) />
            }
                .into_any()
        }
        "postback" => {
            let parts = move || {
                act.with(|a| match a {
                    Act::Postback { data, shows } => (data.clone(), shows.clone()),
                    _ => Default::default(),
                })
            };
            view! {
                <TextField name="act-data" id="menu-act-postback-data" label="送るデータ" autocomplete="off" hint="市のほかのシステムが受け取ります。住民には見えません。" value=Signal::derive(move || parts().0) error=field_error("/postback/data") on_input=move |data| typed(Act::Postback { data, shows: act.with_untracked(|a| match a { Act::Postback { shows, .. } => shows.clone(), _ => String::new() }) }) />
                <TextField name="act-shows" id="menu-act-postback-shows" label="トークに出す文章（なくてもよい）" autocomplete="off" value=Signal::derive(move || parts().1) error=field_error("/postback/shows") on_input=move |shows| typed(Act::Postback { shows, data: act.with_untracked(|a| match a { Act::Postback { data, .. } => data.clone(), _ => String::new() }) }) />
            }
                .into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <Select
            name="area-act"
            id="menu-area-act"
            label="押したときの動き"
            required=true
            options=Signal::stored(options)
            value=Signal::derive(move || chosen.get().to_owned())
            error=problem
            on_change=change
        />
        {detail}
        {move || {
            broken.get().map(|words| view! { <p class="me-bad"><Icon name=IconName::Warning size=16 />{words}</p> })
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::MenuId;
    use domain::menu::Ended;
    use domain::menu::program::{Then, Trigger};

    #[test]
    fn what_words_bring_about_is_said() {
        let rule = Rule {
            key: 1,
            name: "避難".into(),
            when: Trigger::Said("ひなん".into()),
            then: Then::Show(MenuId(1)),
            hours: None,
        };
        let said = |words: &str| heard(words, std::slice::from_ref(&rule)).unwrap_or_default();
        assert_eq!(heard(" ", &[]), None);
        assert!(said("登録").contains("登録の画面"));
        assert!(said(" メニュー ").contains("カード"));
        assert!(said("メニューを選ぶ").contains("選べる"));
        assert!(said("ひなん").starts_with("「出し分け」の決まり「避難」が働いて"));
        assert!(said("ごみ").starts_with("このシステムは、この文章に自動では返事をしません"));
    }

    #[test]
    fn what_was_chosen_can_be_seen_though_it_has_ended() {
        let mut existing = Existing::default();
        assert_eq!(form_options(&existing, ""), []);
        existing.forms.insert("12".into(), "犬の登録".into());
        existing.forms.insert("9".into(), "アンケート".into());
        let keys = |now: &str| -> Vec<String> {
            form_options(&existing, now).into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!(keys("12"), ["", "9", "12"]);
        assert_eq!(keys("7"), ["", "7", "9", "12"]);
        let ended = Ended { title: "予約".into(), why: "受付が終わっています".into() };
        existing.ended.insert("7".into(), ended);
        assert_eq!(form_options(&existing, "7")[1].1, "予約（受付が終わっています）");
    }
}
