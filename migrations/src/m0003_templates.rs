//! Templates of deliveries (ひな形).

pub(crate) const SQL: &str = r"
CREATE TABLE template (
    id {id},
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    audience TEXT,
    parts TEXT NOT NULL,
    department_id BIGINT REFERENCES department(id),
    created_by BIGINT REFERENCES staff(id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
";
