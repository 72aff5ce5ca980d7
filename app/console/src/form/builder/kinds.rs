//! What is set of each kind of question.

use super::formula::FormulaField;
use super::options::{Options, Rows};
use super::state::Builder;
use domain::form::edit::{self, Row, Target, Which};
use domain::form::{Ask, Decimal, FileType, normal};
use leptos::prelude::*;
use ui::prelude::*;

/// A field of the kind: `get` its words, `set` what was typed, if it can be read.
#[derive(Clone)]
struct Fields {
    b: Builder,
    which: Which,
}

impl Fields {
    fn value(&self, get: fn(&Ask) -> String) -> Signal<String> {
        self.b.of(&self.which, move |q| get(&q.ask), String::new())
    }

    fn put(&self, id: &'static str, set: fn(&mut Ask, &str)) -> Callback<String> {
        let (b, which) = (self.b, self.which.clone());
        Callback::new(move |text: String| {
            b.write_question(id, &which, |q| set(&mut q.ask, &text));
        })
    }

    fn error(&self, rest: &'static str) -> Signal<Option<String>> {
        self.b.error_at(Target::Question(self.which.clone()), rest)
    }

    fn number(
        &self,
        id: &'static str,
        label: &'static str,
        suffix: &'static str,
        get: fn(&Ask) -> String,
        set: fn(&mut Ask, &str),
    ) -> AnyView {
        view! {
            <TextField id=id name=id label class="field-short" inputmode="decimal" autocomplete="off" suffix value=self.value(get) on_input=self.put(id, set) />
        }
        .into_any()
    }

    fn text(
        &self,
        id: &'static str,
        label: &'static str,
        get: fn(&Ask) -> String,
        set: fn(&mut Ask, &str),
    ) -> AnyView {
        view! { <TextField id=id name=id label class="field-mid" autocomplete="off" value=self.value(get) on_input=self.put(id, set) /> }
            .into_any()
    }

    fn area(
        &self,
        id: &'static str,
        label: &'static str,
        error: &'static str,
        get: fn(&Ask) -> String,
        set: fn(&mut Ask, &str),
    ) -> AnyView {
        view! { <TextArea id=id name=id label rows=4 value=self.value(get) error=self.error(error) on_input=self.put(id, set) /> }
            .into_any()
    }

    fn tick(
        &self,
        id: &'static str,
        words: &'static str,
        get: fn(&Ask) -> bool,
        set: fn(&mut Ask, bool),
    ) -> AnyView {
        let (b, which) = (self.b, self.which.clone());
        let checked = b.of(&which, move |q| get(&q.ask), false);
        let act = move |on: bool| b.write_question("", &which, |q| set(&mut q.ask, on));
        view! { <Checkbox id=id name=id checked on_change=act>{words}</Checkbox> }.into_any()
    }
}

fn whole<T: TryFrom<i64>>(text: &str) -> Option<T> {
    normal::number(text)?.as_whole().and_then(|n| T::try_from(n).ok())
}

/// Empty: nothing. What is no number changes nothing.
fn maybe(to: &mut Option<Decimal>, text: &str) {
    if text.trim().is_empty() {
        *to = None;
    } else if let Some(n) = normal::number(text) {
        *to = Some(n);
    }
}

fn shown(n: Option<Decimal>) -> String {
    n.map(|n| n.to_string()).unwrap_or_default()
}

fn text_max(ask: &Ask) -> String {
    match ask {
        Ask::Text { max } | Ask::LongText { max } => max.to_string(),
        _ => String::new(),
    }
}

/// The settings of the kind.
#[component]
pub fn KindFields(b: Builder, which: Which) -> impl IntoView {
    let Some(question) = b.question(&which) else { return ().into_any() };
    let f = Fields { b, which: which.clone() };
    let ask_error = f.error("/ask");
    let own = match question.ask {
        Ask::One { .. } | Ask::Many { .. } | Ask::Tree { .. } => {
            let tree = matches!(question.ask, Ask::Tree { .. });
            view! { <Options b which tree /> }.into_any()
        }
        Ask::Matrix { .. } => view! {
            <Rows b which=which.clone() rows=true />
            <Rows b which rows=false />
            {f.tick("b-ask-many", "1つの行で、いくつでも選べる", |a| matches!(a, Ask::Matrix { many: true, .. }), |a, on| if let Ask::Matrix { many, .. } = a { *many = on })}
        }
        .into_any(),
        Ask::Year { .. } | Ask::Date { .. } => view! {
            <div class="edit-row">
                {f.number("b-ask-from", "いちばん古い年", "年から", |a| match a { Ask::Year { from, .. } | Ask::Date { from, .. } => from.to_string(), _ => String::new() }, |a, t| if let (Ask::Year { from, .. } | Ask::Date { from, .. }, Some(n)) = (a, whole::<i32>(t).filter(|n| (1868..=2199).contains(n))) { *from = n })}
                {f.number("b-ask-to", "いちばん新しい年", "年まで", |a| match a { Ask::Year { to, .. } | Ask::Date { to, .. } => to.to_string(), _ => String::new() }, |a, t| if let (Ask::Year { to, .. } | Ask::Date { to, .. }, Some(n)) = (a, whole::<i32>(t).filter(|n| (1868..=2199).contains(n))) { *to = n })}
            </div>
        }
        .into_any(),
        Ask::Time { .. } => f.number("b-ask-step", "きざみ", "分ごと", |a| match a { Ask::Time { step } => step.to_string(), _ => String::new() }, |a, t| if let (Ask::Time { step }, Some(n)) = (a, whole::<u8>(t).filter(|n| (1..=60).contains(n))) { *step = n }),
        Ask::Text { .. } | Ask::LongText { .. } => f.number("b-ask-max", "いちばん長くて", "文字", text_max, |a, t| {
            if let (Ask::Text { max } | Ask::LongText { max }, Some(n)) = (a, whole::<usize>(t).filter(|n| (1..=10_000).contains(n))) { *max = n }
        }),
        Ask::Number { .. } => view! {
            <div class="edit-row">
                {f.number("b-ask-min", "いちばん小さい数", "以上", |a| match a { Ask::Number { min, .. } => shown(*min), _ => String::new() }, |a, t| if let Ask::Number { min, .. } = a { maybe(min, t) })}
                {f.number("b-ask-max", "いちばん大きい数", "以下", |a| match a { Ask::Number { max, .. } => shown(*max), _ => String::new() }, |a, t| if let Ask::Number { max, .. } = a { maybe(max, t) })}
                {f.number("b-ask-step", "きざみ（空なら1）", "", |a| match a { Ask::Number { step, .. } => shown(*step), _ => String::new() }, |a, t| if let Ask::Number { step, .. } = a { maybe(step, t) })}
                {f.text("b-ask-unit", "単位（人、円など）", |a| match a { Ask::Number { unit, .. } => unit.clone(), _ => String::new() }, |a, t| if let Ask::Number { unit, .. } = a { *unit = t.chars().take(20).collect() })}
            </div>
        }
        .into_any(),
        Ask::Scale { .. } => view! {
            <div class="edit-row">
                {f.number("b-ask-from", "はじめの段階", "", |a| match a { Ask::Scale { from, .. } => from.to_string(), _ => String::new() }, |a, t| if let (Ask::Scale { from, to, .. }, Some(n)) = (a, whole::<i32>(t)) && (-100..=100).contains(&n) && *to - n <= 20 { *from = n })}
                {f.text("b-ask-low", "はじめの段階の意味", |a| match a { Ask::Scale { low, .. } => low.clone(), _ => String::new() }, |a, t| if let Ask::Scale { low, .. } = a { *low = t.chars().take(200).collect() })}
                {f.number("b-ask-to", "終わりの段階", "", |a| match a { Ask::Scale { to, .. } => to.to_string(), _ => String::new() }, |a, t| if let (Ask::Scale { from, to, .. }, Some(n)) = (a, whole::<i32>(t)) && (-100..=100).contains(&n) && n - *from <= 20 { *to = n })}
                {f.text("b-ask-high", "終わりの段階の意味", |a| match a { Ask::Scale { high, .. } => high.clone(), _ => String::new() }, |a, t| if let Ask::Scale { high, .. } = a { *high = t.chars().take(200).collect() })}
            </div>
        }
        .into_any(),
        Ask::Name { .. } => f.tick("b-ask-kana", "フリガナもたずねる", |a| matches!(a, Ask::Name { kana: true }), |a, on| if let Ask::Name { kana } = a { *kana = on }),
        Ask::Photo { .. } => view! {
            {f.number("b-ask-max", "いちばん多くて", "枚（10枚まで）", |a| match a { Ask::Photo { max, .. } => max.to_string(), _ => String::new() }, |a, t| if let (Ask::Photo { max, .. }, Some(n)) = (a, whole::<u8>(t).filter(|n| (1..=10).contains(n))) { *max = n })}
            {f.tick("b-ask-position", "撮った場所も受け取る", |a| matches!(a, Ask::Photo { position: true, .. }), |a, on| if let Ask::Photo { position, .. } = a { *position = on })}
        }
        .into_any(),
        Ask::File { .. } => view! {
            <div class="edit-row">
                {f.number("b-ask-max", "いちばん多くて", "つ（10まで）", |a| match a { Ask::File { max, .. } => max.to_string(), _ => String::new() }, |a, t| if let (Ask::File { max, .. }, Some(n)) = (a, whole::<u8>(t).filter(|n| (1..=10).contains(n))) { *max = n })}
                {f.number("b-ask-megabytes", "1つの大きさ", "MBまで（20まで）", |a| match a { Ask::File { megabytes, .. } => megabytes.to_string(), _ => String::new() }, |a, t| if let (Ask::File { megabytes, .. }, Some(n)) = (a, whole::<u8>(t).filter(|n| (1..=20).contains(n))) { *megabytes = n })}
            </div>
            {types(&f)}
        }
        .into_any(),
        Ask::Group { .. } => view! {
            <div class="edit-row">
                {f.text("b-ask-item", "1つの呼び方（お子さん、犬）", |a| match a { Ask::Group { item, .. } => item.clone(), _ => String::new() }, |a, t| if let Ask::Group { item, .. } = a { *item = t.chars().take(200).collect() })}
                {f.number("b-ask-min", "少なくとも", "つ", |a| match a { Ask::Group { min, .. } => min.to_string(), _ => String::new() }, |a, t| if let (Ask::Group { min, max, .. }, Some(n)) = (a, whole::<u8>(t)) && n <= *max { *min = n })}
                {f.number("b-ask-max", "多くて", "つ（20まで）", |a| match a { Ask::Group { max, .. } => max.to_string(), _ => String::new() }, |a, t| if let (Ask::Group { min, max, .. }, Some(n)) = (a, whole::<u8>(t)) && (1..=edit::ITEMS_MAX).contains(&n) && *min <= n { *max = n })}
            </div>
        }
        .into_any(),
        Ask::Calculation { .. } => {
            let row = b.form.with_untracked(|form| edit::place(form, &which));
            let (row, index) = row.unwrap_or((Row::Staff, 0));
            let value = f.value(|a| match a { Ask::Calculation { formula, .. } => formula.to_string(), _ => String::new() });
            let to = which.clone();
            let put = Callback::new(move |new| {
                b.write_question("formula", &to, |q| {
                    if let Ask::Calculation { formula, .. } = &mut q.ask {
                        *formula = new;
                    }
                });
            });
            view! {
                <FormulaField b id=String::from("b-ask-formula") row index=Some(index) value put label="計算の式" />
                <div class="edit-row">
                    {f.number("b-ask-places", "小数", "けた", |a| match a { Ask::Calculation { places, .. } => places.to_string(), _ => String::new() }, |a, t| if let (Ask::Calculation { places, .. }, Some(n)) = (a, whole::<u8>(t).filter(|n| *n <= 6)) { *places = n })}
                    {f.text("b-ask-unit", "単位（円など）", |a| match a { Ask::Calculation { unit, .. } => unit.clone(), _ => String::new() }, |a, t| if let Ask::Calculation { unit, .. } = a { *unit = t.chars().take(20).collect() })}
                </div>
            }
            .into_any()
        }
        Ask::Consent { .. } => view! {
            {f.area("b-ask-text", "同意してもらうこと", "/ask/text", |a| match a { Ask::Consent { text, .. } => text.clone(), _ => String::new() }, |a, t| if let Ask::Consent { text, .. } = a { t.clone_into(text) })}
            {f.area("b-ask-more", "「くわしく」を押すと出る文（なくてもよい）", "/ask/more", |a| match a { Ask::Consent { more, .. } => more.clone(), _ => String::new() }, |a, t| if let Ask::Consent { more, .. } = a { t.clone_into(more) })}
        }
        .into_any(),
        Ask::Explanation { .. } => f.area("b-ask-text", "説明の文", "/ask/text", |a| match a { Ask::Explanation { text } => text.clone(), _ => String::new() }, |a, t| if let Ask::Explanation { text } = a { t.clone_into(text) }),
        Ask::Address {} | Ask::Telephone {} | Ask::Mail {} | Ask::Place {} => ().into_any(),
    };
    view! {
        <div class="kind-fields">{own} <FieldError id="b-ask-error" text=ask_error /></div>
    }
    .into_any()
}

/// Which types of files.
fn types(f: &Fields) -> AnyView {
    let kinds = [
        (FileType::Pdf, "PDF"),
        (FileType::Picture, "写真・画像（JPEG、PNG）"),
        (FileType::Word, "Word"),
        (FileType::Excel, "Excel"),
        (FileType::Text, "テキスト・CSV"),
    ];
    let ticks = kinds
        .into_iter()
        .map(|(kind, words)| {
            let (b, which) = (f.b, f.which.clone());
            let checked = b.of(
                &which,
                move |q| matches!(&q.ask, Ask::File { types, .. } if types.contains(&kind)),
                false,
            );
            let act = move |on: bool| {
                b.write_question("", &which, |q| {
                    if let Ask::File { types, .. } = &mut q.ask {
                        types.retain(|t| *t != kind);
                        if on {
                            types.push(kind);
                        }
                        types.sort_unstable();
                    }
                });
            };
            view! { <Checkbox name="b-file-type" value=words checked on_change=act>{words}</Checkbox> }
        })
        .collect_view();
    view! { <Fieldset id="b-ask-types" legend="受け取る種類" class="fieldset-row">{ticks}</Fieldset> }.into_any()
}
