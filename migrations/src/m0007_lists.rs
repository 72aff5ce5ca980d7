//! Imported lists of residents (対象者リスト), and which delivery is sent again by which.

/// `roster.residents` is a bitmap of resident numbers, as `outcome.residents` is: nothing
/// of the file stays but who was found by it. `found_by` says by what, in words; `lines`
/// how many the file had, `count` how many residents were found.
pub(crate) const SQL: &str = r"
CREATE TABLE roster (
    id {id},
    name TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    imported_by BIGINT REFERENCES staff(id),
    imported_at BIGINT NOT NULL,
    found_by TEXT NOT NULL,
    lines BIGINT NOT NULL,
    count BIGINT NOT NULL,
    residents {blob} NOT NULL
);
ALTER TABLE delivery ADD COLUMN resends BIGINT REFERENCES delivery(id);
CREATE INDEX delivery_resends ON delivery (resends) WHERE resends IS NOT NULL;
";
