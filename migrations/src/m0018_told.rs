//! What is told when it fails (ADM-10): duties, calls that LINE refuses, the web pages of menus;
//! what testers try of a form (RES-6); and to which emergency menus a delivery switches (MENU-4).

/// `delivery.refusals`: calls that LINE refused whole while it has taken none, since somebody
/// last let it go on. `duty.failures`: in a row, the first of them at `failing_since`.
/// `form.tried_at` says since when testers may open what is edited, `form.proof` holds samples
/// and tests of the pack that it was made of. `form_version.settings` is what was set beside
/// the version; where there is none, `form.settings` is in force with it. `menu_page.day` is
/// the day (days since 1970) on which a page was last looked at, `failed_on` that on which it
/// last did not open; `broken` once it did not on two days in a row, until it opens again.
/// `switch_to` is a kind of disaster, `stay`, or nothing: what the city has set.
pub(crate) const SQL: &str = r"
ALTER TABLE delivery ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN switch_to TEXT;
ALTER TABLE template ADD COLUMN switch_to TEXT;
ALTER TABLE duty ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE duty ADD COLUMN failing_since BIGINT;
ALTER TABLE form ADD COLUMN proof TEXT;
ALTER TABLE form ADD COLUMN tried_at BIGINT;
ALTER TABLE form_version ADD COLUMN settings TEXT;
CREATE TABLE menu_page (
    address TEXT PRIMARY KEY,
    day BIGINT NOT NULL,
    failed_on BIGINT,
    broken BOOLEAN NOT NULL,
    why TEXT NOT NULL
) {no_rowid};
";
