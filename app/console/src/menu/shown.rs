//! A menu for those who may see it, and for what was put away: nothing can be changed.

use super::api::Opened;
use super::picture::Small;
use super::words::label;
use super::{EMERGENCY_PATH, PATH, path};
use domain::menu::Status;
use leptos::prelude::*;
use ui::prelude::*;

/// Every sheet with what its areas do.
#[component]
pub fn Shown(
    /// What was opened.
    opened: Opened,
) -> impl IntoView {
    let Opened { kept, existing, .. } = opened;
    let (summary, menu) = (kept.summary, kept.draft);
    let note = match summary.status {
        Status::Archived => "しまってあるメニューです。直すときは、一覧で取り出してください。",
        _ => "このメニューは、見ることだけできます。直すのは、担当の所属の人です。",
    };
    let sheets = menu.sheets.clone();
    let rows = sheets
        .into_iter()
        .map(|sheet| {
            let areas = (0..sheet.areas.len())
                .map(|i| {
                    let act = sheet.areas[i].act.in_full(&menu, &existing);
                    let broken = sheet.areas[i].act.broken(&menu, &existing);
                    view! {
                        <tr>
                            <td>{i + 1}</td>
                            <td data-label="ことば">{label(&sheet, i)}</td>
                            <td data-label="押したときの動き">
                                {act}
                                {broken.map(|words| view! { <p class="me-bad"><Icon name=IconName::Warning size=16 />{words}</p> })}
                            </td>
                        </tr>
                    }
                })
                .collect_view();
            let name = sheet.name.clone();
            view! {
                <Panel title=name.clone()>
                    <div class="menu-shown">
                        <Small sheet=Signal::stored(sheet) />
                        <table class="list">
                            <caption class="visually-hidden">{format!("シート「{name}」のエリア")}</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"エリア"</th>
                                    <th scope="col">"ことば"</th>
                                    <th scope="col">"押したときの動き"</th>
                                </tr>
                            </thead>
                            <tbody>{areas}</tbody>
                        </table>
                    </div>
                </Panel>
            }
        })
        .collect_view();
    let href = path(summary.id);
    view! {
        <EditorBar
            back_href=PATH
            back_label="リッチメニュー"
            help_href="/console/help/menu"
            emergency_href=EMERGENCY_PATH
            title=move || view! { <PageTitle title=summary.name.clone() /> }
        />
        <main id="main" class="editor-main" data-href=href>
            <Banner title="直すことはできません">{note}</Banner>
            {rows}
        </main>
    }
}
