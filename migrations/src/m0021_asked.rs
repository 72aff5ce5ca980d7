//! Who asked whoever may publish a form to do so (公開を求める).

/// `form.asked_edition` is the edition that was asked for: what was saved since is another. With
/// `returned_at` nothing waits any more, and whoever asked is told why. All are empty again when
/// it is published or the request is taken back.
pub(crate) const SQL: &str = r"
ALTER TABLE form ADD COLUMN asked_by BIGINT REFERENCES staff(id);
ALTER TABLE form ADD COLUMN asked_at BIGINT;
ALTER TABLE form ADD COLUMN asked_edition BIGINT;
ALTER TABLE form ADD COLUMN asked_words TEXT;
ALTER TABLE form ADD COLUMN returned_by BIGINT REFERENCES staff(id);
ALTER TABLE form ADD COLUMN returned_at BIGINT;
ALTER TABLE form ADD COLUMN returned_words TEXT;
";
