//! The second word of a condition on a list, a delivery or a form: found by name, the newest first.

use super::choices::Foot;
use super::edit::Editor;
use domain::audience::edit::Path;
use domain::audience::{Among, Audience, Known, Unaskable};
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use ui::prelude::*;

/// Lists or deliveries that can be asked for, found by name.
///
/// # Errors
/// `SignInNeeded`, `Forbidden`.
#[server(prefix = "/console/fn", input = GetUrl)]
pub async fn find_among(what: Among, q: String) -> Result<Vec<Known>, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::audience::askable(&staff.ctx, what, q.trim()).await?)
}

/// What is named in a condition, as its word: 「断水のお知らせ」.
pub fn name(known: Option<&Known>, what: Among) -> String {
    match known {
        Some(k) => {
            let name = if k.name.trim().is_empty() { "件名なし" } else { k.name.trim() };
            match what {
                _ if k.unaskable == Some(Unaskable::Closed) => "ほかの所属のフォーム".into(),
                Among::Replied => format!("{name}：{}", k.reply),
                Among::Chose => format!("{}：{}（{name}）", k.question, k.reply),
                _ => name.to_owned(),
            }
        }
        None if what == Among::List => "（消えた対象者リスト）".into(),
        None if what == Among::Replied => "（見つからない返事）".into(),
        None if what.is_form() => "（見つからないフォーム）".into(),
        None => "（見つからない配信）".into(),
    }
}

/// 「の … に のっている」: what stands before and behind the name in the sentence. Where the first
/// word says already what they did (受け取った配信), it is not said again.
pub fn around(what: Among) -> (&'static str, &'static str) {
    match what {
        Among::List => ("の", "に のっている"),
        Among::Answered => ("の", "に 答えた"),
        Among::Received | Among::Failed | Among::Replied | Among::Chose => ("が", ""),
    }
}

fn note(known: &Known) -> String {
    let day = known.at.date();
    let day = format!("{}年{}月{}日", day.year, day.month, day.day);
    let people = thousands(known.count);
    match known.what {
        Among::List => format!("{day}に取りこみ・{people}人"),
        Among::Received => format!("{day}・受付 {people}人"),
        Among::Failed => format!("{day}・届かず {people}人"),
        Among::Replied => format!("{day}・{people}人"),
        Among::Answered | Among::Chose => format!("{day}に公開・{people}件"),
    }
}

/// Which list, or which delivery.
#[component]
pub fn AmongList(editor: Editor, at: Path, what: Among) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let found = LocalResource::new(move || find_among(what, query.get()));
    let place = StoredValue::new(at.clone());
    let now = Memo::new(move |_| match place.with_value(|at| editor.node(at)) {
        Some(Audience::Among { id, .. }) => id,
        _ => None,
    });
    let take = move |known: Known| {
        let id = Some(known.id);
        editor.know(vec![known]);
        place.with_value(|at| editor.choose(at, Audience::Among { what, id }));
        editor.close(true);
    };
    let label = match what {
        Among::List => "リストの名前をさがす",
        Among::Received | Among::Failed => "配信の件名をさがす",
        Among::Replied => "配信の件名か返事のことばをさがす",
        Among::Answered => "フォームの名前をさがす",
        Among::Chose => "フォームの名前・質問・選択肢をさがす",
    };
    let none = match what {
        Among::List => {
            "当てはまる対象者リストはありません。「配信対象」の「対象者リスト」で取りこむと、ここから選べます。"
        }
        Among::Received => "当てはまる配信はありません。送り始めた配信だけが出ます。",
        Among::Failed => "当てはまる配信はありません。届かなかった人がいる配信だけが出ます。",
        Among::Replied => {
            "当てはまる返事はありません。配信のボタンで「返事をする」を選んで送ると、ここから選べます。"
        }
        Among::Answered => {
            "当てはまるフォームはありません。公開したフォームのうち、回答を見られるものだけが出ます。"
        }
        Among::Chose => {
            "当てはまる選択肢はありません。公開したフォームの、ひとつ選ぶ・いくつでも選ぶ・段階・地区・同意の質問だけが出ます。"
        }
    };
    let words = Signal::derive(move || {
        now.get().map_or_else(
            || "まだ選んでいません".to_owned(),
            |id| editor.catalog.with_value(|c| name(c.known(what, id), what)),
        )
    });
    view! {
        <div class="search pick-search">
            <Icon name=IconName::Search size=18 />
            <input type="search" aria-label=label placeholder=label autocomplete="off" on:input=move |event| query.set(event_target_value(&event)) />
        </div>
        // A boundary of its own: in the page's, each search would take the whole page away.
        <Transition fallback=|| view! { <p class="pick-none" role="status">"読みこんでいます"</p> }>
            {move || match found.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <p class="pick-none err" role="alert">{error.to_string()}</p> }.into_any(),
                Some(Ok(rows)) if rows.is_empty() => view! { <p class="pick-none">{none}</p> }.into_any(),
                Some(Ok(rows)) => {
                    let most = if what == Among::Chose { 100 } else { 20 };
                    let many = rows.len() >= most;
                    view! {
                        <ul class="pick-options">
                            {rows
                                .into_iter()
                                .map(|known| {
                                    let current = now.get_untracked() == Some(known.id);
                                    let (title, note) = (name(Some(&known), what), note(&known));
                                    view! {
                                        <li>
                                            <button class="pick-option" type="button" aria-current=current.then_some("true") on:click=move |_| take(known.clone())>
                                                <span>{title}</span>
                                                <span class="sub dense">{note}</span>
                                            </button>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                        {many.then(|| view! { <p class="pick-none">{format!("新しい{most}件だけを出しています。ことばでさがしてください。")}</p> })}
                        {what.is_form().then(|| view! { <p class="pick-none">"件数には、LINEの外から答えた人もふくみます。配信できるのは、LINEから答えた友だちだけです。"</p> })}
                        {matches!(what, Among::Received | Among::Failed).then(|| view! { <p class="pick-none">"LINEの一覧で友だち全員に送った配信は、だれに届いたか分からないので出ません。"</p> })}
                    }
                        .into_any()
                }
            }}
        </Transition>
        <Foot editor at words />
    }
}
