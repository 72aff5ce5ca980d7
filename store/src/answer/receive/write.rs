//! What is written of answers that are taken: rows of a kind by one statement, or a few.

use super::batch::Taken;
use super::{Ready, Receipt};
use crate::answer::{AT_ONCE, Holder, choice, draft, file, note_all};
use crate::db::{doubling, exec, number, rows, tuples};
use crate::ledger::{self, Line};
use crate::outbox::Recipient;
use crate::{Context, Error, Result, mail, outbox, values};
use domain::form::inbox::What;
use domain::form::receipt;
use domain::id::{AnswerId, FormId, ResidentId, StaffId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

/// Writes what is taken; the last answer before had the number `last`.
pub(super) async fn write<C: ConnectionTrait>(
    tx: &C,
    form: FormId,
    last: i64,
    taken: &[Taken<'_>],
) -> Result<Vec<Receipt>> {
    let sql = "UPDATE form SET number = number + $1, received = received + $1 WHERE id = $2";
    exec(tx, sql, values![taken.len() as i64, form.0]).await?;
    let receipts = insert(tx, form, last, taken).await?;
    let holders: Vec<&Holder> = taken.iter().map(|t| &t.answer.holder).collect();
    draft::forget(tx, form, &holders).await?;
    for (Taken { answer, tried }, receipt) in taken.iter().zip(&receipts) {
        file::give(tx, form, &answer.holder, receipt.id, &answer.files).await?;
        if *tried {
            file::forget_tried(&answer.ctx, tx, form, &answer.holder).await?;
        }
    }
    let (mut chosen, mut acts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (Taken { answer, .. }, Receipt { id, .. }) in taken.iter().zip(&receipts) {
        chosen.extend(answer.choices.iter().map(|hash| (*id, hash.clone())));
        acts.push((&answer.ctx, *id));
        lines.push((&answer.ctx, Line::ok("answer.send", format!("answer:{id}"))));
    }
    choice::write(tx, &chosen).await?;
    note_all(tx, &acts, What::Sent, "").await?;
    talk(tx, taken, &receipts).await?;
    mails(tx, form, taken, &receipts).await?;
    ledger::append_all(tx, &lines).await?;
    Ok(receipts)
}

/// Writes the rows of answers, in order; answers their numbers and ids.
async fn insert<C: ConnectionTrait>(
    tx: &C,
    form: FormId,
    last: i64,
    taken: &[Taken<'_>],
) -> Result<Vec<Receipt>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        token: String,
    }
    let mut receipts = Vec::with_capacity(taken.len());
    for (n, Taken { answer, .. }) in (last + 1..).zip(taken) {
        let receipt = receipt(&answer.pattern, answer.at.date(), u64::try_from(n).unwrap_or(0))
            .map_err(|_| Error::Inconsistent("form.receipt"))?;
        receipts.push(Receipt { id: AnswerId(0), receipt, at: answer.at, again: false });
    }
    let mut ids = HashMap::with_capacity(taken.len());
    let numbered: Vec<(&Ready, &str)> =
        taken.iter().zip(&receipts).map(|(t, r)| (t.answer, r.receipt.as_str())).collect();
    for piece in doubling(&numbered, AT_ONCE) {
        let mut values = Vec::with_capacity(piece.len() * 14);
        for (answer, receipt) in piece {
            let ((resident, owner), now) = (answer.holder.columns(), answer.at.0);
            values.extend(values![
                answer.token.as_str(),
                form.0,
                answer.version,
                resident,
                owner,
                answer.send_hash.clone(),
                answer.eligible.clone(),
                *receipt,
                answer.status.as_str(),
                answer.sealed.clone(),
                now,
                now,
                now,
                answer.delete_at
            ]);
        }
        let sql = format!(
            "INSERT INTO answer (token, form_id, version, resident_id, owner_hash, send_hash, eligible_hash, receipt, status, answers, created_at, changed_at, choices_at, delete_at, edition) VALUES {} RETURNING id, token",
            tuples(piece.len(), 14).replace(')', ",1)")
        );
        let made: Vec<Row> = rows(tx, &sql, values).await?;
        ids.extend(made.into_iter().map(|row| (row.token, AnswerId(row.id))));
    }
    for (Taken { answer, .. }, receipt) in taken.iter().zip(&mut receipts) {
        receipt.id = *ids.get(&answer.token).ok_or(Error::Inconsistent("answer.token"))?;
    }
    Ok(receipts)
}

/// Tells those who are friends in the talk.
async fn talk<C: ConnectionTrait>(tx: &C, taken: &[Taken<'_>], receipts: &[Receipt]) -> Result<()> {
    let (mut residents, mut told) = (Vec::new(), Vec::new());
    for (Taken { answer, .. }, receipt) in taken.iter().zip(receipts) {
        if let (Some(resident), Some(talk)) = (answer.holder.resident(), &answer.talk) {
            residents.push(resident);
            told.push((&answer.ctx, resident, talk(&receipt.receipt)));
        }
    }
    let Some((ctx, ..)) = told.first() else { return Ok(()) };
    let friends = friends(ctx, tx, &residents).await?;
    let mut pushes = Vec::with_capacity(told.len());
    for (ctx, resident, words) in &told {
        if let Some(to) = friends.get(resident) {
            pushes.push((*ctx, *to, words.as_str()));
        }
    }
    outbox::push_all(tx, &pushes).await
}

/// How residents who are friends are reached in the talk.
async fn friends<C: ConnectionTrait>(
    ctx: &Context,
    db: &C,
    residents: &[ResidentId],
) -> Result<HashMap<ResidentId, Recipient>> {
    #[derive(FromQueryResult)]
    struct Friend {
        id: i64,
        line_hash: Vec<u8>,
        line_id: Vec<u8>,
    }
    let mut found = HashMap::with_capacity(residents.len());
    for piece in doubling(residents, AT_ONCE) {
        let sql = format!(
            "SELECT r.id, r.line_hash, r.line_id FROM (VALUES {}) AS k CROSS JOIN resident r WHERE r.id = k.column1 AND r.friend",
            tuples(piece.len(), 1)
        );
        let values = piece.iter().flat_map(|resident| values![resident.0]).collect();
        for friend in rows::<Friend, _>(db, &sql, values).await? {
            let (keys, id) = (ctx.store.keys(), ResidentId(friend.id));
            let user = crate::resident::open_line_id(keys, &friend.line_hash, &friend.line_id)?;
            found.insert(id, Recipient { id, user });
        }
    }
    Ok(found)
}

/// Queues mails to everybody whom the form names, if it asks for one on each answer; nothing of
/// what was answered stands in them.
async fn mails<C: ConnectionTrait>(
    tx: &C,
    form: FormId,
    taken: &[Taken<'_>],
    receipts: &[Receipt],
) -> Result<()> {
    let Some(first) = taken.iter().find(|t| !t.answer.mails.is_empty()) else { return Ok(()) };
    let sql = "SELECT published_by AS n FROM form_version WHERE form_id = $1 AND number = $2";
    let by = number(tx, sql, values![form.0, first.answer.version]).await?;
    if by == 0 {
        return Ok(());
    }
    let mut texts = Vec::with_capacity(taken.len());
    for (Taken { answer, .. }, Receipt { id, receipt, .. }) in taken.iter().zip(receipts) {
        let (title, base) = (&answer.title, &answer.ctx.store.own().base);
        let subject = format!("「{title}」に回答が届きました（{receipt}）");
        let body = format!(
            "「{title}」に、新しい回答が届きました。\n\n受付番号：{receipt}\n\n内容は、コンソールで見られます。\n{base}/console/answers/{id}\n"
        );
        texts.push((answer, subject, body));
    }
    let mut mails = Vec::new();
    for (answer, subject, body) in &texts {
        for address in &answer.mails {
            let new = mail::New { alert: None, staff: StaffId(by), address, subject, body };
            mails.push((&answer.ctx, new));
        }
    }
    mail::queue_all(tx, &mails).await
}
