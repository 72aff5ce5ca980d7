//! 緊急メニューも切りかえる: to which emergency menus an emergency switches, chosen with what it
//! says (MENU-4).

use super::check::Checker;
use super::editor::Editor;
use domain::menu::{Mode, SwitchTo, Switches};
use leptos::prelude::*;
use ui::prelude::*;

/// Offered where the city has decided that emergencies switch, of what is prepared.
#[component]
pub fn SwitchChoice(
    /// What is written.
    editor: Editor,
    /// What is known of it.
    checker: Checker,
) -> impl IntoView {
    // The last answer may be of the purpose before.
    let offered = Memo::new(move |_| {
        let mode = Mode::of_delivery(editor.purpose.get());
        checker.check.with(|c| c.switches.clone()).filter(|s| Some(s.mode) == mode)
    });
    move || offered.get().map(|switches| choice(editor, switches))
}

fn choice(editor: Editor, switches: Switches) -> AnyView {
    let to = editor.switch_to;
    if let Some(held) = switches.holds {
        let words = format!(
            "緊急メニュー（{}）を出しているあいだは、配信では切りかわりません。変えるときは、緊急メニューの画面で切りかえてください。",
            held.label()
        );
        return view! { <p class="dense">{words}</p> }.into_any();
    }
    let legend = match switches.mode {
        Mode::Real => "緊急メニューも切りかえる",
        Mode::Drill => "試験者の緊急メニューも切りかえる",
    };
    let kinds = switches.prepared.clone();
    let chosen = Memo::new(move |_| switches.chosen(to.get()));
    view! {
        <Fieldset id="switch" legend=legend class="fieldset-row">
            {kinds
                .into_iter()
                .map(|kind| {
                    view! {
                        <Radio
                            name="switch"
                            value=kind.name()
                            checked=Signal::derive(move || chosen.get() == Some(kind))
                            on_change=move |_| to.set(SwitchTo::Disaster(kind))
                        >
                            {kind.label()}
                        </Radio>
                    }
                })
                .collect_view()}
            <Radio name="switch" value="stay" checked=Signal::derive(move || chosen.get().is_none()) on_change=move |_| to.set(SwitchTo::Stay)>
                "切りかえない"
            </Radio>
        </Fieldset>
    }
    .into_any()
}
