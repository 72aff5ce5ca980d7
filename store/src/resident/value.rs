//! Years, dates and texts of residents: the rows of `fact_value` (RES-1).

use crate::db::{exec, rows, tuples};
use crate::{Error, Result, values};
use domain::attribute::{Kind, Value, fold};
use domain::id::{AttributeId, ResidentId};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Row {
    attribute_id: i64,
    resident_id: i64,
    kind: String,
    number: Option<i64>,
    text: Option<String>,
}

/// Rows of one statement: five parameters each, far from the limits of both databases.
const PIECE: usize = 1_000;

/// Writes values of residents who have none for these attributes.
pub(super) async fn insert<C: ConnectionTrait>(
    db: &C,
    list: &[(AttributeId, ResidentId, Value)],
) -> Result<()> {
    for piece in list.chunks(PIECE) {
        let sql = format!(
            "INSERT INTO fact_value (attribute_id, resident_id, number, text, folded) VALUES {}
             ON CONFLICT (attribute_id, resident_id) DO UPDATE SET number = excluded.number, text = excluded.text, folded = excluded.folded",
            tuples(piece.len(), 5)
        );
        let mut parameters = Vec::with_capacity(piece.len() * 5);
        for (attribute, resident, value) in piece {
            let text = match value {
                Value::Text(text) => Some(text),
                Value::Year(_) | Value::Date(_) => None,
            };
            parameters.extend(values![
                attribute.0,
                resident.0,
                value.number(),
                text.cloned(),
                text.map(|t| fold(t))
            ]);
        }
        exec(db, &sql, parameters).await?;
    }
    Ok(())
}

/// The values of residents who fit a condition on `v.resident_id`, by resident and then in
/// the order in which they are asked.
pub(crate) async fn read<C: ConnectionTrait>(
    db: &C,
    condition: &str,
    parameters: Vec<sea_orm::Value>,
) -> Result<Vec<(ResidentId, AttributeId, Value)>> {
    let sql = format!(
        "SELECT v.attribute_id, v.resident_id, v.number, v.text, a.kind FROM fact_value v JOIN attribute a ON a.id = v.attribute_id
         WHERE {condition} ORDER BY v.resident_id, a.sort, a.id"
    );
    let mut found = Vec::new();
    for row in rows::<Row, _>(db, &sql, parameters).await? {
        let value = match (Kind::parse(&row.kind), row.number, row.text) {
            (Some(Kind::Text), _, Some(text)) => Some(Value::Text(text)),
            (Some(kind), Some(number), _) => Value::of_number(kind, number),
            _ => None,
        };
        let value = value.ok_or(Error::Inconsistent("fact_value"))?;
        found.push((ResidentId(row.resident_id), AttributeId(row.attribute_id), value));
    }
    Ok(found)
}

/// Replaces what a resident answered, or clears it.
pub(super) async fn replace<C: ConnectionTrait>(
    db: &C,
    resident: ResidentId,
    attribute: AttributeId,
    value: Option<Value>,
) -> Result<()> {
    let sql = "DELETE FROM fact_value WHERE attribute_id = $1 AND resident_id = $2";
    exec(db, sql, values![attribute.0, resident.0]).await?;
    let list: Vec<_> = value.into_iter().map(|v| (attribute, resident, v)).collect();
    insert(db, &list).await
}
