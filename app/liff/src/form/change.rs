//! What changes what is being written without sending it: items of groups, photos and files,
//! addresses by postcode. Both a new answer and the correction of one go through here.

use super::posted::Posted;
use super::who::Who;
use domain::form::inbox::FileOf;
use domain::form::{Ask, Form};
use domain::id::{BlobId, FormId};
use services::{Error, Platform};

/// Does what was pressed, if it is one of these; answers whether it was. `files` are those that
/// were uploaded so far.
pub(super) async fn change(
    platform: &Platform,
    who: &Who,
    id: FormId,
    form: &Form,
    posted: &mut Posted,
    files: &mut Vec<FileOf>,
) -> services::Result<bool> {
    let act = posted.act.clone();
    let Some((what, of)) = act.split_once(':') else { return Ok(false) };
    match what {
        "add" => {
            if let Some(Ask::Group { max, .. }) = form.question(of).map(|group| &group.ask) {
                let count = posted.items.entry(of.to_owned()).or_default();
                *count = (*count + 1).min(usize::from(*max));
            }
        }
        "remove" => {
            if let Some((group, index)) = of.rsplit_once(':')
                && let Ok(index) = index.parse()
            {
                posted.remove_item(group, index);
            }
        }
        "drop" => {
            if let Some((path, id)) = of.rsplit_once(':') {
                if let Some(ids) = posted.answers.get_mut(path) {
                    ids.retain(|kept| kept != id);
                }
                if let (Some(holder), Ok(id)) = (&who.holder, id.parse::<BlobId>()) {
                    services::answer::drop_file(&who.ctx, holder, &id).await?;
                }
            }
        }
        "upload" => {
            let file = added(platform, who, id, form, posted, of).await?;
            posted.answers.entry(of.to_owned()).or_default().push(file.id.as_str().to_owned());
            files.push(file);
        }
        "postcode" => postcode(platform, posted, of).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

async fn added(
    platform: &Platform,
    who: &Who,
    id: FormId,
    form: &Form,
    posted: &mut Posted,
    path: &str,
) -> services::Result<FileOf> {
    let Some(holder) = &who.holder else { return Err(Error::Conflict(super::UNKNOWN.into())) };
    let Some(arrived) = posted.file.take().filter(|f| f.path == path) else {
        let words = "ファイルが選ばれていません。選んでから、押してください";
        return Err(Error::invalid(path, words));
    };
    services::answer::admit_upload(&who.ctx, holder, &who.address).await?;
    services::answer::upload(platform, &who.ctx, holder, id, form, arrived).await
}

async fn postcode(platform: &Platform, posted: &mut Posted, path: &str) -> services::Result<()> {
    let at = format!("{path}.postcode");
    let word = posted.answers.get(&at).and_then(|w| w.first()).cloned().unwrap_or_default();
    let Some(code) = domain::form::normal::postcode(&word) else {
        return Err(Error::invalid(&at, "郵便番号は、7けたの数で書いてください"));
    };
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let Some(area) = services::postcode::look(platform, &digits).await else {
        let words = "この郵便番号は見つかりませんでした。住所を書いてください";
        return Err(Error::invalid(&at, words));
    };
    posted.answers.insert(at, vec![code]);
    let parts = [("prefecture", area.prefecture), ("city", area.city), ("street", area.town)];
    for (name, words) in parts.into_iter().filter(|(_, words)| !words.is_empty()) {
        posted.answers.insert(format!("{path}.{name}"), vec![words]);
    }
    Ok(())
}
