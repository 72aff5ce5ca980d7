//! What is filled into a delivery's texts for the recipients of one call (SEG-4).

use super::run;
use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_variables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQL).await
    }
}

const SQL: &str = r"
ALTER TABLE call ADD COLUMN variables {blob};
";
