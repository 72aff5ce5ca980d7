//! Deliveries in several languages, and in which one residents read (SEG-4).

/// `variants` and `languages` are JSON lists, or nothing. `call.language` is nothing for the
/// base. `resident.language` is the resident's own choice, `line_language` the tag of their
/// LINE profile, asked for at `profile_at` (0: never).
pub(crate) const SQL: &str = r"
ALTER TABLE delivery ADD COLUMN variants TEXT;
ALTER TABLE delivery ADD COLUMN languages TEXT;
ALTER TABLE template ADD COLUMN variants TEXT;
ALTER TABLE call ADD COLUMN language TEXT;
ALTER TABLE resident ADD COLUMN language TEXT;
ALTER TABLE resident ADD COLUMN line_language TEXT;
ALTER TABLE resident ADD COLUMN profile_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX resident_profile ON resident (profile_at, id DESC);
";
