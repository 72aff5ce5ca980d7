//! LINE's two units of length, and its limits.
//!
//! Most lengths are counted in UTF-16 code units; labels, the texts that an action
//! puts into the talk, template titles and texts, and the rich menu's name and bar
//! text are counted in grapheme clusters (what people see as one character).
//!
//! Source: <https://developers.line.biz/en/docs/messaging-api/text-character-count/>

use unicode_segmentation::UnicodeSegmentation;

/// Length in UTF-16 code units: `😀` is 2, `👨‍👩‍👧` is 8.
#[must_use]
pub fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Length in extended grapheme clusters: `😀` is 1, `👨‍👩‍👧` is 1.
#[must_use]
pub fn grapheme_len(text: &str) -> usize {
    text.graphemes(true).count()
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: usize = $value;)*
    };
}

limits! {
    /// Messages in one request; at least one.
    /// <https://developers.line.biz/en/reference/messaging-api/#send-multicast-message>
    MESSAGES = 5;
    /// User ids in one multicast; at least one.
    /// <https://developers.line.biz/en/reference/messaging-api/#send-multicast-message>
    MULTICAST_RECIPIENTS = 500;
    /// Follower ids in one page.
    /// <https://developers.line.biz/en/reference/messaging-api/#get-follower-ids>
    FOLLOWERS_PAGE = 1000;
    /// Bytes of one request's body (413 above).
    /// <https://developers.line.biz/en/reference/messaging-api/#status-codes>
    REQUEST_BYTES = 2 * 1024 * 1024;
    /// Name of an aggregation unit, `[A-Za-z0-9_]`; one unit per send.
    /// <https://developers.line.biz/en/docs/messaging-api/unit-based-statistics-aggregation/>
    AGGREGATION_UNIT = 30;
    /// Text of a text message, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#text-message>
    TEXT = 5000;
    /// LINE emojis in a text message.
    /// <https://developers.line.biz/en/reference/messaging-api/#text-message>
    TEXT_EMOJIS = 20;
    /// Substitutions in a textV2 message.
    /// <https://developers.line.biz/en/reference/messaging-api/#text-message-v2>
    SUBSTITUTIONS = 100;
    /// Title and address of a location message, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#location-message>
    LOCATION = 100;
    /// Alternative text of imagemap, template and flex, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#flex-message>
    ALT_TEXT = 1500;
    /// URLs of images, videos and sounds, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#image-message>
    CONTENT_URL = 2000;
    /// Tracking id of a video.
    /// <https://developers.line.biz/en/reference/messaging-api/#video-message>
    TRACKING_ID = 100;
    /// Sender's name, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#icon-nickname-switch>
    SENDER_NAME = 20;
    /// Quick reply buttons.
    /// <https://developers.line.biz/en/reference/messaging-api/#quick-reply>
    QUICK_REPLY_ITEMS = 13;
    /// Label in a quick reply, a template or a rich menu, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#action-objects>
    LABEL = 20;
    /// Label in an image carousel, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#action-objects>
    LABEL_IMAGE_CAROUSEL = 12;
    /// Label of a flex button, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#button>
    LABEL_FLEX = 40;
    /// Label in an imagemap, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#imagemap-action-objects>
    LABEL_IMAGEMAP = 100;
    /// Data of a postback, date-time or rich-menu-switch action, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#postback-action>
    ACTION_DATA = 300;
    /// Text that an action says or fills in, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#message-action>
    ACTION_TEXT = 300;
    /// URI of a URI action, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#uri-action>
    ACTION_URI = 1000;
    /// Text of a clipboard action, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#clipboard-action>
    CLIPBOARD = 1000;
    /// Alias of a rich menu, `[a-z0-9_-]`.
    /// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu-alias>
    RICH_MENU_ALIAS = 32;
    /// Bar text of a rich menu, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>
    RICH_MENU_BAR = 14;
    /// Name of a rich menu, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>
    RICH_MENU_NAME = 300;
    /// Tap areas of a rich menu.
    /// <https://developers.line.biz/en/reference/messaging-api/#rich-menu-object>
    RICH_MENU_AREAS = 20;
    /// Width of a rich menu and its picture in pixels, at least.
    /// <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image-requirements>
    RICH_MENU_WIDTH_MIN = 800;
    /// Width of a rich menu and its picture in pixels, at most.
    /// <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image-requirements>
    RICH_MENU_WIDTH_MAX = 2500;
    /// Height of a rich menu and its picture in pixels, at least.
    /// <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image-requirements>
    RICH_MENU_HEIGHT_MIN = 250;
    /// Bytes of a rich menu's picture.
    /// <https://developers.line.biz/en/reference/messaging-api/#upload-rich-menu-image-requirements>
    RICH_MENU_PICTURE_BYTES = 1024 * 1024;
    /// Rich menus of one account that were made by API.
    /// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu>
    RICH_MENUS = 1000;
    /// Rich menu aliases of one account.
    /// <https://developers.line.biz/en/reference/messaging-api/#create-rich-menu-alias>
    RICH_MENU_ALIASES = 1000;
    /// User ids in one bulk link or unlink; at least one.
    /// <https://developers.line.biz/en/reference/messaging-api/#link-rich-menu-to-users>
    RICH_MENU_BULK = 500;
    /// Operations in one batch.
    /// <https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users>
    RICH_MENU_BATCH = 1000;
    /// Key with which a batch is resumed, `[0-9a-zA-Z_-]`.
    /// <https://developers.line.biz/en/reference/messaging-api/#batch-control-rich-menus-of-users>
    RICH_MENU_RESUME_KEY = 100;
    /// Days after `from` that `to` may be in the totals of a rich menu.
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-insight-summary>
    RICH_MENU_SUMMARY_DAYS = 396;
    /// Days after `from` that `to` may be in the daily figures of a rich menu.
    /// <https://developers.line.biz/en/reference/messaging-api/#get-rich-menu-insight-daily>
    RICH_MENU_DAILY_DAYS = 99;
    /// Text of an imagemap's message action, UTF-16 units.
    /// <https://developers.line.biz/en/reference/messaging-api/#imagemap-message-action-object>
    IMAGEMAP_TEXT = 400;
    /// Actions of an imagemap.
    /// <https://developers.line.biz/en/reference/messaging-api/#imagemap-message>
    IMAGEMAP_ACTIONS = 50;
    /// Title of a template, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#buttons>
    TEMPLATE_TITLE = 40;
    /// Text of a buttons template without image and title, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#buttons>
    BUTTONS_TEXT = 160;
    /// Text of a carousel column without image and title, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#column-object-for-carousel>
    COLUMN_TEXT = 120;
    /// Text of a buttons template or a column with image or title, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#buttons>
    TEXT_BESIDE_IMAGE = 60;
    /// Text of a confirm template, graphemes.
    /// <https://developers.line.biz/en/reference/messaging-api/#confirm>
    CONFIRM_TEXT = 240;
    /// Actions of a buttons template.
    /// <https://developers.line.biz/en/reference/messaging-api/#buttons>
    BUTTONS_ACTIONS = 4;
    /// Columns of a carousel or an image carousel.
    /// <https://developers.line.biz/en/reference/messaging-api/#carousel>
    COLUMNS = 10;
    /// Actions of a carousel column.
    /// <https://developers.line.biz/en/reference/messaging-api/#column-object-for-carousel>
    COLUMN_ACTIONS = 3;
    /// Bubbles of a flex carousel.
    /// <https://developers.line.biz/en/reference/messaging-api/#f-carousel>
    FLEX_BUBBLES = 12;
    /// Bytes of a flex bubble's JSON.
    /// <https://developers.line.biz/en/reference/messaging-api/#bubble>
    FLEX_BUBBLE_BYTES = 30 * 1024;
    /// Bytes of a flex carousel's JSON.
    /// <https://developers.line.biz/en/reference/messaging-api/#f-carousel>
    FLEX_CAROUSEL_BYTES = 50 * 1024;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_differ_where_people_see_one_character() {
        for (text, utf16, graphemes) in [
            ("", 0, 0),
            ("避難所", 3, 3),
            ("😀", 2, 1),
            ("𠮷野家", 4, 3),
            ("👨‍👩‍👧", 8, 1),
            ("🇯🇵", 4, 1),
            ("か\u{3099}", 2, 1),
            ("葛\u{e0100}", 3, 1),
            ("\r\n", 2, 1),
        ] {
            assert_eq!(utf16_len(text), utf16, "{text}");
            assert_eq!(grapheme_len(text), graphemes, "{text}");
        }
    }
}
