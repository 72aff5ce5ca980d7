//! Templates of deliveries (ひな形).

use super::run;
use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_templates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQL).await
    }
}

const SQL: &str = r"
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
