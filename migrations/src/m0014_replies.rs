//! Replies to deliveries that are kept (SEG-2).

/// `reply` is what can be replied; `replied` goes with the resident.
pub(crate) const SQL: &str = r"
CREATE TABLE reply (
    id {id},
    delivery_id BIGINT NOT NULL REFERENCES delivery(id),
    words TEXT NOT NULL,
    UNIQUE (delivery_id, words)
);
CREATE TABLE replied (
    reply_id BIGINT NOT NULL REFERENCES reply(id),
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    at BIGINT NOT NULL,
    PRIMARY KEY (reply_id, resident_id)
) {no_rowid};
CREATE INDEX replied_by ON replied (resident_id);
";
