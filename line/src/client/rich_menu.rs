//! Rich menus over HTTP.
//!
//! Source: <https://developers.line.biz/en/reference/messaging-api/#rich-menu>

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Error;
use super::http::{Call, failure, header, limited};
use super::{Client, Reply};
use crate::api::REQUEST_ID;
use crate::id::UserId;
use crate::rich_menu::{
    Alias, AliasList, Batch, BulkLink, BulkUnlink, InsightDaily, InsightSummary, MadeRichMenu,
    Progress, RichMenu, RichMenuId, RichMenuList,
};
use crate::text;
use crate::validate::Detail;

/// The text may not become part of an address.
#[derive(Debug, thiserror::Error)]
#[error("not an id of a rich menu or an alias")]
struct NotAnId;

/// A part of an address that LINE or we made up.
fn part(id: &str) -> Result<&str, Error> {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if (1..=100).contains(&id.len()) && id.bytes().all(fits) {
        Ok(id)
    } else {
        Err(Error::NotSent(NotAnId.into()))
    }
}

/// The formats that LINE takes for a rich menu's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    Jpeg,
    Png,
}

impl Picture {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// What is not there is nothing, not an error.
fn maybe<T>(answer: Result<Reply<T>, Error>) -> Result<Reply<Option<T>>, Error> {
    match answer {
        Ok(Reply { value, request_id }) => Ok(Reply { value: Some(value), request_id }),
        Err(Error::Refused { status: 404, request_id, .. }) => {
            Ok(Reply { value: None, request_id })
        }
        Err(other) => Err(other),
    }
}

/// Whether it was there.
fn whether(answer: Result<Reply<()>, Error>) -> Result<Reply<bool>, Error> {
    let Reply { value, request_id } = maybe(answer)?;
    Ok(Reply { value: value.is_some(), request_id })
}

impl Client {
    async fn tell<T: Serialize>(&self, path: &str, body: &T) -> Result<Reply<()>, Error> {
        self.done(Call::post(self.api(path), body, None)?).await
    }

    async fn act(&self, method: Method, path: &str) -> Result<Reply<()>, Error> {
        self.done(Call::bare(method, self.api(path))).await
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, Error> {
        self.read(Call::get(self.api(path), Vec::new())).await
    }

    /// Makes a menu and gives its id. 100 calls an hour. There is no retry key: where
    /// the outcome is unknown, look for the menu by its name before making another.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_rich_menu(&self, menu: &RichMenu) -> Result<Reply<String>, Error> {
        let call = Call::post(self.api("richmenu"), menu, None)?;
        let reply = self.read::<RichMenuId>(call).await?;
        Ok(Reply { value: reply.value.id, request_id: reply.request_id })
    }

    /// Asks LINE to judge a menu without making it. An empty list: it is fine.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#validate-rich-menu-object>
    ///
    /// # Errors
    /// [`Error`], but not for a menu that LINE finds wrong.
    pub async fn check_rich_menu(&self, menu: &RichMenu) -> Result<Reply<Vec<Detail>>, Error> {
        let call = Call::post(self.api("richmenu/validate"), menu, None)?;
        self.judge(call, "richmenu").await
    }

    /// Sets a menu's picture, once: it cannot be replaced. 400 also where there is one.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn set_rich_menu_picture(
        &self,
        menu: &str,
        format: Picture,
        bytes: Vec<u8>,
    ) -> Result<Reply<()>, Error> {
        let url = self.picture_url(menu)?;
        self.done(Call::file(url, format.media_type(), bytes)).await
    }

    /// A menu's picture as it was uploaded; `None` where there is no menu or no picture.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#download-rich-menu-image>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_picture(&self, menu: &str) -> Result<Reply<Option<Vec<u8>>>, Error> {
        let response = self.send(&Call::get(self.picture_url(menu)?, Vec::new())).await?;
        let request_id = header(&response, REQUEST_ID);
        if !response.status().is_success() {
            return maybe(Err(failure(response).await));
        }
        let bytes = limited(response, 2 * text::RICH_MENU_PICTURE_BYTES).await?;
        Ok(Reply { value: Some(bytes), request_id })
    }

    fn picture_url(&self, menu: &str) -> Result<String, Error> {
        Ok(format!("{}/v2/bot/richmenu/{}/content", self.base.data, part(menu)?))
    }

    /// One menu; `None` where there is none.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu(&self, menu: &str) -> Result<Reply<Option<MadeRichMenu>>, Error> {
        maybe(self.ask(&format!("richmenu/{}", part(menu)?)).await)
    }

    /// All menus that were made by API, at most 1000. 10 calls a second.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-list>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menus(&self) -> Result<Reply<Vec<MadeRichMenu>>, Error> {
        let reply = self.ask::<RichMenuList>("richmenu/list").await?;
        Ok(Reply { value: reply.value.menus, request_id: reply.request_id })
    }

    /// Deletes a menu; whether it was there. 100 calls an hour.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#delete-rich-menu>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delete_rich_menu(&self, menu: &str) -> Result<Reply<bool>, Error> {
        whether(self.act(Method::DELETE, &format!("richmenu/{}", part(menu)?)).await)
    }

    /// Everybody without an own menu has this one, when the talk is opened again.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#set-default-rich-menu>
    ///
    /// # Errors
    /// [`Error`]; 400 where the menu has no picture.
    pub async fn set_default_rich_menu(&self, menu: &str) -> Result<Reply<()>, Error> {
        self.act(Method::POST, &format!("user/all/richmenu/{}", part(menu)?)).await
    }

    /// The default menu's id; `None` where none is set by API.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-default-rich-menu-id>
    ///
    /// # Errors
    /// [`Error`]; 403 where another channel, such as LINE's own manager, has set it.
    pub async fn default_rich_menu(&self) -> Result<Reply<Option<String>>, Error> {
        named(maybe(self.ask("user/all/richmenu").await))
    }

    /// No default menu any more.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#cancel-default-rich-menu>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn clear_default_rich_menu(&self) -> Result<Reply<()>, Error> {
        self.act(Method::DELETE, "user/all/richmenu").await
    }

    /// Makes an alias for a menu that has its picture. 400 also where there is one.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu-alias>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_rich_menu_alias(&self, alias: &Alias) -> Result<Reply<()>, Error> {
        self.tell("richmenu/alias", alias).await
    }

    /// Leads an alias to another menu that has its picture; phones may see it late.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#update-rich-menu-alias>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn update_rich_menu_alias(&self, alias: &Alias) -> Result<Reply<()>, Error> {
        let body = RichMenuId { id: alias.menu.clone() };
        self.tell(&format!("richmenu/alias/{}", part(&alias.alias)?), &body).await
    }

    /// Deletes an alias; whether it was there. 100 calls an hour.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#delete-rich-menu-alias>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delete_rich_menu_alias(&self, alias: &str) -> Result<Reply<bool>, Error> {
        whether(self.act(Method::DELETE, &format!("richmenu/alias/{}", part(alias)?)).await)
    }

    /// Where an alias leads; `None` where there is none.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-alias-by-id>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_alias(&self, alias: &str) -> Result<Reply<Option<Alias>>, Error> {
        maybe(self.ask(&format!("richmenu/alias/{}", part(alias)?)).await)
    }

    /// All aliases, at most 1000.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-alias-list>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_aliases(&self) -> Result<Reply<Vec<Alias>>, Error> {
        let reply = self.ask::<AliasList>("richmenu/alias/list").await?;
        Ok(Reply { value: reply.value.aliases, request_id: reply.request_id })
    }

    /// Gives one person an own menu, at once. A success also where nothing came of it:
    /// not a friend, blocked, unknown.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#link-rich-menu-to-user>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn link_rich_menu(&self, user: UserId, menu: &str) -> Result<Reply<()>, Error> {
        self.act(Method::POST, &format!("user/{user}/richmenu/{}", part(menu)?)).await
    }

    /// Takes a person's own menu away, at once.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#unlink-rich-menu-from-user>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn unlink_rich_menu(&self, user: UserId) -> Result<Reply<()>, Error> {
        self.act(Method::DELETE, &format!("user/{user}/richmenu")).await
    }

    /// The id of a person's own menu; `None` where there is none, or no friend.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-id-of-user>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_of(&self, user: UserId) -> Result<Reply<Option<String>>, Error> {
        named(maybe(self.ask(&format!("user/{user}/richmenu")).await))
    }

    /// Gives up to 500 people an own menu, within seconds. The 202 promises nothing:
    /// [`Self::rich_menu_of`] tells what came of it.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#link-rich-menu-to-users>
    ///
    /// # Errors
    /// [`Error`]; then nobody was linked.
    pub async fn link_rich_menu_to_many(&self, bulk: &BulkLink) -> Result<Reply<()>, Error> {
        self.tell("richmenu/bulk/link", bulk).await
    }

    /// Takes the own menus of up to 500 people away, within seconds, as
    /// [`Self::link_rich_menu_to_many`].
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#unlink-rich-menu-from-users>
    ///
    /// # Errors
    /// [`Error`]; then nobody was unlinked.
    pub async fn unlink_rich_menu_from_many(&self, bulk: &BulkUnlink) -> Result<Reply<()>, Error> {
        self.tell("richmenu/bulk/unlink", bulk).await
    }

    /// Moves everybody from menus to others, in the background; keep the answer's
    /// request id for [`Self::rich_menu_batch_progress`]. 3 calls an hour. Where the
    /// outcome is unknown, the same call under the same key is safe.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_batch(&self, batch: &Batch) -> Result<Reply<()>, Error> {
        self.tell("richmenu/batch", batch).await
    }

    /// Asks LINE to judge a batch without doing it. An empty list: it is fine.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#validate-batch-control-rich-menus-request>
    ///
    /// # Errors
    /// [`Error`], but not for a batch that LINE finds wrong.
    pub async fn check_rich_menu_batch(&self, batch: &Batch) -> Result<Reply<Vec<Detail>>, Error> {
        let call = Call::post(self.api("richmenu/validate/batch"), batch, None)?;
        self.judge(call, "operations").await
    }

    /// How far a batch is; `None` where LINE knows none of this id, or none any more.
    /// 100 calls an hour.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-batch-control-rich-menus-progress-status>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_batch_progress(
        &self,
        request_id: &str,
    ) -> Result<Reply<Option<Progress>>, Error> {
        let query = vec![("requestId", request_id.to_owned())];
        maybe(self.read(Call::get(self.api("richmenu/progress/batch"), query)).await)
    }

    /// What became of a menu, `from` and `to` as `yyyyMMdd` in Tokyo, at most 396 days
    /// apart; `None` where there is no such menu. 60 calls an hour.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-insight-summary>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_summary(
        &self,
        menu: &str,
        from: &str,
        to: &str,
    ) -> Result<Reply<Option<InsightSummary>>, Error> {
        maybe(self.read(self.figures(menu, "summary", from, to)?).await)
    }

    /// The same day by day, at most 99 days apart. 60 calls an hour.
    ///
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-insight-daily>
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rich_menu_daily(
        &self,
        menu: &str,
        from: &str,
        to: &str,
    ) -> Result<Reply<Option<InsightDaily>>, Error> {
        maybe(self.read(self.figures(menu, "daily", from, to)?).await)
    }

    fn figures(&self, menu: &str, kind: &str, from: &str, to: &str) -> Result<Call, Error> {
        let url = self.api(&format!("insight/richmenu/{}/{kind}", part(menu)?));
        Ok(Call::get(url, vec![("from", from.to_owned()), ("to", to.to_owned())]))
    }
}

/// The id alone.
fn named(answer: Result<Reply<Option<RichMenuId>>, Error>) -> Result<Reply<Option<String>>, Error> {
    answer
        .map(|reply| Reply { value: reply.value.map(|menu| menu.id), request_id: reply.request_id })
}
