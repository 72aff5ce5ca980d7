//! A million residents: how fast they come in, and how fast an audience among them is counted.

use super::{api, memory, pair, start};
use crate::failure::Result;
use crate::http::Client;
use crate::postgres::{Durability, Postgres, psql};
use crate::process::{Running, seconds, until};
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const RESIDENTS: usize = 1_000_000;
const WARDS: [&str; 5] = ["north", "east", "south", "west", "centre"];
const AGES: [&str; 6] = ["under20", "20s", "30s", "40s", "50s", "over60"];

fn ward(index: usize) -> usize {
    index % WARDS.len()
}

fn age(index: usize) -> usize {
    (index / 7) % AGES.len()
}

pub(super) fn audience_count(workspace: &Workspace) -> Result {
    println!("  SQLite");
    let sqlite = pair(workspace, None)?;
    {
        let (_sandbox, kairan) = start(&sqlite, &["serve"])?;
        let api = api(&sqlite)?;
        import(&api)?;
        count(&api)?;
        send(&api, &kairan)?;
    }
    println!("  PostgreSQL");
    let postgres = Postgres::start(workspace, Durability::Full)?;
    let url = postgres.create_database(workspace, "residents")?;
    let pair = pair(workspace, Some(url.clone()))?;
    let (_sandbox, kairan) = start(&pair, &["serve"])?;
    let api = api(&pair)?;
    let imported = import(&api)?;
    let copied = copy(workspace, &url)?;
    let times = imported.as_secs_f64() / copied.as_secs_f64();
    println!(
        "  PostgreSQL's own COPY of the same rows: {}; we take {times:.1} times as long",
        seconds(copied)
    );
    let ours = count(&api)?;
    let plain = plain_sql(workspace, &url)?;
    println!("  the plain SQL: {:.0} ms, {:.0} times as long (aim: 50)", plain * 1e3, plain / ours);
    send(&api, &kairan)
}

fn import(api: &Client) -> Result<Duration> {
    for (key, choices) in [("ward", &WARDS[..]), ("age", &AGES[..])] {
        let choices: Vec<Value> = choices.iter().map(|c| json!({"key": c, "label": c})).collect();
        let attribute = json!({"key": key, "label": key, "kind": "single", "choices": choices});
        api.post("/attributes", &attribute)?.expect(201, "creating an attribute")?;
    }
    let since = Instant::now();
    let mut body = Lines::new(RESIDENTS, |index| {
        let (ward, age) = (WARDS[ward(index)], AGES[age(index)]);
        format!(
            "{{\"line_user_id\":\"U{index:032x}\",\"attributes\":{{\"ward\":\"{ward}\",\"age\":\"{age}\"}}}}\n"
        )
    });
    let headers = [("content-type", "application/x-ndjson")];
    api.stream("POST", "/residents/import", &headers, &mut body)?.expect(200, "the import")?;
    let took = since.elapsed();
    println!(
        "  imported {RESIDENTS} residents in {}, {:.0}/s",
        seconds(took),
        RESIDENTS as f64 / took.as_secs_f64()
    );
    Ok(took)
}

/// How long PostgreSQL's COPY takes for the rows that an import wrote, indexes included.
fn copy(workspace: &Workspace, url: &str) -> Result<Duration> {
    let rows = |table: &str| {
        format!(
            "COPY {table} TO PROGRAM 'cat > {table}.copy'; CREATE TABLE {table}_copy (LIKE {table} INCLUDING ALL);"
        )
    };
    psql(workspace, url, &format!("{}{}", rows("resident"), rows("fact")))?;
    let since = Instant::now();
    psql(workspace, url, "COPY resident_copy FROM PROGRAM 'cat resident.copy'")?;
    psql(workspace, url, "COPY fact_copy FROM PROGRAM 'cat fact.copy'")?;
    Ok(since.elapsed())
}

/// Five levels deep.
fn audience() -> Value {
    json!({"all": [
        {"attribute": "ward", "is": ["north", "east", "south"]},
        {"any": [
            {"attribute": "age", "is": ["30s", "40s"]},
            {"not": {"all": [
                {"attribute": "ward", "is": ["north"]},
                {"any": [{"attribute": "age", "is": ["under20"]}, {"attribute": "age", "is": ["over60"]}]},
            ]}},
        ]},
    ]})
}

/// The same, resident by resident.
fn belongs(index: usize) -> bool {
    let (ward, age) = (WARDS[ward(index)], AGES[age(index)]);
    ["north", "east", "south"].contains(&ward)
        && (["30s", "40s"].contains(&age)
            || !(ward == "north" && (age == "under20" || age == "over60")))
}

/// Counts often; answers the median, in seconds.
fn count(api: &Client) -> Result<f64> {
    let audience = json!({"audience": audience()});
    let expected = (0..RESIDENTS).filter(|i| belongs(*i)).count() as u64;
    // A live count may be two seconds old.
    until(Duration::from_secs(60), || {
        let answer = api.post("/audiences/count", &audience).ok()?;
        (answer.body["count"] == expected).then_some(())
    })
    .ok_or_else(|| format!("the count does not become {expected}"))?;
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..200 {
        let since = Instant::now();
        api.post("/audiences/count", &audience)?.expect(200, "counting")?;
        times.push(since.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    println!(
        "  {expected} of {RESIDENTS}, five levels: {:.1} ms at the median, {:.1} ms at 99 % (aim: 10)",
        times[100] * 1e3,
        times[198] * 1e3
    );
    Ok(times[100])
}

/// Sends to all of them, by 2,000 calls, and prints what memory that takes. The simulated LINE
/// does not know them: it takes the calls, as LINE does, and nothing arrives.
fn send(api: &Client, server: &Running) -> Result {
    memory::print(server, "idle after the import and the counts")?;
    let audience = json!({"attribute": "ward", "is": WARDS});
    let delivery = json!({"title": "断水", "audience": audience, "parts": [{"text": "断水します"}], "purpose": "notice"});
    let since = Instant::now();
    let made = api.post("/deliveries", &delivery)?.expect(201, "the delivery")?;
    let path = format!("/deliveries/{}", made["id"].as_str().unwrap_or_default());
    let done = until(Duration::from_secs(1_200), || {
        let delivery = api.get(&path).ok()?.body;
        (delivery["status"] == "done").then_some(delivery)
    })
    .ok_or("the delivery does not end")?;
    if done["accepted"] != RESIDENTS {
        return Err(format!("not everyone was sent to: {done}").into());
    }
    let took = seconds(since.elapsed());
    memory::print(server, &format!("after a delivery to all of them in {took}"))
}

/// The median of the same question in SQL, in seconds.
fn plain_sql(workspace: &Workspace, url: &str) -> Result<f64> {
    let is = |attribute: &str, keys: &str| {
        format!(
            "r.id IN (SELECT f.resident_id FROM fact f JOIN choice c ON c.id = f.choice_id \
             JOIN attribute a ON a.id = c.attribute_id WHERE a.key = '{attribute}' AND c.key IN ({keys}))"
        )
    };
    let sql = format!(
        "SELECT COUNT(*) FROM resident r WHERE r.friend AND {} AND ({} OR NOT ({} AND ({} OR {})))",
        is("ward", "'north','east','south'"),
        is("age", "'30s','40s'"),
        is("ward", "'north'"),
        is("age", "'under20'"),
        is("age", "'over60'")
    );
    psql(workspace, url, "ANALYZE")?;
    let said = psql(workspace, url, &format!("\\timing on\n{}", format!("{sql};\n").repeat(7)))?;
    let mut times: Vec<f64> = said
        .lines()
        .filter_map(|line| line.strip_prefix("Time: ")?.split(' ').next()?.parse().ok())
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map(|ms| ms / 1e3).ok_or_else(|| "psql told no times".into())
}

/// A body made line by line while it is sent.
struct Lines<F> {
    make: F,
    next: usize,
    count: usize,
    ready: std::io::Cursor<Vec<u8>>,
}

impl<F: FnMut(usize) -> String> Lines<F> {
    fn new(count: usize, make: F) -> Self {
        Self { make, next: 0, count, ready: std::io::Cursor::default() }
    }
}

impl<F: FnMut(usize) -> String> std::io::Read for Lines<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.ready.read(buffer)?;
        if read > 0 || self.next == self.count {
            return Ok(read);
        }
        let upto = (self.next + 500).min(self.count);
        let lines: String = (self.next..upto).map(&mut self.make).collect();
        self.next = upto;
        self.ready = std::io::Cursor::new(lines.into_bytes());
        self.ready.read(buffer)
    }
}
