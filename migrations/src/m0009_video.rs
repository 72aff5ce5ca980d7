//! Videos (SEG-4): blobs that lie in several objects, each of so many bytes, and how long they
//! play. What lies in one object has neither.

use super::run;
use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_video"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQL).await
    }
}

const SQL: &str = r"
ALTER TABLE blob ADD COLUMN piece_size BIGINT;
ALTER TABLE blob ADD COLUMN milliseconds BIGINT;
";
