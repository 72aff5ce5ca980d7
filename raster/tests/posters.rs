//! What a poster is as a file: one page of A4 with its font in it.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use raster::{Code, Font, Poster, PosterError, poster};
use std::path::PathBuf;

fn font() -> Font {
    let set = std::env::var_os("KAIRAN_MENU_FONT").map(PathBuf::from);
    Font::find(set.as_deref()).expect("the font: cargo xtask setup --browser brings it")
}

fn sample(title: &str) -> Poster {
    let address = "https://liff.line.me/1000000002-mihon000/f/12".to_owned();
    Poster {
        city: "みほん市".into(),
        title: title.into(),
        purpose: "公園の整備の計画に使います。".into(),
        code: Code::of(&address).unwrap(),
        how: "スマートフォンのカメラで読み取ると、LINEでひらきます。".into(),
        address,
        period: "受付：11月20日（金）9:00から".into(),
        contact: "問い合わせ：公園課　045-000-0000".into(),
    }
}

#[test]
fn a_poster_is_one_page_of_a4_with_its_font() {
    let pdf = poster(&font(), &sample("公園についてのアンケート")).unwrap();
    if let Some(path) = std::env::var_os("POSTER_PDF") {
        std::fs::write(path, &pdf).unwrap();
    }
    assert!(pdf.starts_with(b"%PDF-"));
    let text: String = pdf.iter().map(|b| char::from(*b)).collect();
    let sides = text.split("/MediaBox").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let sides: Vec<f32> = sides
        .trim_start_matches([' ', '['])
        .split_whitespace()
        .map(|side| side.parse::<f32>().unwrap().round())
        .collect();
    assert_eq!(sides, [0.0, 0.0, 595.0, 842.0]);
    let bare: String = text.split_whitespace().collect();
    let count = |words: &str| bare.matches(words).count();
    assert_eq!(count("/Type/Page") - count("/Type/Pages"), 1);
    // A part of the font, under which its characters are found again.
    assert_eq!(count("/FontFile2"), 1);
    assert!(count("+BIZUDPGothic-Bold") > 0 && count("/ToUnicode") == 1);
    assert!(pdf.len() < 200_000, "{}", pdf.len());
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let refused = poster(&font(), &sample("公園🦄の🦄日🦊")).unwrap_err();
    assert!(matches!(&refused, PosterError::NoGlyph(all) if all == "「🦄」「🦊」"), "{refused}");
    let long = Poster { purpose: "一\n".repeat(500), ..sample("公園") };
    let refused = poster(&font(), &long).unwrap_err();
    assert!(matches!(refused, PosterError::TooLong) && refused.to_string().contains("A4"));
}
