//! What is filled into a delivery's texts for the recipients of one call (SEG-4).

pub(crate) const SQL: &str = r"
ALTER TABLE call ADD COLUMN variables {blob};
";
