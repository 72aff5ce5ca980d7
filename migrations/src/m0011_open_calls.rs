//! Open calls are looked for delivery by delivery: 200,000 pushes wait at once (SEG-4).

pub(crate) const SQL: &str = r"
CREATE INDEX call_due ON call (delivery_id, next_at, id) WHERE state < 2;
DROP INDEX call_open;
CREATE INDEX delivery_open ON delivery (frozen_at, id) WHERE frozen_at IS NOT NULL AND finished_at IS NULL;
";
