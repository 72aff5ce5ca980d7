//! What the pictures are: as they were (pixel by pixel, with tolerance), within LINE's
//! megabyte, and with the widths that `domain::menu::fit` reckons with.
//!
//! `UPDATE_GOLDEN=1` writes the pictures anew: look at them before they are kept.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use domain::id::{BlobId, DepartmentId};
use domain::menu::{
    Act, Color, Command, History, Icon, Look, Mark, Menu, Mode, Picture, SheetKey, Size, fit, icon,
};
use image::RgbImage;
use image::imageops::{FilterType, resize};
use raster::{BYTES_MAX, Error, Font, FontError, QUALITY_MIN, draw, draw_svg, paint};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Pictures = BTreeMap<BlobId, Arc<Vec<u8>>>;

fn font() -> Font {
    let set = std::env::var_os("KAIRAN_MENU_FONT").map(PathBuf::from);
    Font::find(set.as_deref()).expect("the font: cargo xtask setup --browser brings it")
}

const ONE: SheetKey = SheetKey(1);

fn menu(template: &str, cells: &[(&str, Icon)], size: Size) -> Menu {
    let mut history = History::new(Menu::new("ふだんのメニュー", DepartmentId(1)));
    let mut run = |command: Command| history.run(&command).unwrap();
    run(Command::RenameSheet { sheet: ONE, name: "くらし".into() });
    run(Command::AddSheet { name: "手続き".into() });
    run(Command::AddSheet { name: "防災".into() });
    if size != Size::LARGE {
        run(Command::Resize { sheet: ONE, size });
    }
    run(Command::Template { sheet: ONE, name: template.into() });
    let first = history.menu().sheets[0].areas.len() - cells.len();
    let mut run = |command: Command| history.run(&command).unwrap();
    for (i, (words, icon)) in cells.iter().enumerate() {
        let area = first + i;
        run(Command::SetWords { sheet: ONE, area, words: (*words).into() });
        run(Command::SetMark { sheet: ONE, area, mark: Mark::Icon(*icon) });
        run(Command::SetAct { sheet: ONE, area, act: Act::Say((*words).into()) });
    }
    history.menu().clone()
}

fn daily() -> Menu {
    menu(
        "tabs3_six",
        &[
            ("ごみの日・分別", Icon::Garbage),
            ("市バス・駐車場", Icon::Bus),
            ("施設の予約", Icon::Booking),
            ("道路などのこわれを通報する", Icon::Report),
            ("休日・夜間の病院", Icon::Hospital),
            ("よくある質問", Icon::Inquiry),
        ],
        Size::LARGE,
    )
}

fn emergency() -> Menu {
    let mut menu = menu(
        "big_left",
        &[
            ("避難所をさがす", Icon::Shelter),
            ("119・110に電話", Icon::Phone),
            ("無事を知らせる", Icon::Health),
        ],
        Size::LARGE,
    );
    menu.sheets[0].picture = Picture::Composed(Look {
        ground: Color([0xb0, 0x00, 0x20]),
        accent: Color([0xb0, 0x00, 0x20]),
        ..Look::default()
    });
    menu
}

fn compact() -> Menu {
    menu(
        "six",
        &[
            ("子育て", Icon::Childcare),
            ("図書館の本をさがす", Icon::Library),
            ("税", Icon::Tax),
            ("住民票・戸籍の証明", Icon::Residence),
            ("AEDのある場所", Icon::Aed),
            ("English", Icon::Language),
        ],
        Size::COMPACT,
    )
}

fn golden(name: &str) -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join("tests/golden")
        .join(format!("{name}.png"))
}

/// Compares at a fifth of the size: another version of the rasteriser may smooth edges in
/// another way, but may not move, lose or recolour anything.
fn compare(name: &str, pixels: &RgbImage) {
    let small = resize(pixels, pixels.width() / 5, pixels.height() / 5, FilterType::Triangle);
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        small.save(&path).unwrap();
    }
    let kept = image::open(&path).expect("UPDATE_GOLDEN=1 writes it").to_rgb8();
    assert_eq!(kept.dimensions(), small.dimensions(), "{name}");
    let far = |(a, b): &(&image::Rgb<u8>, &image::Rgb<u8>)| {
        a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 48)
    };
    let wrong = kept.pixels().zip(small.pixels()).filter(far).count();
    let all = (kept.width() * kept.height()) as usize;
    assert!(wrong * 1_000 <= all, "{name}: {wrong} of {all} pixels differ");
}

#[test]
fn sheets_look_as_they_did() {
    let font = font();
    for (name, menu, mode) in [
        ("daily", daily(), Mode::Real),
        ("drill", daily(), Mode::Drill),
        ("emergency", emergency(), Mode::Real),
        ("compact", compact(), Mode::Real),
    ] {
        let sheet = &menu.sheets[0];
        compare(name, &draw(&font, sheet, mode, &Pictures::new()).unwrap());
        let painted = paint(&font, sheet, mode, &Pictures::new()).unwrap();
        assert_eq!((painted.media_type, painted.quality), ("image/png", None));
        assert!(painted.bytes.len() <= BYTES_MAX / 2, "{name}: {}", painted.bytes.len());
        let size = image::load_from_memory(&painted.bytes).unwrap().to_rgb8().dimensions();
        assert_eq!(size, (sheet.size.width, sheet.size.height));
    }
}

/// All icons, large and at 32 pixels.
#[test]
fn icons_look_as_they_did() {
    let (columns, cell) = (8u32, 200u32);
    let rows = u32::try_from(Icon::ALL.len()).unwrap().div_ceil(columns);
    let (w, h) = (columns * cell, rows * cell);
    let mut sheet = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{w}' height='{h}' \
         font-family='{}' font-weight='700'>",
        fit::FONT
    );
    for (i, icon) in (0u32..).zip(Icon::ALL) {
        let (x, y) = (i % columns * cell, i / columns * cell);
        for (dx, dy, side) in [(20, 20, 96), (140, 52, 32)] {
            sheet.push_str(&format!(
                "<svg x='{}' y='{}' width='{side}' height='{side}' viewBox='0 0 {grid} {grid}'>\
                 <g fill='none' stroke='#0017c1' stroke-width='{}' stroke-linecap='round' \
                 stroke-linejoin='round'>{}</g></svg>",
                x + dx,
                y + dy,
                icon::STROKE,
                icon.drawing(),
                grid = icon::GRID,
            ));
        }
        sheet.push_str(&format!(
            "<text x='{}' y='{}' font-size='22' text-anchor='middle'>{}</text>",
            x + cell / 2,
            y + 160,
            icon.label()
        ));
    }
    sheet.push_str("</svg>");
    let pixels = draw_svg(&font(), &sheet, &Pictures::new()).unwrap();
    if let Some(path) = std::env::var_os("ICON_SHEET") {
        pixels.save(path).unwrap();
    }
    compare("icons", &pixels);
}

/// Pixels that nothing can be predicted from.
fn noise(width: u32, height: u32, amount: u32) -> Vec<u8> {
    let mut state = 0x1234_5678_u32;
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % (amount + 1)
        };
        let base = [x * 180 / width, y * 180 / height, 90];
        image::Rgb(base.map(|b| u8::try_from((b + next()).min(255)).unwrap()))
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn photograph(amount: u32) -> (BlobId, Pictures) {
    let id = BlobId::from_random([7; 20]);
    let pictures = [(id.clone(), Arc::new(noise(1_250, 843, amount)))].into();
    (id, pictures)
}

#[test]
fn photographs_become_the_best_jpeg_that_fits() {
    let (id, pictures) = photograph(24);
    let mut sheet = daily().sheets.remove(0);
    sheet.picture = Picture::Uploaded(Some(id.clone()));
    let painted = paint(&font(), &sheet, Mode::Real, &pictures).unwrap();
    assert_eq!(painted.media_type, "image/jpeg");
    assert!(painted.bytes.len() <= BYTES_MAX, "{}", painted.bytes.len());
    assert!(painted.quality.unwrap() >= QUALITY_MIN);
    // The same behind the cells.
    sheet.picture = Picture::Composed(Look { backdrop: Some(id), ..Look::default() });
    let painted = paint(&font(), &sheet, Mode::Drill, &pictures).unwrap();
    assert!(painted.bytes.len() <= BYTES_MAX, "{}", painted.bytes.len());
}

/// A square stays a square, in the middle, on artwork that is too high and on one too wide.
#[test]
fn artwork_of_another_shape_is_cut_and_never_distorted() {
    let font = font();
    for (width, height) in [(1_000, 1_000), (2_000, 500)] {
        let pixels = RgbImage::from_fn(width, height, |x, y| {
            let inside = x.abs_diff(width / 2) < 100 && y.abs_diff(height / 2) < 100;
            image::Rgb(if inside { [255, 0, 0] } else { [0, 0, 255] })
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let id = BlobId::from_random([7; 20]);
        let pictures: Pictures = [(id.clone(), Arc::new(bytes.into_inner()))].into();
        let mut sheet = daily().sheets.remove(0);
        sheet.picture = Picture::Uploaded(Some(id));
        let drawn = draw(&font, &sheet, Mode::Real, &pictures).unwrap();
        let red = |x: u32, y: u32| drawn.get_pixel(x, y).0[0] > 128;
        let across = (0..2_500).filter(|x| red(*x, 843)).count();
        let down = (0..1_686).filter(|y| red(1_250, *y)).count();
        assert!(across.abs_diff(down) <= 4 && across > 400, "{across} × {down}");
        for (x, y) in [(0, 0), (2_499, 0), (0, 1_685), (2_499, 1_685)] {
            let [red, _, blue] = drawn.get_pixel(x, y).0;
            assert!(red < 16 && blue > 239, "{x}, {y} is not covered");
        }
    }
}

#[test]
fn what_cannot_be_made_small_is_refused_in_words() {
    let id = BlobId::from_random([7; 20]);
    let pictures: Pictures = [(id.clone(), Arc::new(noise(2_500, 1_686, 255)))].into();
    let mut sheet = daily().sheets.remove(0);
    sheet.picture = Picture::Uploaded(Some(id.clone()));
    let refused = paint(&font(), &sheet, Mode::Real, &pictures).unwrap_err();
    assert!(matches!(refused, Error::TooLarge { .. }));
    assert!(refused.to_string().contains("1MB"), "{refused}");
    let without = paint(&font(), &sheet, Mode::Real, &Pictures::new()).unwrap_err();
    assert!(matches!(without, Error::NoPicture(_)));
    let text: Pictures = [(id, Arc::new(b"<svg/>".to_vec()))].into();
    let bad = paint(&font(), &sheet, Mode::Real, &text).unwrap_err();
    assert!(matches!(bad, Error::BadPicture(_)));
}

#[test]
fn characters_without_a_drawing_are_named() {
    let mut menu = daily();
    menu.sheets[0].areas[3].cell.words = "ごみ🦄".into();
    let refused = draw(&font(), &menu.sheets[0], Mode::Real, &Pictures::new()).unwrap_err();
    assert_eq!(refused.to_string(), "絵にできない文字があります：「🦄」。ほかの文字にしてください");
}

#[test]
fn a_font_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none.ttf");
    let missing = Font::find(Some(&nowhere)).unwrap_err();
    assert!(missing.to_string().contains("KAIRAN_MENU_FONT"), "{missing}");
    let other = folder.path().join("other.ttf");
    std::fs::write(&other, b"no font").unwrap();
    assert!(matches!(Font::find(Some(&other)).unwrap_err(), FontError::Other { .. }));
}

/// The font is never wider than what words are fitted by: nothing is ever cut.
#[test]
fn words_are_as_wide_as_reckoned() {
    let font = font();
    let words = [
        "ごみの日・分別",
        "ABCDEFGHIJKLM",
        "NOPQRSTUVWXYZ",
        "abcdefghijklm",
        "nopqrstuvwxyz",
        "0123456789",
        "!#$%()*+,-./:;?@[]^_{|}~",
        "「よくある」、質問。",
        "ｱｲｳｴｵｶｷｸｹｺ",
        "Ａｂｃ１２３①㈱℡",
        "WiFi・AED・LINE",
    ];
    for line in words {
        let reckoned = fit::width(line) * 100 / 1_000;
        let drawing = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='2600' height='200' font-family='{}' \
             font-weight='700'><text x='50' y='140' font-size='100'>{line}</text></svg>",
            fit::FONT
        );
        let pixels = draw_svg(&font, &drawing, &Pictures::new()).unwrap();
        let dark = pixels.enumerate_pixels().filter(|(_, _, p)| p.0[0] < 128).map(|(x, _, _)| x);
        let right = u64::from(dark.max().unwrap()) - 50;
        assert!(right <= reckoned, "{line}: {right} > {reckoned}");
    }
}
