//! Multicasts are found at once among the pushes of the same deliveries (SEG-4).

pub(crate) const SQL: &str = r"
CREATE INDEX call_multicast ON call (delivery_id, next_at, id) WHERE state < 2 AND kind <> 'push';
";
