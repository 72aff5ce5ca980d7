//! Questions of several controls: matrices, names, addresses, places, and groups of questions.

use super::sheet::{Sheet, field};
use super::{Group, field_id, field_name, wrong};
use crate::icon::{Icon, IconName};
use domain::form::{Opt, Question, SHORT_MAX};
use leptos::prelude::*;

/// A labelled line that is a part of an answer.
fn part(
    sheet: &Sheet,
    path: &str,
    name: &str,
    label: &str,
    keyboard: &'static str,
    fill: &'static str,
) -> AnyView {
    let path = format!("{path}.{name}");
    let id = field_id(&path);
    let error = sheet.error(&path);
    let described = error.is_some().then(|| format!("{id}-error"));
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="form-part">
            <label class="form-part-label" for=id.clone()>
                {label.to_owned()}
            </label>
            <input
                class="control"
                type="text"
                inputmode=keyboard
                autocomplete=fill
                id=id.clone()
                name=field_name(&path)
                value=sheet.word(&path)
                maxlength=SHORT_MAX
                data-name=name.to_owned()
                aria-describedby=described
                aria-invalid=invalid
            />
            {wrong(&id, error)}
        </div>
    }
    .into_any()
}

/// 氏名, with フリガナ.
pub(super) fn name(sheet: &Sheet, group: Group, path: &str, kana: bool) -> AnyView {
    let one = |name: &str, label: &str, fill| part(sheet, path, name, label, "text", fill);
    let kana = kana.then(|| {
        view! {
            <div class="form-two">
                {one("family_kana", "セイ（フリガナ）", "off")} {one("given_kana", "メイ（フリガナ）", "off")}
            </div>
        }
    });
    let controls = view! {
        <div class="form-parts" data-kana="">
            <div class="form-two">
                {one("family", "氏", "family-name")} {one("given", "名", "given-name")}
            </div>
            {kana}
        </div>
    };
    group.view(controls.into_any())
}

/// An address, from the postcode on.
pub(super) fn address(sheet: &Sheet, group: Group, path: &str) -> AnyView {
    let one =
        |name: &str, label: &str, keyboard, fill| part(sheet, path, name, label, keyboard, fill);
    let look = sheet.postcodes.then(|| {
        view! {
            <button class="btn btn-outline" type="submit" name="act" value=format!("postcode:{path}") formnovalidate>
                <Icon name=IconName::Search size=20 />
                <span>"郵便番号から住所を入れる"</span>
            </button>
        }
    });
    let controls = view! {
        <div class="form-parts" data-address=path.to_owned()>
            <div class="form-postcode">
                {one("postcode", "郵便番号（例 123-4567）", "numeric", "postal-code")} {look}
            </div>
            {one("prefecture", "都道府県", "text", "address-level1")}
            {one("city", "市区町村", "text", "address-level2")}
            {one("street", "町名・番地", "text", "address-line1")}
            {one("building", "建物の名前・部屋（あれば）", "text", "address-line2")}
        </div>
    };
    group.view(controls.into_any())
}

/// A point: by the phone's position where a script runs, else in numbers as maps show them.
pub(super) fn place(sheet: &Sheet, group: Group, path: &str) -> AnyView {
    let one = |name: &str, label: &str, keyboard| part(sheet, path, name, label, keyboard, "off");
    let map = sheet.map.clone().map(|map| {
        let center = map.center.map(|(north, east)| format!("{north},{east}"));
        view! {
            <button class="btn btn-outline btn-wide" type="button" data-on-map="" hidden>
                <Icon name=IconName::Map size=20 />
                <span>"地図でえらぶ"</span>
            </button>
            <div class="form-map" data-map="" data-tiles=map.tiles data-center=center role="application" aria-label="地図。矢印のキーで動かし、＋と－のキーで大きさを変えます" hidden>
                <span class="form-map-pin">
                    <Icon name=IconName::Pin size=36 />
                </span>
            </div>
        }
    });
    let controls = view! {
        <div class="form-parts" data-place=path.to_owned()>
            <button class="btn btn-outline btn-wide" type="button" data-here="" hidden>
                <Icon name=IconName::Pin size=20 />
                <span>"いまいる場所を入れる"</span>
            </button>
            {map}
            <p class="form-state" role="status" data-here-state=""></p>
            {one("words", "場所の説明（例 みどり公園の入口）", "text")}
            <div class="form-two">
                {one("latitude", "緯度（例 35.681236）", "decimal")}
                {one("longitude", "経度（例 139.767125）", "decimal")}
            </div>
            <p class="field-hint">
                "緯度と経度は、地図アプリで場所を長く押すと出る数です。"
            </p>
        </div>
    };
    group.view(controls.into_any())
}

/// A choice of the same columns for each row. A row is a group of its own, so that it reads on
/// a narrow phone without scrolling sideways.
pub(super) fn matrix(
    sheet: &Sheet,
    group: Group,
    path: &str,
    rows: &[Opt],
    columns: &[Opt],
    many: bool,
) -> AnyView {
    let (kind, class) = if many { ("checkbox", "tick") } else { ("radio", "tick radio") };
    let each = rows
        .iter()
        .map(|row| {
            let path = format!("{path}.{}", row.key);
            let id = field_id(&path);
            let given = sheet.given(&path);
            let error = sheet.error(&path);
            let described = error.is_some().then(|| format!("{id}-error"));
            let choices = columns
                .iter()
                .map(|column| {
                    view! {
                        <label class="choice matrix-choice">
                            <input class=class type=kind name=given.name.clone() value=column.key.clone() checked=given.has(&column.key) />
                            <span>{column.label.clone()}</span>
                        </label>
                    }
                })
                .collect_view();
            view! {
                <fieldset class="matrix-row" id=id.clone() tabindex="-1" aria-describedby=described>
                    <legend>{row.label.clone()}</legend>
                    <div class="matrix-choices">{choices}</div>
                    {wrong(&id, error)}
                </fieldset>
            }
        })
        .collect_view();
    group.view(view! { <div class="matrix">{each}</div> }.into_any())
}

/// The same questions for each of several. Items are added and taken away by buttons that send
/// the form, so that it works without a script.
pub(super) fn group(
    sheet: &Sheet,
    group: Group,
    path: &str,
    item: &str,
    min: u8,
    max: u8,
    questions: &[Question],
) -> AnyView {
    let indices = sheet.indices(path, min, max);
    let count = indices.len();
    let each = indices
        .iter()
        .map(|index| {
            let title = format!("{item} {}", index + 1);
            let fields = questions
                .iter()
                .map(|question| {
                    field(sheet, question, &format!("{path}.{index}.{}", question.key))
                })
                .collect_view();
            let remove = (count > usize::from(min)).then(|| {
                view! {
                    <button class="btn btn-plain" type="submit" name="act" value=format!("remove:{path}:{index}") formnovalidate>
                        <Icon name=IconName::Trash size=20 />
                        <span>{format!("「{title}」を消す")}</span>
                    </button>
                }
            });
            view! {
                <fieldset class="form-each" id=field_id(&format!("{path}.{index}")) tabindex="-1">
                    <legend>{title.clone()}</legend>
                    <div class="form-each-body">{fields} {remove}</div>
                </fieldset>
            }
        })
        .collect_view();
    let rest = usize::from(max).saturating_sub(count);
    let add = (rest > 0).then(|| {
        view! {
            <button class="btn btn-outline btn-wide form-add" type="submit" name="act" value=format!("add:{path}") formnovalidate>
                <Icon name=IconName::Plus size=20 />
                <span>{format!("{item}を足す（あと {rest}）")}</span>
            </button>
        }
    });
    let controls = view! {
        <input type="hidden" name=format!("items[{path}]") value=count.to_string() />
        <div class="form-items">{each}</div>
        {add}
    };
    group.view(controls.into_any())
}
