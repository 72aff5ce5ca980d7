//! Videos (SEG-4): blobs that lie in several objects, each of so many bytes, and how long they
//! play. What lies in one object has neither.

pub(crate) const SQL: &str = r"
ALTER TABLE blob ADD COLUMN piece_size BIGINT;
ALTER TABLE blob ADD COLUMN milliseconds BIGINT;
";
