//! What residents do with menus: taps and tabs, words and registrations that switch
//! (MENU-3), their own choice, and 「メニュー」 in the talk for LINE on a PC.

use super::who::program_of;
use super::{InForce, in_force, seen_by, tap};
use crate::{Context, Platform, Result, greeting};
use domain::form::Answers;
use domain::id::{MenuId, ResidentId};
use domain::menu::cards::{CARDS, cards, sheet_cards};
use domain::menu::program::{ANSWERED, AS_CARDS, Acted, CHOOSE, Then};
use domain::menu::render::{Key, Tap};
use domain::menu::{Mode, Reason, SheetKey};
use domain::permission::Actor;
use domain::time::Timestamp;
use line::message::{Action, Message, QuickReply};
use serde_json::Value;
use store::menu::News;

/// What a tap on an offered menu carries, before the menu's number; nothing for the usual one.
const CHOICE: &str = "menu-choice:";

/// A friend came, or came back: LINE may have forgotten what they had.
///
/// # Errors
/// If the database is away.
pub async fn came(platform: &Platform, ctx: &Context, resident: ResidentId) -> Result<()> {
    if in_force(platform, ctx).await?.program.is_some() {
        store::menu::hear(ctx, resident, News::Unsure).await?;
        platform.menus_ready.notify_one();
    }
    Ok(())
}

/// What a resident did may switch their menu.
///
/// # Errors
/// If the database is away.
pub async fn acted(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    acted: Acted<'_>,
) -> Result<()> {
    let now = in_force(platform, ctx).await?;
    let rule = program_of(ctx, &now, resident).await?.and_then(|p| p.rule_for(acted));
    let Some(rule) = rule else { return Ok(()) };
    let key = match rule.then {
        Then::Show(_) => Some(rule.key),
        Then::Back => None,
    };
    store::menu::switch(ctx, resident, key).await?;
    platform.menus_ready.notify_one();
    Ok(())
}

/// What was registered may switch the menu: each answer.
async fn registered(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    answers: &Answers,
) -> Result<()> {
    let now = in_force(platform, ctx).await?;
    let program = program_of(ctx, &now, resident).await?;
    let rules = program.map(|p| &p.rules[..]).unwrap_or_default();
    // The first rule that any of the answers fits, as the program orders them.
    let fits = |rule: &&domain::menu::program::Rule| {
        answers.iter().any(|(attribute, is)| rule.when.fits(Acted::Registered { attribute, is }))
    };
    if let Some(rule) = rules.iter().find(fits) {
        let key = matches!(rule.then, Then::Show(_)).then_some(rule.key);
        store::menu::switch(ctx, resident, key).await?;
    }
    platform.menus_ready.notify_one();
    Ok(())
}

/// The same after an answer in the talk, where a second tap on a choice may take it away.
///
/// # Errors
/// If the database is away.
pub async fn answered(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    question: &str,
    choice: &str,
) -> Result<()> {
    let own = ctx.acting(Actor::Resident(resident));
    let mut chosen = store::resident::registration(&own).await?.answers;
    chosen.retain(|key, _| key == question);
    chosen.values_mut().for_each(|keys| keys.retain(|key| key == choice));
    registered(platform, ctx, resident, &chosen).await
}

/// The same after the registration page, which sends everything anew: only what was not chosen
/// before counts. It is registered, whatever becomes of the menu.
pub(crate) async fn after_registration(
    platform: &Platform,
    ctx: &Context,
    before: &Answers,
    mut answers: Answers,
) {
    for (key, chosen) in &mut answers {
        let had = before.get(key).map(Vec::as_slice).unwrap_or_default();
        chosen.retain(|choice| !had.contains(choice));
    }
    if let Actor::Resident(id) = ctx.actor
        && let Err(error) = registered(platform, &ctx.acting(Actor::System), id, &answers).await
    {
        tracing::error!(%error, "menus: a registration did not switch the menu");
    }
}

/// A postback of a menu: counted, the tab kept, rules set off; words are heard as if they were
/// written. Answers what is to be said, and nothing where it was no menu's.
///
/// # Errors
/// If the database is away.
pub async fn postback(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    data: &str,
    params: Option<&Value>,
    at: Timestamp,
) -> Result<Option<Vec<Message>>> {
    if let Some(choice) = data.strip_prefix(CHOICE) {
        return chosen(platform, ctx, resident, choice).await.map(Some);
    }
    if let Some(sheet) = data.strip_prefix(CARDS) {
        return as_cards(platform, ctx, resident, sheet.parse().ok().map(SheetKey)).await;
    }
    let Some(tapped) = Tap::parse(data) else {
        acted(platform, ctx, resident, Acted::Postback(data)).await?;
        return Ok(None);
    };
    tap::count(platform, ctx, tapped.key, tapped.area).await?;
    if tapped.said {
        return said(platform, ctx, resident, &tapped.data).await;
    }
    if let Some(key) = switched_to(&*in_force(platform, ctx).await?, params) {
        store::menu::tab(ctx, resident, key, at).await?;
        platform.menus_ready.notify_one();
    }
    if !tapped.data.is_empty() {
        acted(platform, ctx, resident, Acted::Postback(&tapped.data)).await?;
    }
    Ok(None)
}

/// The sheet that LINE has switched to.
fn switched_to(now: &InForce, params: Option<&Value>) -> Option<Key> {
    let params = params?;
    let done = params["status"].as_str().is_none_or(|s| s == "SUCCESS");
    let alias = params["newRichMenuAliasId"].as_str().filter(|_| done)?;
    Key::of_alias(&now.install, alias)
}

/// Words in the talk. Answers what is to be said, if it was about the registration or menus.
///
/// # Errors
/// If the database is away.
pub async fn said(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    text: &str,
) -> Result<Option<Vec<Message>>> {
    // The areas of a drill say the same with the mark.
    let bare = Mode::Drill.unmarked(text.trim()).trim();
    if ANSWERED.contains(&bare) {
        return Ok(Some(vec![greeting::way(platform)]));
    }
    acted(platform, ctx, resident, Acted::Said(text)).await?;
    if AS_CARDS.contains(&bare) {
        return as_cards(platform, ctx, resident, None).await;
    }
    if CHOOSE.contains(&bare) {
        return offered(platform, ctx, resident).await;
    }
    Ok(None)
}

/// The menu that a resident sees, as cards; of one sheet alone where that is still there.
async fn as_cards(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    sheet: Option<SheetKey>,
) -> Result<Option<Vec<Message>>> {
    let now = in_force(platform, ctx).await?;
    let Some(shown) = seen_by(platform, &ctx.acting(Actor::System), resident).await? else {
        return Ok(None);
    };
    let Some(menu) = now.menus.get(&shown.menu) else { return Ok(None) };
    let sheet = sheet.and_then(|key| menu.sheet(key));
    let cards = now.with_rendering(|with| match sheet {
        Some(sheet) => sheet_cards(shown.menu, menu, sheet, shown.mode, with),
        None => cards(shown.menu, menu, shown.mode, with),
    });
    let read: serde_json::Result<Vec<Message>> =
        cards.into_iter().map(serde_json::from_value).collect();
    let messages = read.map_err(|_| crate::Error::Inconsistent("cards"))?;
    Ok((!messages.is_empty()).then_some(messages))
}

/// The menus that residents may choose among, as quick replies.
async fn offered(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
) -> Result<Option<Vec<Message>>> {
    let now = in_force(platform, ctx).await?;
    let Some(program) = program_of(ctx, &now, resident).await? else { return Ok(None) };
    let mut actions: Vec<Action> = program
        .choices
        .iter()
        .filter_map(|id| Some((id, now.menus.get(id)?)))
        .map(|(id, menu)| {
            let label: String = menu.name.trim().chars().take(20).collect();
            Action::postback(label, format!("{CHOICE}{id}"))
        })
        .collect();
    if actions.is_empty() {
        return Ok(None);
    }
    actions.push(Action::postback("ふだんのメニュー", CHOICE));
    let ask = Message::text("画面の下に出すメニューを選んでください。いつでも変えられます。");
    Ok(Some(vec![ask.with_quick_reply(QuickReply::of(actions))]))
}

async fn chosen(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    choice: &str,
) -> Result<Vec<Message>> {
    let now = in_force(platform, ctx).await?;
    let program = program_of(ctx, &now, resident).await?;
    let offered = program.map(|p| &p.choices[..]).unwrap_or_default();
    let menu = match choice {
        "" => None,
        id => match id.parse::<MenuId>().ok().filter(|id| offered.contains(id)) {
            Some(id) => Some(id),
            None => {
                return Ok(vec![Message::text(
                    "このメニューは、いま選べません。「メニューを選ぶ」と送ると、選べるメニューが出ます。",
                )]);
            }
        },
    };
    store::menu::choose(ctx, resident, menu).await?;
    platform.menus_ready.notify_one();
    let name = menu.and_then(|id| now.menus.get(&id)).map(|menu| menu.name.trim());
    let shown = seen_by(platform, &ctx.acting(Actor::System), resident).await?;
    let said = match (shown.and_then(|shown| before_choices(&shown.reason)), name) {
        (Some(held), name) => {
            let chosen =
                name.map_or_else(|| "ふだんのメニュー".into(), |name| format!("「{name}」"));
            format!(
                "{chosen}を選びました。いまは{held}が出ています。終わると、選んだメニューになります。"
            )
        }
        (None, Some(name)) => format!("メニューを「{name}」に変えました。"),
        (None, None) => "ふだんのメニューにもどしました。".to_owned(),
    };
    Ok(vec![Message::text(said)])
}

/// What a resident sees before anything that they choose, in their words.
fn before_choices(reason: &Reason) -> Option<&'static str> {
    match reason {
        Reason::Emergency(_, Mode::Real) => Some("緊急メニュー"),
        Reason::Emergency(_, Mode::Drill) => Some("訓練のメニュー"),
        Reason::Trial => Some("公開の前にためしているメニュー"),
        Reason::Tried(reason) => before_choices(reason),
        Reason::Rule(_) | Reason::Choice | Reason::Variant(_) | Reason::Base => None,
    }
}
