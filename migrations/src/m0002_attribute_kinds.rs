//! What residents answer without choices: years, dates, texts (RES-1).

/// One row for each answer; an attribute of these kinds has one answer a resident.
///
/// - `number` is the year, or the days of a date since 1970-01-01: an audience asks for a
///   range of one attribute, which the index answers alone.
/// - `text` is what was written, `folded` the same as it is searched (`domain::attribute::fold`).
///   A search reads the rows of one attribute, which lie together by the primary key.
/// - Live counts hold the numbers as bit slices (`store::audience::slices`) and no texts;
///   the residents of a search are looked up here once and then follow `resident.changed_at`.
pub(crate) const SQL: &str = r"
CREATE TABLE fact_value (
    attribute_id BIGINT NOT NULL REFERENCES attribute(id),
    resident_id BIGINT NOT NULL REFERENCES resident(id),
    number BIGINT,
    text TEXT,
    folded TEXT,
    PRIMARY KEY (attribute_id, resident_id)
) {no_rowid};
CREATE INDEX fact_value_number ON fact_value (attribute_id, number, resident_id) WHERE number IS NOT NULL;
CREATE INDEX fact_value_resident ON fact_value (resident_id);
";
