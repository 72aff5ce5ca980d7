//! What has to be published with the program: the menus that it names and nobody has published.

use super::super::path;
use domain::menu::Unpublished;
use leptos::prelude::*;
use ui::prelude::*;

/// What the saved draft names and was never published.
#[server(prefix = "/console/fn")]
pub async fn menu_program_unpublished() -> Result<Vec<Unpublished>, AppError> {
    let staff = crate::server::staff()?;
    Ok(services::menu::unpublished(&staff.ctx).await?)
}

/// Whether one of them cannot be published with the program.
pub fn blocks(menus: &[Unpublished]) -> bool {
    menus.iter().any(|menu| menu.hindrance().is_some())
}

/// Each with the way to it, and what is in the way of publishing it.
#[component]
pub fn Waiting(
    /// The menus.
    #[prop(into)]
    menus: Signal<Vec<Unpublished>>,
    /// What that means for what was pressed.
    words: Signal<&'static str>,
) -> impl IntoView {
    move || {
        let menus = menus.get();
        (!menus.is_empty()).then(|| {
            view! {
                <p>{words.get()}</p>
                <ul class="program-waiting">
                    {menus
                        .into_iter()
                        .map(|menu| {
                            let why = menu.hindrance().map(|why| format!("（{why}）"));
                            view! { <li><a href=path(menu.id)>{format!("「{}」", menu.name)}</a> {why}</li> }
                        })
                        .collect_view()}
                </ul>
            }
        })
    }
}
