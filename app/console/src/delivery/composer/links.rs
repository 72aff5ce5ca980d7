//! リンク: every address in the parts, each with a check whether its taps are counted.

use super::editor::Editor;
use domain::link::{Found, Way, found};
use leptos::prelude::*;
use ui::prelude::*;

/// The list; nothing while there is no link.
#[component]
pub fn Links(
    /// What is written.
    editor: Editor,
) -> impl IntoView {
    let all = Memo::new(move |_| gathered(&found(&editor.shown_parts(), &editor.own(), &[])));
    let any = Memo::new(move |_| all.with(|all| !all.is_empty()));
    move || {
        any.get().then(|| {
            view! {
                <section class="links" aria-labelledby="links-title">
                    <h3 id="links-title">"リンク"</h3>
                    <p class="sub dense">"数えるリンクは、市の短いアドレスに変わって届きます。だれが押したかは記録しません。"</p>
                    <ul class="links-list">
                        <For each=move || all.get() key=Row::clone let:row>
                            <li><LinkRow editor row /></li>
                        </For>
                    </ul>
                </section>
            }
        })
    }
}

/// One address, and in which parts it stands (from 1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    uri: String,
    parts: Vec<usize>,
    way: Way,
}

/// Each address once for each thing that becomes of it.
fn gathered(all: &[Found]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for f in all {
        let (way, part) = (f.way, f.part + 1);
        match rows.iter_mut().find(|r| r.uri == f.uri && r.way == way) {
            Some(row) if row.parts.last() == Some(&part) => {}
            Some(row) => row.parts.push(part),
            None => rows.push(Row { uri: f.uri.clone(), parts: vec![part], way }),
        }
    }
    rows
}

#[component]
fn LinkRow(editor: Editor, row: Row) -> impl IntoView {
    let Row { uri, parts, way } = row;
    let places: Vec<String> = parts.iter().map(ToString::to_string).collect();
    let place = format!("{}番目の内容", places.join("・"));
    if matches!(way, Way::Counted | Way::Off) {
        let key = uri.clone();
        let counted = Signal::derive(move || editor.uncounted.with(|list| !list.contains(&key)));
        let key = uri.clone();
        let change = Callback::new(move |on: bool| {
            editor.uncounted.update(|list| {
                list.retain(|u| *u != key);
                if !on {
                    list.push(key.clone());
                }
            });
        });
        return view! {
            <Checkbox name="counted" value=uri.clone() checked=counted on_change=change>
                <span class="link-uri">{uri}</span>
                <span class="sub dense">{move || format!("{place}・{}", if counted.get() { "タップを数えます" } else { "数えずに、このまま届けます" })}</span>
            </Checkbox>
        }
        .into_any();
    }
    let (class, icon, words) = match way {
        Way::RunsOn => (
            "warn",
            IconName::Warning,
            "すぐあとに文字が続くため、数えられません。リンクのあとに、空白か改行を入れてください",
        ),
        Way::TooLong => (
            "warn",
            IconName::Warning,
            "長すぎるため、数えられません。短いアドレスを使ってください",
        ),
        _ => ("sub", IconName::Info, "市のページとLINEのリンクは、そのまま届けます"),
    };
    view! {
        <div class="link-fixed">
            <Icon name=icon size=18 />
            <span>
                <span class="link-uri">{uri}</span>
                <span class=format!("dense {class}")>{format!("{place}・{words}")}</span>
            </span>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_once_with_its_places() {
        let f = |part, uri: &str, way| Found { part, uri: uri.into(), way };
        let rows = gathered(&[
            f(0, "https://a.example/", Way::Counted),
            f(0, "https://b.example/", Way::Own),
            f(2, "https://a.example/", Way::Counted),
            f(2, "https://a.example/", Way::RunsOn),
        ]);
        let told: Vec<_> = rows.iter().map(|r| (r.uri.as_str(), r.parts.clone())).collect();
        assert_eq!(
            told,
            [
                ("https://a.example/", vec![1, 3]),
                ("https://b.example/", vec![1]),
                ("https://a.example/", vec![3])
            ]
        );
    }
}
