//! 「答えられる人」: everybody, or only those on a list; and what of the list is filled in for
//! them (FORM-7, RES-5).

use super::state::Builder;
use crate::eligibility::{PATH, list_eligibilities};
use domain::form::Ask;
use domain::form::kept::Gate;
use domain::id::EligibilityId;
use leptos::prelude::*;
use std::collections::BTreeMap;
use ui::prelude::*;

/// What can be filled in: a field's name, and how it is called.
fn fields(b: Builder) -> Vec<(String, String)> {
    b.form.with(|form| {
        let mut all = Vec::new();
        for q in form.questions() {
            let mut part = |part: &str, words: &str| {
                all.push((format!("{}.{part}", q.key), format!("{}（{words}）", q.label)));
            };
            match &q.ask {
                Ask::Name { kana } => {
                    part("family", "氏");
                    part("given", "名");
                    if *kana {
                        part("family_kana", "氏のフリガナ");
                        part("given_kana", "名のフリガナ");
                    }
                }
                Ask::Address {} => {
                    part("postcode", "郵便番号");
                    part("prefecture", "都道府県");
                    part("city", "市区町村");
                    part("street", "町名・番地");
                    part("building", "建物・部屋");
                }
                Ask::Text { .. }
                | Ask::Number { .. }
                | Ask::Date { .. }
                | Ask::Year { .. }
                | Ask::Telephone {}
                | Ask::Mail {} => all.push((q.key.clone(), q.label.clone())),
                _ => {}
            }
        }
        all
    })
}

/// The choice.
#[component]
pub fn GatePanel(b: Builder) -> impl IntoView {
    let read = LocalResource::new(list_eligibilities);
    let gate = Memo::new(move |_| b.settings.with(|s| s.eligibility.clone()));
    let list = Memo::new(move |_| gate.with(|g| g.as_ref().map(|g| g.list)));
    let choose = move |value: String| {
        let id = value.parse::<EligibilityId>().ok();
        b.set(|s| {
            s.eligibility = id.map(|list| match s.eligibility.take() {
                Some(same) if same.list == list => same,
                _ => Gate { list, prefill: BTreeMap::new() },
            });
        });
    };
    view! {
        <Transition fallback=|| view! { <p class="sub dense" role="status">"名簿を読みこんでいます"</p> }>
            {move || match read.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <p class="err dense">{format!("名簿を読めませんでした。{}", error.message())}</p> }.into_any(),
                Some(Ok((lists, _))) => {
                    let mut options = vec![(String::new(), "だれでも答えられる".to_owned())];
                    options.extend(lists.iter().map(|l| (l.id.to_string(), format!("名簿「{}」にのっている人だけ", l.name))));
                    let gone = list.get_untracked().filter(|id| lists.iter().all(|l| l.id != *id));
                    if let Some(id) = gone {
                        options.push((id.to_string(), "（消えた名簿）".to_owned()));
                    }
                    let value = Signal::derive(move || list.get().map(|id| id.to_string()).unwrap_or_default());
                    let columns = {
                        let lists = lists.clone();
                        move || list.get().and_then(|id| lists.iter().find(|l| l.id == id)).map(|l| (l.columns.clone(), l.keys.join("・")))
                    };
                    view! {
                        <Select id="b-gate" name="b-gate" label="答えられる人" options value on_change=choose />
                        {lists.is_empty().then(|| view! { <p class="sub dense">"決まった人だけに答えてもらうときは、先に" <a href=PATH>"対象者の名簿"</a>"を取りこみます。"</p> })}
                        {move || columns().map(|(columns, keys)| view! { <Prefill b columns keys /> })}
                    }
                        .into_any()
                }
            }}
        </Transition>
    }
}

/// What of the list is filled in.
#[component]
fn Prefill(b: Builder, columns: Vec<String>, keys: String) -> impl IntoView {
    let options = Memo::new(move |_| {
        let mut options = vec![(String::new(), "入れない".to_owned())];
        options.extend(fields(b));
        options
    });
    let one = move |column: String| {
        let (read, written) = (column.clone(), column.clone());
        let value = Signal::derive(move || {
            b.settings.with(|s| {
                s.eligibility
                    .as_ref()
                    .and_then(|g| g.prefill.get(&read).cloned())
                    .unwrap_or_default()
            })
        });
        let put = move |name: String| {
            b.set(|s| {
                let Some(gate) = &mut s.eligibility else { return };
                if name.is_empty() {
                    gate.prefill.remove(&written);
                } else {
                    gate.prefill.insert(written.clone(), name);
                }
            });
        };
        let id = format!("b-prefill-{column}");
        view! { <Select id=id.clone() name=id label=format!("「{column}」を入れる質問") options class="field-mid" value on_change=put /> }
    };
    view! {
        <p class="sub dense">{format!("最初に「{keys}」を聞き、名簿と合った人だけが進めます。名簿の内容を、質問に先に入れておけます。答える人が直せます。")}</p>
        <div class="edit-row">{columns.into_iter().map(one).collect_view()}</div>
    }
}
