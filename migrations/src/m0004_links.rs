//! Links of deliveries with their taps, and what LINE's statistics say (SEG-8).

/// `delivery.uncounted` is a JSON list of addresses, or nothing. `link` stays for good, so
/// that no token is drawn twice. `insight.unasked` says why there is no `unit`.
pub(crate) const SQL: &str = r"
ALTER TABLE delivery ADD COLUMN uncounted TEXT;
CREATE TABLE link (
    id {id},
    token TEXT NOT NULL UNIQUE,
    delivery_id BIGINT NOT NULL REFERENCES delivery(id),
    part BIGINT NOT NULL,
    uri TEXT NOT NULL,
    until BIGINT NOT NULL,
    taps BIGINT NOT NULL,
    UNIQUE (delivery_id, part, uri)
);
CREATE TABLE link_hour (
    link_id BIGINT NOT NULL REFERENCES link(id),
    hour BIGINT NOT NULL,
    taps BIGINT NOT NULL,
    PRIMARY KEY (link_id, hour)
) {no_rowid};
CREATE TABLE insight (
    delivery_id BIGINT PRIMARY KEY REFERENCES delivery(id),
    unit TEXT UNIQUE,
    unasked TEXT,
    month BIGINT NOT NULL,
    next_at BIGINT,
    taken_at BIGINT,
    readers BIGINT,
    clickers BIGINT
);
CREATE INDEX insight_month ON insight (month) WHERE unit IS NOT NULL;
CREATE INDEX insight_due ON insight (next_at) WHERE next_at IS NOT NULL;
";
