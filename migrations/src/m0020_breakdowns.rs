//! Recipients by what they had registered when a delivery was sent (SEG-8).

/// `delivery.breakdown_at`: when its recipients were counted; nothing is in `delivery_breakdown`
/// where nobody knows who they are. An attribute may be deleted, and its numbers stay.
pub(crate) const SQL: &str = r"
ALTER TABLE delivery ADD COLUMN breakdown_at BIGINT;
CREATE INDEX delivery_without_breakdown ON delivery (frozen_at) WHERE frozen_at IS NOT NULL AND breakdown_at IS NULL AND NOT to_testers AND NOT counted_by_line;
CREATE TABLE delivery_breakdown (
    delivery_id BIGINT NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
    attribute_id BIGINT NOT NULL,
    sort BIGINT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (delivery_id, attribute_id)
);
";
