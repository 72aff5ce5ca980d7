//! The ground: staff, residents, audiences, deliveries, inbox, ledger.

/// Times are UTC microseconds; `{blob}` columns named in docs/architecture.md are encrypted.
pub(crate) const SQL: &str = r"
CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE department (
    id {id},
    name TEXT NOT NULL UNIQUE,
    sort BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE staff (
    id {id},
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    department_id BIGINT NOT NULL REFERENCES department(id),
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE staff_session (
    id {id},
    token_hash {blob} NOT NULL UNIQUE,
    staff_id BIGINT NOT NULL REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX staff_session_staff ON staff_session (staff_id);
CREATE TABLE sign_in_try (
    key_hash {blob} PRIMARY KEY,
    failed BIGINT NOT NULL,
    locked_until BIGINT,
    at BIGINT NOT NULL
);
CREATE TABLE api_token (
    id {id},
    name TEXT NOT NULL,
    token_hash {blob} NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE TABLE idempotency (
    token_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    request_hash {blob} NOT NULL,
    status BIGINT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE TABLE attribute (
    id {id},
    key TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    kind TEXT NOT NULL,
    hint TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    personal BOOLEAN NOT NULL,
    hidden BOOLEAN NOT NULL,
    sort BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE choice (
    id {id},
    attribute_id BIGINT NOT NULL REFERENCES attribute(id),
    key TEXT NOT NULL,
    label TEXT NOT NULL,
    parent TEXT,
    hidden BOOLEAN NOT NULL,
    sort BIGINT NOT NULL,
    UNIQUE (attribute_id, key)
);
CREATE TABLE resident (
    id {id},
    line_hash {blob} NOT NULL UNIQUE,
    line_id {blob} NOT NULL,
    friend BOOLEAN NOT NULL,
    friend_at BIGINT NOT NULL,
    reception TEXT NOT NULL,
    paused_until BIGINT,
    tester BOOLEAN NOT NULL,
    tester_name {blob},
    registered_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    erased_at BIGINT
);
CREATE INDEX resident_changed ON resident (changed_at);
CREATE INDEX resident_registered ON resident (registered_at);
CREATE INDEX resident_tester ON resident (id) WHERE tester;
CREATE TABLE fact (
    choice_id BIGINT NOT NULL REFERENCES choice(id),
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    attribute_id BIGINT NOT NULL,
    PRIMARY KEY (choice_id, resident_id)
) {no_rowid};
CREATE INDEX fact_resident ON fact (resident_id, attribute_id);
CREATE TABLE history (
    id {id},
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    detail {blob}
);
CREATE INDEX history_resident ON history (resident_id, at);
CREATE TABLE resident_session (
    token_hash {blob} PRIMARY KEY,
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX resident_session_resident ON resident_session (resident_id);
CREATE TABLE figure_day (
    day BIGINT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (day, name)
);
CREATE TABLE inbox (
    id {id},
    event_id TEXT NOT NULL UNIQUE,
    user_hash {blob},
    message_id TEXT,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body {blob},
    state SMALLINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    error TEXT
);
CREATE INDEX inbox_open ON inbox (next_at) WHERE state = 0;
CREATE INDEX inbox_user ON inbox (user_hash, at) WHERE state = 0;
CREATE INDEX inbox_message ON inbox (message_id);
CREATE INDEX inbox_received ON inbox (received_at);
CREATE TABLE audience (
    id {id},
    name TEXT NOT NULL,
    expression TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE delivery (
    id {id},
    title TEXT NOT NULL,
    purpose TEXT NOT NULL,
    status TEXT NOT NULL,
    audience TEXT,
    parts TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    created_by BIGINT REFERENCES staff(id),
    token_id BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    send_at BIGINT,
    frozen_at BIGINT,
    started_at BIGINT,
    finished_at BIGINT,
    recipients BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    withheld BIGINT NOT NULL,
    to_testers BOOLEAN NOT NULL,
    counted_by_line BOOLEAN NOT NULL,
    held_reason TEXT,
    recurrence TEXT,
    series_id BIGINT REFERENCES delivery(id),
    occurrence BIGINT,
    replaces_id BIGINT REFERENCES delivery(id),
    corrects BIGINT REFERENCES delivery(id)
);
CREATE INDEX delivery_corrects ON delivery (corrects) WHERE corrects IS NOT NULL;
CREATE UNIQUE INDEX delivery_occurrence ON delivery (series_id, occurrence);
CREATE INDEX delivery_due ON delivery (status, send_at);
CREATE INDEX delivery_created ON delivery (created_at);
CREATE TABLE holiday (
    day BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    by_rule BOOLEAN NOT NULL,
    removed BOOLEAN NOT NULL
);
CREATE TABLE approval (
    id {id},
    delivery_id BIGINT NOT NULL REFERENCES delivery(id),
    act TEXT NOT NULL,
    staff_id BIGINT REFERENCES staff(id),
    at BIGINT NOT NULL,
    people BIGINT NOT NULL,
    words TEXT NOT NULL
);
CREATE INDEX approval_delivery ON approval (delivery_id, id);
CREATE TABLE blob (
    id {id},
    token TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    preview_size BIGINT,
    width BIGINT,
    height BIGINT,
    sha256 {blob} NOT NULL,
    key_id BIGINT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    created_by BIGINT REFERENCES staff(id),
    token_id BIGINT,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX blob_used ON blob (used_at);
CREATE TABLE call (
    id {id},
    delivery_id BIGINT REFERENCES delivery(id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    count BIGINT NOT NULL,
    ids {blob} NOT NULL,
    messages {blob},
    retry_key TEXT NOT NULL UNIQUE,
    state SMALLINT NOT NULL,
    attempts BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    first_at BIGINT,
    next_at BIGINT NOT NULL,
    owner TEXT,
    request_id TEXT,
    error TEXT,
    ended_at BIGINT
);
CREATE INDEX call_open ON call (next_at) WHERE state < 2;
CREATE INDEX call_delivery ON call (delivery_id, seq);
CREATE TABLE exception (
    delivery_id BIGINT NOT NULL REFERENCES delivery(id),
    resident_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, resident_id)
) {no_rowid};
CREATE TABLE outcome (
    delivery_id BIGINT NOT NULL REFERENCES delivery(id),
    outcome TEXT NOT NULL,
    residents {blob} NOT NULL,
    PRIMARY KEY (delivery_id, outcome)
);
CREATE TABLE happening (
    id {id},
    delivery_id BIGINT NOT NULL REFERENCES delivery(id),
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX happening_delivery ON happening (delivery_id, at);
CREATE TABLE rate (
    name TEXT PRIMARY KEY,
    ready_at BIGINT NOT NULL
);
CREATE TABLE duty (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL,
    done_at BIGINT
);
CREATE TABLE ledger (
    id {id},
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    result TEXT NOT NULL,
    count BIGINT,
    seq BIGINT UNIQUE,
    seal TEXT
);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_object ON ledger (object, seq);
CREATE INDEX ledger_unsealed ON ledger (id) WHERE seq IS NULL;
";
