//! Pictures of rich menus: what is kept of an upload, what LINE gets of it, and what cannot be
//! painted, said before anything is published or given to testers.

use crate::line::{Line, platform, until};
use crate::support::{Test, both};
use bytes::Bytes;
use domain::id::{BlobId, MenuId, TokenId};
use domain::menu::{
    Act, Area, Color, Doing, Look, Mark, Menu, Mode, Picture, Sheet, SheetKey, Size, Status, svg,
};
use domain::permission::{Actor, Permission};
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use services::picture::{Form, Kept, OnMenu, keep_for_menus, map, media};
use services::{Error, Platform};
use std::io::Cursor;

const SMALL: Size = Size { width: 1_000, height: 400 };

fn png(picture: impl Into<DynamicImage>) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner().into()
}

/// A red square in the middle of nothing.
fn icon() -> Bytes {
    png(RgbaImage::from_fn(90, 90, |x, y| {
        let seen = (30..60).contains(&x) && (30..60).contains(&y);
        image::Rgba(if seen { [250, 0, 0, 255] } else { [0, 0, 0, 0] })
    }))
}

/// A blue square in the middle of yellow, a fifth as wide as the picture is high.
fn artwork(width: u32, height: u32) -> Bytes {
    png(RgbImage::from_fn(width, height, |x, y| {
        let inside = x.abs_diff(width / 2) * 10 < height && y.abs_diff(height / 2) * 10 < height;
        image::Rgb(if inside { [0, 0, 250] } else { [250, 250, 0] })
    }))
}

/// Pixels that nothing can be predicted from.
fn noise(width: u32, height: u32) -> Bytes {
    let mut state = 1u32;
    png(RgbImage::from_fn(width, height, |_, _| {
        image::Rgb([0; 3].map(|_: u8| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }))
    }))
}

async fn keep(platform: &Platform, bytes: Bytes, what: OnMenu) -> services::Result<Kept> {
    keep_for_menus(platform, &platform.system(), bytes, what).await
}

/// A menu of so many sheets that can be published; nothing is drawn yet.
async fn menu(t: &Test, size: Size, sheets: u16) -> Menu {
    let department = store::staff::department(&t.ctx, "広報課").await.unwrap();
    let mut menu = Menu::new("ふだん", department);
    menu.sheets.clear();
    for n in 1..=sheets {
        let mut sheet = Sheet::new(SheetKey(n), format!("{n}枚目"), size);
        for (i, area) in sheet.areas.iter_mut().enumerate() {
            let act = match i {
                0 if sheets > 1 => Act::Tab(SheetKey(n % sheets + 1)),
                _ => Act::Say(format!("項目{i}")),
            };
            *area = Area { label: format!("項目{i}"), act, ..Area::new(area.key) };
        }
        menu.sheets.push(sheet);
    }
    menu
}

#[test]
fn what_is_kept_for_menus_is_made_for_its_place() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:9");
        let anyone = platform.context(Actor::Nobody);
        let read = async |id: &BlobId, form: Form| {
            media(&platform, &anyone, id, form).await.unwrap().unwrap()
        };
        let mark = keep(&platform, icon(), OnMenu::Mark).await.unwrap();
        assert_eq!((mark.width, mark.height), (90, 90));
        for form in [Form::Original, Form::Preview] {
            let kept = read(&mark.id, form).await;
            assert_eq!(kept.media_type, "image/png");
            let seen = image::load_from_memory(&kept.bytes).unwrap().into_rgba8();
            assert_eq!(seen.get_pixel(5, 5).0[3], 0);
            assert_eq!(seen.get_pixel(45, 45).0, [250, 0, 0, 255]);
        }
        // Whoever asks for it as a part of a delivery gets it on white.
        let wide = map(&platform, &anyone, &mark.id, 240).await.unwrap().unwrap();
        assert_eq!(wide.media_type, "image/jpeg");
        let backdrop = keep(&platform, icon(), OnMenu::Backdrop).await.unwrap();
        let kept = read(&backdrop.id, Form::Original).await;
        assert_eq!(kept.media_type, "image/jpeg");
        let seen = image::load_from_memory(&kept.bytes).unwrap().into_rgb8();
        assert!(seen.get_pixel(5, 5).0.iter().all(|c| *c > 245));
        let large = keep(&platform, artwork(3_000, 2_000), OnMenu::Artwork).await.unwrap();
        assert_eq!((large.width, large.height), (2_500, 1_667));

        let refused = keep(&platform, artwork(799, 500), OnMenu::Artwork).await;
        assert!(matches!(&refused, Err(Error::Invalid(p)) if p[0].message.contains("横800")));
        let text = keep(&platform, Bytes::from_static(b"<svg/>"), OnMenu::Mark).await;
        assert!(matches!(&text, Err(Error::Invalid(p)) if p[0].message.contains("JPEGかPNG")));
        let number = async || t.number("SELECT COUNT(*) AS n FROM blob").await;
        let before = number().await;
        let permissions = vec![Permission::MenuRead, Permission::DeliveryWrite];
        let reader = platform.context(Actor::Token { id: TokenId(1), permissions });
        let refused = keep_for_menus(&platform, &reader, icon(), OnMenu::Mark).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        assert_eq!(number().await, before);
    });
}

#[test]
fn icons_lie_on_their_cards_and_artwork_is_never_distorted() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.friends(1).await;
        let mark = keep(&line.platform, icon(), OnMenu::Mark).await.unwrap().id;
        let square = keep(&line.platform, artwork(1_000, 1_000), OnMenu::Artwork).await.unwrap().id;
        let mut menu = menu(&t, SMALL, 2).await;
        let card = Color([0xff, 0xe0, 0x80]);
        menu.sheets[0].picture = Picture::Composed(Look { card, ..Look::default() });
        menu.sheets[0].areas[2].cell.mark = Mark::Picture(mark);
        menu.sheets[1].picture = Picture::Uploaded(Some(square));
        let id = store::menu::create(&t.ctx, &menu).await.unwrap();
        services::menu::publish(&line.platform, &t.ctx, id, 1).await.unwrap();
        line.menus("a");
        until("both pictures are at LINE", async || {
            let said = services::menu::publishing(&t.ctx).await.unwrap();
            said.doing == Doing::Idle && said.looked_at.is_some()
        })
        .await;
        let client = &line.platform.line;
        let mut made = client.rich_menus().await.unwrap().value;
        made.sort_by(|a, b| a.menu.name.cmp(&b.menu.name));
        let mut drawn = Vec::new();
        for one in &made {
            let bytes = client.rich_menu_picture(&one.id).await.unwrap().value.unwrap();
            drawn.push(image::load_from_memory(&bytes).unwrap().into_rgb8());
        }
        assert_eq!(drawn.len(), 2);
        let near = |at: (u32, u32), sheet: usize, to: [u8; 3]| {
            let seen = drawn[sheet].get_pixel(at.0, at.1).0;
            let far = seen.iter().zip(to).any(|(a, b)| a.abs_diff(b) > 24);
            assert!(!far, "{at:?} of sheet {sheet} is {seen:?}, not {to:?}");
        };
        let sheet = &menu.sheets[0];
        let at = svg::laid(sheet, 2, sheet.rects()[2], Mode::Real).icon.unwrap();
        near((at.x + 3, at.y + 3), 0, card.0);
        near((at.x + at.width / 2, at.y + at.height / 2), 0, [250, 0, 0]);
        // Two hundred of a thousand, neither wider nor higher.
        for (x, y) in [(410, 200), (590, 200), (500, 110), (500, 290)] {
            near((x, y), 1, [0, 0, 250]);
        }
        for (x, y) in [(390, 200), (610, 200), (500, 90), (500, 310), (2, 2), (997, 397)] {
            near((x, y), 1, [250, 250, 0]);
        }
        line.end().await;
    });
}

/// Neither published nor given to testers; both say why, with the place.
async fn refused(t: &Test, platform: &Platform, id: MenuId, at: &str, words: &[&str]) {
    let before = store::menu::epoch(&t.ctx).await.unwrap();
    let published = services::menu::publish(platform, &t.ctx, id, 1).await;
    let tried = services::menu::try_out(platform, &t.ctx, id, 1).await;
    for refused in [published, tried] {
        let Err(Error::Invalid(problems)) = &refused else { panic!("{refused:?}") };
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].at, at);
        for part in words {
            assert!(problems[0].message.contains(part), "{}", problems[0].message);
        }
    }
    let kept = services::menu::get(&t.ctx, id).await.unwrap();
    assert_eq!((kept.published, kept.summary.status), (None, Status::Draft));
    assert_eq!(store::menu::in_force(&t.ctx).await.unwrap().trial, None);
    assert_eq!(store::menu::epoch(&t.ctx).await.unwrap(), before);
}

#[test]
fn what_cannot_be_painted_is_said_before_anything_is_published() {
    both(async |t| {
        let platform = platform(&t, "http://127.0.0.1:9");
        let mut glyph = menu(&t, SMALL, 2).await;
        glyph.sheets[1].areas[3].label = "動物🦄".into();
        assert_eq!(glyph.problems(Mode::Real), []);
        let id = store::menu::create(&t.ctx, &glyph).await.unwrap();
        refused(&t, &platform, id, "/sheets/1/picture", &["シート「2枚目」", "「🦄」"]).await;

        let heavy = keep(&platform, noise(2_500, 843), OnMenu::Artwork).await.unwrap().id;
        let mut large = menu(&t, Size::COMPACT, 1).await;
        large.sheets[0].picture = Picture::Uploaded(Some(heavy));
        let id = store::menu::create(&t.ctx, &large).await.unwrap();
        refused(&t, &platform, id, "/sheets/0/picture", &["シート「1枚目」", "1MB"]).await;

        let mut gone = menu(&t, SMALL, 1).await;
        gone.sheets[0].picture = Picture::Uploaded(Some(BlobId::from_random([9; 20])));
        let id = store::menu::create(&t.ctx, &gone).await.unwrap();
        refused(&t, &platform, id, "/sheets/0/picture", &["画像が見つかりません"]).await;

        // Mended, it is published; a version that is not the last is not.
        glyph.sheets[1].areas[3].label = "動物".into();
        let id = store::menu::create(&t.ctx, &glyph).await.unwrap();
        let old = services::menu::publish(&platform, &t.ctx, id, 9).await;
        assert!(matches!(old, Err(Error::Conflict(_))), "{old:?}");
        services::menu::publish(&platform, &t.ctx, id, 1).await.unwrap();
    });
}

#[test]
fn without_a_font_nothing_is_published() {
    both(async |t| {
        let platform = crate::line::platform_with(&t, "http://127.0.0.1:9", |settings| {
            settings.menu_font = Some(t.dir.path().join("none.ttf"));
        });
        let written = menu(&t, SMALL, 1).await;
        let id = store::menu::create(&t.ctx, &written).await.unwrap();
        refused(&t, &platform, id, "", &["フォント"]).await;
    });
}
