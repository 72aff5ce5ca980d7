//! Photos and files: what was uploaded, and the way to add one. Without a script the browser
//! sends the file together with everything that was typed; with one (`form.js`) it is made
//! small first and sent by itself.

use super::sheet::Sheet;
use super::{Group, field_name};
use crate::icon::{Icon, IconName};
use domain::form::FileType;
use domain::form::inbox::FileOf;
use leptos::prelude::*;

/// What a file input offers.
struct Offer {
    accept: String,
    add: String,
    hint: String,
    max: u8,
    photo: bool,
    /// What the script makes of a photo: `small`, or `whole` with where it was taken.
    made: Option<&'static str>,
}

/// 「412 kB」.
pub fn size_words(bytes: i64) -> String {
    match bytes {
        n if n >= 1_000_000 => format!("{}.{} MB", n / 1_000_000, n % 1_000_000 / 100_000),
        n => format!("{} kB", (n + 999) / 1_000),
    }
}

/// Photos.
pub(super) fn photo(sheet: &Sheet, group: Group, path: &str, max: u8, position: bool) -> AnyView {
    let hint = if position {
        format!("{max}枚まで。撮った場所も、いっしょに送ります")
    } else {
        format!("{max}枚まで。撮った場所の情報は、消してから送ります")
    };
    // Telephones take HEIC and others, too; the script makes JPEG of what it can open.
    let accept = "image/*".to_owned();
    let made = Some(if position { "whole" } else { "small" });
    view_of(
        sheet,
        group,
        path,
        Offer { accept, add: "写真を足す".into(), hint, max, photo: true, made },
    )
}

/// Files.
pub(super) fn file(
    sheet: &Sheet,
    group: Group,
    path: &str,
    max: u8,
    types: &[FileType],
    megabytes: u8,
) -> AnyView {
    let of = |kind: &FileType| match kind {
        FileType::Pdf => ("PDF", ".pdf,application/pdf"),
        FileType::Picture => ("写真（JPEG・PNG）", "image/jpeg,image/png"),
        FileType::Word => ("Word（.docx）", ".docx"),
        FileType::Excel => ("Excel（.xlsx）", ".xlsx"),
        FileType::Text => ("テキスト・CSV", ".txt,.csv,text/plain,text/csv"),
    };
    let names: Vec<&str> = types.iter().map(|t| of(t).0).collect();
    let accept: Vec<&str> = types.iter().map(|t| of(t).1).collect();
    let hint =
        format!("{}。1つ{megabytes}MBまで、{}まで", names.join("、"), domain::time::things(max));
    let accept = accept.join(",");
    view_of(
        sheet,
        group,
        path,
        Offer { accept, add: "ファイルを足す".into(), hint, max, photo: false, made: None },
    )
}

fn view_of(sheet: &Sheet, group: Group, path: &str, offer: Offer) -> AnyView {
    let given = sheet.given(path);
    let there: Vec<&FileOf> = given
        .keys
        .iter()
        .filter_map(|key| sheet.files.iter().find(|f| f.id.as_str() == key))
        .collect();
    let rest = usize::from(offer.max).saturating_sub(there.len());
    let id = format!("{}-file", group.id);
    let kept = there
        .into_iter()
        .map(|file| {
            let address = format!("{}/{}", sheet.files_at, file.id);
            let picture = file.width.is_some().then(|| {
                let alt = format!("送る写真：{}", file.name);
                view! { <img src=format!("{address}/preview") alt=alt width="160" height="120" loading="lazy" /> }
            });
            let label = format!("「{}」を外す", file.name);
            view! {
                <li class="form-file" data-file=file.id.as_str().to_owned()>
                    <input type="hidden" name=field_name(path) value=file.id.as_str().to_owned() />
                    {picture}
                    <span class="form-file-name">{format!("{}・{}", file.name, size_words(file.size))}</span>
                    <button class="btn btn-plain" type="submit" name="act" value=format!("drop:{path}:{}", file.id) formnovalidate aria-label=label>
                        <Icon name=IconName::Cross size=20 />
                        <span>"外す"</span>
                    </button>
                </li>
            }
        })
        .collect_view();
    let words = format!("{}（あと {rest}{}）", offer.add, if offer.photo { "枚" } else { "つ" });
    let icon = if offer.photo { IconName::Camera } else { IconName::Upload };
    let disabled = sheet.files_at.is_empty();
    let add = (rest > 0).then(|| {
        view! {
            <div class="form-upload" data-upload=path.to_owned() data-photo=offer.made>
                <label class="form-part-label" for=id.clone()>{words}</label>
                <input
                    class="form-file-input"
                    type="file"
                    id=id.clone()
                    name=format!("file[{path}]")
                    accept=offer.accept
                    disabled=disabled
                />
                <button
                    class="btn btn-outline btn-wide"
                    type="submit"
                    name="act"
                    value=format!("upload:{path}")
                    formaction=sheet.upload_to.clone()
                    formenctype="multipart/form-data"
                    formnovalidate
                    disabled=disabled
                >
                    <Icon name=icon size=20 />
                    <span>"選んだものを足す"</span>
                </button>
                <p class="form-state" role="status" data-upload-state=""></p>
                <p class="field-error" id=format!("{id}-error") role="alert" data-upload-error="" hidden>
                    <Icon name=IconName::Warning size=18 />
                    <span></span>
                </p>
            </div>
        }
    });
    let controls = view! {
        <p class="field-hint">{offer.hint}</p>
        <ul class="form-files">{kept}</ul>
        {add}
    };
    group.view(controls.into_any())
}
