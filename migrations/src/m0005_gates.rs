//! What stands between a draft and the phones, and who hears when it stands still:
//! quiet hours, the budget, alerts and the mails that tell of them.

/// `delivery.night`: why it does not wait for the end of the quiet hours. `fatigue`: who
/// was withheld for having had enough, a bitmap per delivery. `alert.subject`: what it is
/// about, in words that are the same as long as it is the same.
pub(crate) const SQL: &str = r"
ALTER TABLE delivery ADD COLUMN night TEXT;
ALTER TABLE staff ADD COLUMN mail TEXT;
ALTER TABLE staff ADD COLUMN alerts TEXT;
CREATE INDEX delivery_frozen ON delivery (frozen_at);
CREATE TABLE fatigue (
    delivery_id BIGINT PRIMARY KEY REFERENCES delivery(id),
    count BIGINT NOT NULL,
    residents {blob} NOT NULL
);
CREATE TABLE alert (
    id {id},
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    delivery_id BIGINT REFERENCES delivery(id),
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX alert_open ON alert (kind, subject) WHERE ended_at IS NULL;
CREATE INDEX alert_delivery ON alert (delivery_id);
CREATE TABLE alert_seen (
    alert_id BIGINT NOT NULL REFERENCES alert(id),
    staff_id BIGINT NOT NULL REFERENCES staff(id),
    at BIGINT NOT NULL,
    PRIMARY KEY (alert_id, staff_id)
);
CREATE TABLE mail (
    id {id},
    message_id TEXT NOT NULL UNIQUE,
    alert_id BIGINT REFERENCES alert(id),
    staff_id BIGINT NOT NULL REFERENCES staff(id),
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state SMALLINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    owner TEXT,
    error TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX mail_open ON mail (next_at) WHERE state = 0;
CREATE INDEX mail_alert ON mail (alert_id);
";
