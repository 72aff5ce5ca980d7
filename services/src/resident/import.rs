//! Import of residents by other systems: NDJSON, streamed, any size (REST core).
//!
//! Good rows are taken, bad ones are answered with their line and the reason.

use crate::{Context, Result};
use domain::attribute::Catalog;
use domain::resident::read_row;
use serde::Serialize;
use store::resident::ImportRow;

/// Longest line, in bytes.
pub const LINE_MAX: usize = 64 * 1024;
/// Rows of one transaction.
const PIECE: usize = 1_000;
/// So many residents change how the database looks for them.
const MANY: i64 = 10_000;
/// What some editors write before the first line.
const BOM: &[u8] = b"\xef\xbb\xbf";
/// Most bad rows that are answered one by one; the rest is counted.
pub const ERRORS_MAX: usize = 10_000;

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Line, from 1.
    pub line: u64,
    /// Why, in Japanese.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Residents who were not known.
    pub created: u64,
    /// Residents who were.
    pub updated: u64,
    /// Rows that were not taken.
    pub errors: Vec<RowError>,
    /// Bad rows beyond [`ERRORS_MAX`], which are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_errors: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// An import that is being fed.
pub struct Import<'a> {
    ctx: &'a Context,
    catalog: Catalog,
    rest: Vec<u8>,
    /// The line under way is longer than [`LINE_MAX`] and is being passed over.
    too_long: bool,
    line: u64,
    rows: Vec<ImportRow>,
    report: Report,
}

impl<'a> Import<'a> {
    /// Begins an import.
    ///
    /// # Errors
    /// `Forbidden`; if the database is away.
    pub async fn begin(ctx: &'a Context) -> Result<Self> {
        ctx.allow(domain::permission::Permission::ResidentImport)?;
        let catalog = store::attribute::catalog(ctx).await?;
        Ok(Self {
            ctx,
            catalog,
            rest: Vec::new(),
            too_long: false,
            line: 0,
            rows: Vec::new(),
            report: Report::default(),
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// If the database is away; what was committed before stays.
    pub async fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        let mut bytes = bytes;
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            let (line, after) = bytes.split_at(end);
            self.rest.extend_from_slice(line);
            self.take_line();
            bytes = &after[1..];
            if self.rows.len() >= PIECE {
                self.commit().await?;
            }
        }
        if self.rest.len() + bytes.len() > LINE_MAX {
            self.too_long = true;
            self.rest.clear();
        } else if !self.too_long {
            self.rest.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Ends the import.
    ///
    /// # Errors
    /// If the database is away; what was committed before stays.
    pub async fn end(mut self) -> Result<Report> {
        if !self.rest.is_empty() || self.too_long {
            self.take_line();
        }
        self.commit().await?;
        let taken = (self.report.created + self.report.updated) as i64;
        if taken >= MANY {
            store::resident::many_came(self.ctx).await?;
        }
        store::ledger::note(
            self.ctx,
            store::ledger::Line::ok("resident.import", "resident").count(taken),
        )
        .await?;
        Ok(self.report)
    }

    async fn commit(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let done = store::resident::import(self.ctx, rows).await?;
        self.report.created += done.created;
        self.report.updated += done.updated;
        Ok(())
    }

    fn take_line(&mut self) {
        self.line += 1;
        let line = std::mem::take(&mut self.rest);
        let too_long = std::mem::take(&mut self.too_long) || line.len() > LINE_MAX;
        if too_long {
            return self
                .refuse(format!("1行が長すぎます。{}KBまでにしてください", LINE_MAX / 1024));
        }
        let line = line.strip_prefix(BOM).filter(|_| self.line == 1).unwrap_or(&line);
        if line.trim_ascii().is_empty() {
            return;
        }
        match read_row(&self.catalog, line) {
            Ok((user, facts)) => self.rows.push(ImportRow { user: *user.as_bytes(), facts }),
            Err(reason) => self.refuse(reason),
        }
    }

    fn refuse(&mut self, reason: String) {
        if self.report.errors.len() < ERRORS_MAX {
            self.report.errors.push(RowError { line: self.line, reason });
        } else {
            self.report.more_errors += 1;
        }
    }
}
