//! What is to be mended before publishing, and what publishing would change: each leads to its
//! place.

use super::state::{Editor, Pane};
use domain::menu::{Change, Existing, Menu, SheetKey, diff};
use domain::problem::Problem;
use leptos::prelude::*;
use ui::prelude::*;

/// Something that is wrong, with the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where, in words.
    pub place: String,
    /// What, and what to do.
    pub words: String,
    sheet: Option<SheetKey>,
    area: Option<usize>,
    /// The id of the field.
    field: String,
    /// It keeps the menu from being published.
    stops: bool,
}

/// How much keeps the menu from being published.
pub fn stops(editor: Editor) -> usize {
    found(editor).iter().filter(|f| f.stops).count()
}

/// The areas of a sheet in which something is to be mended.
pub fn wrong_areas(editor: Editor, sheet: SheetKey) -> Vec<usize> {
    let of_sheet = found(editor).into_iter().filter(|f| f.sheet == Some(sheet));
    of_sheet.filter_map(|f| f.area).collect()
}

/// Everything that is to be mended, what keeps the menu from being published first.
fn found(editor: Editor) -> Vec<Found> {
    let existing = editor.existing.get_value();
    let wrong = editor.problems.get();
    editor.with(|menu| to_mend(menu, wrong, &existing))
}

/// The same of a menu with these problems.
fn to_mend(menu: &Menu, wrong: Vec<Problem>, existing: &Existing) -> Vec<Found> {
    let wrong = wrong.into_iter().map(|p| located(menu, &p.at, p.message));
    let broken = menu.broken(existing).into_iter().filter_map(|b| {
        let at = menu.sheets.iter().position(|s| s.key == b.sheet)?;
        let found = located(menu, &format!("/sheets/{at}/areas/{}/act", b.area), b.words);
        Some(if b.page { told(found) } else { found })
    });
    let unlike = menu.unlike_tabs().into_iter().map(|p| told(located(menu, &p.at, p.message)));
    let mut all: Vec<Found> = wrong.collect();
    for b in broken {
        // A tab that leads nowhere is found in both ways.
        if !all.iter().any(|f| f.sheet == b.sheet && f.area == b.area && f.words == b.words) {
            all.push(b);
        }
    }
    all.extend(unlike);
    all.sort_by_key(|f| !f.stops);
    all
}

/// The same as something that does not keep the menu from being published.
fn told(found: Found) -> Found {
    Found {
        words: format!("{}。このままでも公開できます", found.words), stops: false, ..found
    }
}

/// A problem's place (`/sheets/0/areas/3/label`) as sheet, area and field.
fn located(menu: &Menu, at: &str, words: String) -> Found {
    let parts: Vec<&str> = at.split('/').skip(1).collect();
    let number = |n: usize| parts.get(n).and_then(|p| p.parse::<usize>().ok());
    let sheet = (parts.first() == Some(&"sheets")).then(|| number(1)).flatten();
    let sheet = sheet.and_then(|n| menu.sheets.get(n));
    let area = (parts.get(2) == Some(&"areas")).then(|| number(3)).flatten();
    let field = match (parts.as_slice(), area) {
        (["name"], _) => "menu-name",
        (["bar"], _) => "menu-bar",
        ([.., "label"], Some(_)) => "menu-area-label",
        ([.., "words"], Some(_)) => "menu-area-words",
        ([.., "act", "open"], _) => "menu-act-open",
        ([.., "act", "say"], _) => "menu-act-say",
        ([.., "act", "call"], _) => "menu-act-call",
        ([.., "act", "form"], _) => "menu-act-form",
        ([.., "act", "tab"], _) => "menu-act-tab",
        ([.., "postback", "data"], _) => "menu-act-postback-data",
        ([.., "postback", "shows"], _) => "menu-act-postback-shows",
        (_, Some(_)) => "menu-area-act",
        ([.., "ink"], _) => "menu-ink",
        ([.., "accent"], _) => "menu-accent",
        ([.., "picture"], _) => "menu-artwork",
        _ => "menu-sheet-own-name",
    };
    let place = match (sheet, area) {
        (Some(sheet), Some(area)) => format!("{} エリア{}", sheet.name, area + 1),
        (Some(sheet), None) => sheet.name.clone(),
        _ => "メニュー全体".into(),
    };
    Found { place, words, sheet: sheet.map(|s| s.key), area, field: field.into(), stops: true }
}

/// Leads to the place of something that is wrong.
fn lead(editor: Editor, found: &Found) {
    go(editor, found.sheet, found.area);
    focus_soon(found.field.clone());
}

fn go(editor: Editor, sheet: Option<SheetKey>, area: Option<usize>) {
    if let Some(sheet) = sheet {
        editor.open_sheet(sheet);
    }
    match (sheet, area) {
        (_, Some(area)) => editor.choose(Some(area)),
        (Some(_), None) => editor.pane.set(Pane::Sheet),
        (None, None) => editor.pane.set(Pane::Menu),
    }
}

/// 直すところ.
#[component]
pub fn Problems(
    /// Of which editor.
    editor: Editor,
) -> impl IntoView {
    let all = Memo::new(move |_| found(editor));
    view! {
        <section class="me-below" aria-labelledby="menu-problems">
            <h2 id="menu-problems">
                {move || match all.with(Vec::len) {
                    0 => "直すところはありません".to_owned(),
                    n => format!("直すところ　{n}か所"),
                }}
            </h2>
            {move || {
                let all = all.get();
                (!all.is_empty())
                    .then(|| {
                        view! {
                            <ul class="me-problems">
                                {all
                                    .into_iter()
                                    .enumerate()
                                    .map(|(n, found)| {
                                        let there = found.clone();
                                        view! {
                                            <li>
                                                <button type="button" id=(n == 0).then_some("menu-problems-first") class="me-problem" on:click=move |_| lead(editor, &there)>
                                                    <Icon name=IconName::Warning size=16 />
                                                    <strong>{found.place}</strong>
                                                    <span class="grow">{found.words}</span>
                                                </button>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })
            }}
        </section>
    }
}

/// What publishing would change.
pub fn changes(editor: Editor, published: RwSignal<Option<Menu>>) -> Option<Vec<Change>> {
    published.with(|old| old.as_ref().map(|old| editor.with(|new| diff(old, new))))
}

/// 公開中のものとの差.
#[component]
pub fn Differences(
    /// Of which editor.
    editor: Editor,
    /// What is published.
    published: RwSignal<Option<Menu>>,
) -> impl IntoView {
    let all = Memo::new(move |_| changes(editor, published));
    move || {
        all.get().map(|all| {
            let title = match all.len() {
                0 => "公開中のものと同じです".to_owned(),
                n => format!("公開中のものとの差　{n}か所"),
            };
            view! {
                <section class="me-below" aria-labelledby="menu-changes">
                    <h2 id="menu-changes">{title}</h2>
                    <ul class="me-problems">
                        {all
                            .into_iter()
                            .map(|change| {
                                let (sheet, area) = (change.sheet, change.area);
                                let there = sheet.is_none() || sheet.is_some_and(|key| editor.now(|m| m.sheet(key).is_some()));
                                view! {
                                    <li>
                                        {if there {
                                            view! {
                                                <button type="button" class="me-problem" on:click=move |_| go(editor, sheet, area)>
                                                    <strong>{change.place}</strong>
                                                    <span class="grow">{change.words}</span>
                                                </button>
                                            }
                                                .into_any()
                                        } else {
                                            view! { <p class="me-problem"><strong>{change.place}</strong><span class="grow">{change.words}</span></p> }.into_any()
                                        }}
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </section>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::DepartmentId;
    use domain::menu::{Act, Area, Mode};

    #[test]
    fn every_problem_leads_to_its_place() {
        let mut menu = Menu::new("m", DepartmentId(1));
        menu.bar.clear();
        let at = |at: &str| located(&menu, at, String::new());
        let found = at("/sheets/0/areas/3/label");
        assert_eq!((found.area, found.field.as_str()), (Some(3), "menu-area-label"));
        assert_eq!(found.place, "シート1 エリア4");
        assert_eq!(at("/bar").field, "menu-bar");
        assert_eq!(at("/sheets/0/areas/1/act").field, "menu-area-act");
        assert_eq!(at("/sheets/0/areas/1/act/postback/data").field, "menu-act-postback-data");
        assert_eq!(at("/sheets/0/picture/composed/ink").field, "menu-ink");
        assert_eq!(at("/sheets/0").field, "menu-sheet-own-name");
        let words = at("/sheets/0/areas/3/cell/words");
        assert_eq!((words.area, words.field.as_str()), (Some(3), "menu-area-words"));
        for problem in menu.problems(Mode::Real) {
            assert!(!at(&problem.at).field.is_empty(), "{}", problem.at);
        }
    }

    #[test]
    fn an_area_is_to_be_mended_until_nothing_keeps_it_from_being_published() {
        let mut menu = Menu::new("m", DepartmentId(1));
        for area in &mut menu.sheets[0].areas {
            *area = Area { label: "ごみ".into(), act: Act::Say("ごみ".into()), ..area.clone() };
        }
        let key = menu.sheets[0].key;
        let mut existing = Existing::default();
        existing.forms.insert("dog".into(), "犬の登録".into());
        for (act, fine) in [
            (Act::None, false),
            (Act::Open(String::new()), false),
            (Act::Open("https://city.mihon lg.jp".into()), false),
            (Act::Open("https://city.mihon.lg.jp".into()), true),
            (Act::Say(String::new()), false),
            (Act::Form(String::new()), false),
            (Act::Form("cat".into()), false),
            (Act::Form("dog".into()), true),
            (Act::Call("役所".into()), false),
            (Act::Call("０００－０００－００００".into()), true),
        ] {
            menu.sheets[0].areas[2].act = act.clone();
            let found = to_mend(&menu, menu.problems_as(false), &existing);
            let places: Vec<_> = found.iter().map(|f| (f.sheet, f.area)).collect();
            let wanted = if fine { vec![] } else { vec![(Some(key), Some(2))] };
            assert_eq!(places, wanted, "{act:?}");
        }
    }
}
