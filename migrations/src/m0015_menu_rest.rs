//! Short addresses of deleted menus: cards in talks still have them; what LINE counts of menus
//! (MENU-5).

/// `menu_link_left` is `menu_link` of menus that are gone. `menu_figure.told` is what LINE told
/// on `day` (days since 1970) of the last `days` days of a menu that it holds.
pub(crate) const SQL: &str = r"
CREATE TABLE menu_link_left (
    token TEXT PRIMARY KEY,
    menu_id BIGINT NOT NULL,
    sheet BIGINT NOT NULL,
    area BIGINT NOT NULL,
    mode TEXT NOT NULL,
    uri TEXT NOT NULL
) {no_rowid};
CREATE TABLE menu_figure (
    line_id TEXT NOT NULL,
    days BIGINT NOT NULL,
    menu_id BIGINT NOT NULL,
    sheet BIGINT NOT NULL,
    day BIGINT NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (line_id, days)
) {no_rowid};
CREATE INDEX menu_figure_menu ON menu_figure (menu_id, days);
";
