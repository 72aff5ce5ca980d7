//! Migrations expand before they contract (design rule 8): what a server of the former release
//! reads and writes is still there. `migrations/schema.txt` is what there was.

use crate::support::{Test, both};
use sea_orm::{ConnectionTrait, Statement};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// The schema in lines that both databases write alike. `where` stands for the condition of a
/// unique index, whose words they do not share; CHECK is not used.
const SQLITE: &str = r#"
WITH t AS (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'seaql_migrations')
SELECT t.name || '.' || c.name || ' ' || CASE lower(c.type) WHEN 'integer' THEN 'bigint' ELSE lower(c.type) END
    || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END
    || CASE WHEN c.dflt_value IS NOT NULL OR lower(c.type) = 'integer' THEN ' default' ELSE '' END AS line
  FROM t JOIN pragma_table_info(t.name) c
UNION ALL SELECT t.name || ' primary key (' || (SELECT group_concat(k.name, ', ') FROM (SELECT c.name FROM pragma_table_info(t.name) c WHERE c.pk > 0 ORDER BY c.pk) k) || ')'
  FROM t WHERE EXISTS (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.pk > 0)
UNION ALL SELECT t.name || ' unique (' || (SELECT group_concat(k.name, ', ') FROM (SELECT c.name FROM pragma_index_info(i.name) c ORDER BY c.seqno) k) || ')'
    || CASE i.partial WHEN 1 THEN ' where' ELSE '' END
  FROM t JOIN pragma_index_list(t.name) i WHERE i."unique" = 1 AND i.origin <> 'pk'
UNION ALL SELECT t.name || ' (' || f."from" || ') in ' || f."table" FROM t JOIN pragma_foreign_key_list(t.name) f
"#;

const POSTGRES: &str = r#"
SELECT CAST(c.table_name AS TEXT) || '.' || CAST(c.column_name AS TEXT) || ' ' || CASE CAST(c.data_type AS TEXT) WHEN 'bytea' THEN 'blob' ELSE CAST(c.data_type AS TEXT) END
    || CASE CAST(c.is_nullable AS TEXT) WHEN 'NO' THEN ' not null' ELSE '' END
    || CASE WHEN c.column_default IS NOT NULL OR CAST(c.is_identity AS TEXT) = 'YES' THEN ' default' ELSE '' END AS line
  FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name <> 'seaql_migrations'
UNION ALL SELECT CAST(t.relname AS TEXT) || CASE WHEN bool_or(i.indisprimary) THEN ' primary key (' ELSE ' unique (' END
    || string_agg(CAST(a.attname AS TEXT), ', ' ORDER BY k.place) || ')' || CASE WHEN bool_or(i.indpred IS NOT NULL) THEN ' where' ELSE '' END
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place)
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
  WHERE i.indisunique AND n.nspname = 'public' AND t.relname <> 'seaql_migrations' GROUP BY t.relname, i.indexrelid
UNION ALL SELECT CAST(t.relname AS TEXT) || ' (' || CAST(a.attname AS TEXT) || ') in ' || CAST(f.relname AS TEXT)
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f'
"#;

async fn schema(t: &Test) -> BTreeSet<String> {
    let sql = if t.ctx.store.is_sqlite() { SQLITE } else { POSTGRES };
    let statement = Statement::from_string(t.db().get_database_backend(), sql);
    let found = t.db().query_all_raw(statement).await.unwrap();
    found.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

/// Why a server that knows `before` could not work on `after`.
fn breaks(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let of = |line: &str| line.split(['.', ' ']).next().unwrap_or_default().to_owned();
    let tables: BTreeSet<String> = before.iter().map(|line| of(line)).collect();
    let columns = |lines: &BTreeSet<String>| -> BTreeSet<String> {
        let first = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
        lines.iter().map(first).filter(|name| name.contains('.')).collect()
    };
    let known = columns(before);
    // A reference that is not asked for any more refuses nobody.
    let gone = before.difference(after).filter(|line| !line.contains(") in "));
    let gone = gone.map(|line| format!("gone, renamed or changed: {line}"));
    let tighter = after.difference(before).filter(|line| {
        let table = of(line);
        if !tables.contains(&table) {
            return false;
        }
        match line.split_once('(').and_then(|(_, rest)| rest.split_once(')')) {
            // What names a new column binds nobody who leaves it empty.
            Some((named, _)) => named.split(", ").all(|c| known.contains(&format!("{table}.{c}"))),
            None => line.ends_with(" not null"),
        }
    });
    let tighter = tighter.map(|line| format!("not what the former release writes: {line}"));
    gone.chain(tighter).collect()
}

#[test]
fn the_former_release_works_on_the_schema() {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let path = here.join("../migrations/schema.txt");
    both(async |t| {
        let after = schema(&t).await;
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let before: BTreeSet<String> = golden.lines().map(str::to_owned).collect();
        let breaks = breaks(&before, &after);
        assert!(
            breaks.is_empty(),
            "A server of the former release runs beside the new one while servers are upgraded, and would fail:\n{}\n\
             Expand first: add what is new beside it, empty or with a default, and let the code use it. A release later, when no server \
             uses the old, drop it and take its lines out of migrations/schema.txt by hand.",
            breaks.join("\n")
        );
        if before != after && std::env::var_os("UPDATE_GOLDEN").is_some() {
            let lines: Vec<&str> = after.iter().map(String::as_str).collect();
            std::fs::write(&path, lines.join("\n") + "\n").unwrap();
            return;
        }
        let new: Vec<&String> = after.difference(&before).collect();
        assert!(
            new.is_empty(),
            "new, and harmless to the former release: {new:#?}\nUPDATE_GOLDEN=1 writes it into migrations/schema.txt"
        );
    });
}

#[test]
fn a_server_of_the_former_release_starts_again_beside_the_next() {
    both(async |t| {
        t.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_next', 0)").await;
        let former = t.reopened(&[1]).await;
        former.store.ping().await.unwrap();
        former.store.close().await;
        let kept = "SELECT COUNT(*) AS n FROM seaql_migrations WHERE version = 'm9999_next'";
        assert_eq!(t.number(kept).await, 1);
    });
}

/// `m0012_menus` once made `menu_link` without a mode, and cities have run it.
async fn without_mode(t: &Test) {
    t.sql("INSERT INTO department (id, name, sort, created_at) VALUES (900, '広報課', 1, 0)").await;
    t.sql("INSERT INTO menu (id, department_id, name, status, draft, version, created_at, updated_at) VALUES (900, 900, 'm', 'draft', '{}', 1, 0, 0)").await;
    t.sql("DROP TABLE menu_link").await;
    t.sql("CREATE TABLE menu_link (token TEXT PRIMARY KEY, menu_id BIGINT NOT NULL REFERENCES menu(id), sheet BIGINT NOT NULL, area BIGINT NOT NULL, uri TEXT NOT NULL, UNIQUE (menu_id, sheet, area, uri))").await;
    t.sql("DELETE FROM seaql_migrations WHERE version = 'm0019_menu_link'").await;
}

async fn drawn_by_the_former_release(t: &Test, token: &str) {
    t.sql(&format!("INSERT INTO menu_link (token, menu_id, sheet, area, uri) VALUES ('{token}', 900, 1, 1, 'https://city.example/{token}')")).await;
}

async fn of_mode(t: &Test, mode: &str) -> i64 {
    t.number(&format!("SELECT COUNT(*) AS n FROM menu_link WHERE mode = '{mode}'")).await
}

#[test]
fn short_addresses_of_menus_get_their_mode_where_they_had_none() {
    both(async |t| {
        without_mode(&t).await;
        drawn_by_the_former_release(&t, "a").await;
        t.reopened(&[1]).await.store.close().await;
        // A server of that time goes on beside the new one.
        drawn_by_the_former_release(&t, "b").await;
        t.sql("INSERT INTO menu_link (token, menu_id, sheet, area, mode, uri) SELECT 'c', menu_id, sheet, area, 'drill', uri FROM menu_link WHERE token = 'a'").await;
        assert_eq!((of_mode(&t, "real").await, of_mode(&t, "drill").await), (2, 1));
        // Once is enough.
        t.reopened(&[1]).await.store.close().await;
        assert_eq!((of_mode(&t, "real").await, of_mode(&t, "drill").await), (2, 1));
    });
}

/// Whoever asks for a table for which a migration waits waits behind it: a server of the former
/// release with a long transaction must not keep all others from theirs.
#[test]
fn a_migration_gives_way_to_who_uses_its_tables() {
    both(async |t| {
        if t.ctx.store.is_sqlite() {
            return;
        }
        without_mode(&t).await;
        drawn_by_the_former_release(&t, "a").await;
        let using = t.ctx.store.begin().await.unwrap();
        using.execute_unprepared("SELECT token FROM menu_link").await.unwrap();
        let waiting = "SELECT COUNT(*) AS n FROM pg_locks WHERE NOT granted AND relation = 'menu_link'::regclass
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let gave_way = async {
            while t.number(waiting).await == 0 {}
            while t.number(waiting).await > 0 {}
        };
        let working = async {
            tokio::time::timeout(Duration::from_secs(60), gave_way).await.unwrap();
            using.rollback().await.unwrap();
        };
        let upgrading = async { t.reopened(&[1]).await.store.close().await };
        tokio::join!(upgrading, working);
        assert_eq!(of_mode(&t, "real").await, 1);
    });
}

#[test]
fn what_the_former_release_needs_is_told_from_what_is_added() {
    let set = |lines: &[&str]| -> BTreeSet<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    };
    let before = set(&[
        "menu.id bigint not null default",
        "menu.name text not null",
        "menu.note text",
        "menu primary key (id)",
        "menu unique (name)",
    ]);
    let with = |without: &str, more: &[&str]| {
        let mut after = set(more);
        after.extend(before.iter().filter(|line| **line != without).cloned());
        breaks(&before, &after).len()
    };
    for added in [
        "menu.sort bigint",
        "menu.sort bigint not null default",
        "page.name text not null",
        "page unique (name)",
        "page (menu_id) in menu",
        "menu (staff_id) in staff",
        "menu unique (name, sort) where",
    ] {
        assert_eq!(with("", &[added]), 0, "{added}");
    }
    for (gone, added, count) in [
        ("menu.note text", "", 1),
        ("menu.note text", "menu.remark text", 1),
        ("menu.note text", "menu.note bigint", 1),
        ("menu.note text", "menu.note text not null", 2),
        ("menu unique (name)", "", 1),
        ("", "menu.sort bigint not null", 1),
        ("", "menu unique (note)", 1),
        ("", "menu unique (name, note) where", 1),
        ("", "menu (note) in staff", 1),
    ] {
        let added = if added.is_empty() { vec![] } else { vec![added] };
        assert_eq!(with(gone, &added), count, "{gone} to {added:?}");
    }
}
