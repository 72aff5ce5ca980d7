//! The talk's part of the registration (RES-3): a greeting on follow, the first
//! questions as quick replies, the rest on LIFF. Personal questions are never asked here.

use crate::{Context, Platform, Result};
use domain::form::{Ask, Form, Question, talk_questions};
use domain::id::{ChoiceId, ResidentId};
use line::message::{Action, Message, QuickReply};

/// What a tap on one of our quick replies carries; no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tap {
    /// A choice of a question.
    Answer {
        /// The attribute's key.
        question: String,
        /// The choice's key.
        choice: String,
    },
    /// On to the question after this one.
    After(String),
}

impl Tap {
    /// As postback data.
    pub fn data(&self) -> String {
        match self {
            Self::Answer { question, choice } => format!("answer:{question}:{choice}"),
            Self::After(question) => format!("after:{question}"),
        }
    }

    /// From postback data; nothing if it is not ours.
    pub fn parse(data: &str) -> Option<Self> {
        let mut parts = data.split(':');
        let tap = match (parts.next()?, parts.next()?, parts.next()) {
            ("answer", question, Some(choice)) => {
                Self::Answer { question: question.into(), choice: choice.into() }
            }
            ("after", question, None) => Self::After(question.into()),
            _ => return None,
        };
        parts.next().is_none().then_some(tap)
    }
}

/// The greeting: who writes, for what, and the first question.
///
/// # Errors
/// If the database is away.
pub async fn greeting(platform: &Platform, ctx: &Context) -> Result<Vec<Message>> {
    let form = crate::resident::registration_form(ctx).await?;
    let city = store::setting::city(ctx).await?;
    let link = platform.settings.liff_link("/register");
    let hello = format!(
        "{city}の公式アカウントです。友だち追加、ありがとうございます。\n\nあなたに合ったお知らせだけを届けるために、かんたんな質問をします。選んだ内容は、お知らせを届けるためだけに使い、いつでも変えられます。選ぶと、同意したことになります。\n\nくわしい登録はこちら\n{link}"
    );
    let mut messages = vec![Message::text(hello)];
    messages.extend(talk_questions(&form).next().map(|q| ask(&form, q, &[], &link)));
    Ok(messages)
}

/// The answer to a tap: the next question, or the end.
///
/// # Errors
/// If the database is away.
pub async fn answer(
    platform: &Platform,
    ctx: &Context,
    resident: ResidentId,
    tap: &Tap,
) -> Result<Option<Vec<Message>>> {
    let form = crate::resident::registration_form(ctx).await?;
    let link = platform.settings.liff_link("/register");
    let asked: Vec<&Question> = talk_questions(&form).collect();
    let key = match tap {
        Tap::Answer { question, .. } | Tap::After(question) => question,
    };
    // A question that was deleted or hidden meanwhile is passed over in silence.
    let Some(at) = asked.iter().position(|q| q.key == *key) else { return Ok(None) };
    let question = asked[at];
    if let Tap::Answer { choice, .. } = tap {
        let many = matches!(question.ask, Ask::Many { .. });
        let offered = options(question).iter().any(|o| o.key == *choice);
        if !offered {
            return Ok(Some(vec![ask(&form, question, &[], &link)]));
        }
        let chosen = store::resident::set_attribute(ctx, resident, key, choice, many).await?;
        if many {
            return Ok(Some(vec![ask(
                &form,
                question,
                &labels(ctx, question, &chosen).await?,
                &link,
            )]));
        }
    }
    Ok(Some(vec![match asked.get(at + 1) {
        Some(next) => ask(&form, next, &[], &link),
        None => Message::text(format!(
            "ありがとうございます。お住まいなど、ほかの質問はこちらで登録できます。\n{link}"
        )),
    }]))
}

/// What is said when somebody writes 「登録」: the way to the page.
pub fn way(platform: &Platform) -> Message {
    Message::text(format!(
        "受け取る情報の登録と変更は、こちらからできます。\n{}",
        platform.settings.liff_link("/register")
    ))
}

fn options(q: &Question) -> &[domain::form::Opt] {
    match &q.ask {
        Ask::One { options } | Ask::Many { options } => options,
        _ => &[],
    }
}

async fn labels(ctx: &Context, q: &Question, chosen: &[ChoiceId]) -> Result<Vec<String>> {
    let catalog = store::attribute::catalog(ctx).await?;
    let attribute = catalog.get(&q.key);
    Ok(attribute
        .into_iter()
        .flat_map(|a| &a.choices)
        .filter(|c| chosen.contains(&c.id))
        .map(|c| c.label.clone())
        .collect())
}

fn ask(form: &Form, q: &Question, chosen: &[String], link: &str) -> Message {
    let many = matches!(q.ask, Ask::Many { .. });
    let mut text = q.label.clone();
    if !q.hint.is_empty() {
        text = format!("{text}\n{}", q.hint);
    }
    text = match (many, chosen.is_empty()) {
        (true, true) => {
            format!("{text}\nいくつでも選べます。終わったら「つぎへ」を押してください。")
        }
        (true, false) => format!(
            "{text}\nいま選んでいるもの：{}\nもう一度押すと外れます。終わったら「つぎへ」を押してください。",
            chosen.join("・")
        ),
        (false, _) => format!("{text}\n1つ選んでください。"),
    };
    let mut actions: Vec<Action> = options(q)
        .iter()
        .map(|o| {
            let data = Tap::Answer { question: q.key.clone(), choice: o.key.clone() }.data();
            Action::postback(shorten(&o.label), data)
        })
        .collect();
    let last = talk_questions(form).last().is_some_and(|l| l.key == q.key);
    if many || !last {
        actions.push(Action::postback("つぎへ", Tap::After(q.key.clone()).data()));
    }
    actions.push(Action::uri("くわしく登録する", link));
    Message::text(text).with_quick_reply(QuickReply::of(actions))
}

/// LINE shows 20 characters of a label.
fn shorten(label: &str) -> String {
    if line::text::grapheme_len(label) <= 20 {
        label.to_owned()
    } else {
        label.chars().take(19).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_read_what_they_wrote() {
        for tap in [
            Tap::Answer { question: "topics".into(), choice: "waste".into() },
            Tap::After("topics".into()),
        ] {
            assert_eq!(Tap::parse(&tap.data()), Some(tap));
        }
        for other in ["", "answer", "answer:a", "after:a:b", "answer:a:b:c", "menu:1"] {
            assert_eq!(Tap::parse(other), None, "{other}");
        }
    }
}
