//! Rich menus (MENU-1 to MENU-5): documents, the program, emergencies, what LINE holds of
//! them, and how residents stand.

/// A menu with `trial_of` is what testers see of another one; it stands in no list.
/// `menu_program` has one row at most, of id 1. `menu_line.residents` is a bitmap of those
/// who have that menu of their own at LINE; the row of the empty `line_id` those of whom it
/// is not certain. `menu_heard` is what was heard of residents since the worker last looked: a
/// sheet that they switched to, that it is not certain what they have, or that they are to be
/// looked at.
/// `menu_spent` is what was used of LINE's limits by the hour.
pub(crate) const SQL: &str = r"
CREATE TABLE menu (
    id {id},
    department_id BIGINT NOT NULL REFERENCES department(id),
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    draft TEXT NOT NULL,
    version BIGINT NOT NULL,
    published TEXT,
    published_at BIGINT,
    published_by BIGINT REFERENCES staff(id),
    trial_of BIGINT UNIQUE REFERENCES menu(id),
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_by BIGINT REFERENCES staff(id),
    updated_at BIGINT NOT NULL
);
CREATE TABLE menu_version (
    menu_id BIGINT NOT NULL REFERENCES menu(id),
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    at BIGINT NOT NULL,
    staff_id BIGINT REFERENCES staff(id),
    PRIMARY KEY (menu_id, version)
) {no_rowid};
CREATE TABLE menu_program (
    id BIGINT PRIMARY KEY,
    draft TEXT NOT NULL,
    version BIGINT NOT NULL,
    published TEXT,
    published_at BIGINT,
    published_by BIGINT REFERENCES staff(id),
    updated_by BIGINT REFERENCES staff(id),
    updated_at BIGINT NOT NULL
);
CREATE TABLE menu_emergency (
    id {id},
    disaster TEXT NOT NULL,
    mode TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    began_by TEXT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT
);
CREATE UNIQUE INDEX menu_emergency_open ON menu_emergency (mode) WHERE ended_at IS NULL;
CREATE TABLE menu_line (
    line_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    picture BOOLEAN NOT NULL,
    residents {blob}
) {no_rowid};
CREATE TABLE menu_standing (
    resident_id BIGINT PRIMARY KEY REFERENCES resident(id),
    choice BIGINT REFERENCES menu(id),
    rule BIGINT,
    rule_at BIGINT
) {no_rowid};
CREATE TABLE menu_tab (
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    menu_id BIGINT NOT NULL REFERENCES menu(id),
    sheet BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (resident_id, menu_id)
) {no_rowid};
CREATE TABLE menu_heard (
    id {id},
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    menu_id BIGINT REFERENCES menu(id),
    sheet BIGINT,
    mode TEXT
);
CREATE TABLE menu_spent (
    id {id},
    what TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX menu_spent_at ON menu_spent (what, at);
CREATE TABLE menu_tap (
    menu_id BIGINT NOT NULL REFERENCES menu(id),
    sheet BIGINT NOT NULL,
    area BIGINT NOT NULL,
    mode TEXT NOT NULL,
    variant TEXT NOT NULL,
    day BIGINT NOT NULL,
    taps BIGINT NOT NULL,
    PRIMARY KEY (menu_id, sheet, area, mode, variant, day)
) {no_rowid};
CREATE TABLE menu_link (
    token TEXT PRIMARY KEY,
    menu_id BIGINT NOT NULL REFERENCES menu(id),
    sheet BIGINT NOT NULL,
    area BIGINT NOT NULL,
    mode TEXT NOT NULL,
    uri TEXT NOT NULL,
    UNIQUE (menu_id, sheet, area, mode, uri)
);
";
