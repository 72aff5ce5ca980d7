//! Short addresses of menus have a mode (MENU-5), also where `m0012_menus` ran before it made
//! them with one.

/// Run only where `menu_link` has no mode. A server of that time goes on writing rows without
/// one. It waits from the first statement on, so that no row is left behind.
pub(crate) const SQL: &str = r"
ALTER TABLE menu_link RENAME TO menu_link_former;
CREATE TABLE menu_link (
    token TEXT PRIMARY KEY,
    menu_id BIGINT NOT NULL REFERENCES menu(id),
    sheet BIGINT NOT NULL,
    area BIGINT NOT NULL,
    mode TEXT NOT NULL DEFAULT 'real',
    uri TEXT NOT NULL,
    UNIQUE (menu_id, sheet, area, mode, uri)
);
INSERT INTO menu_link (token, menu_id, sheet, area, uri) SELECT token, menu_id, sheet, area, uri FROM menu_link_former;
DROP TABLE menu_link_former;
";
