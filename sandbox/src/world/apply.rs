//! How each record changes the world. Nothing here may depend on anything but
//! the record and the world, or a replay would give another one.

use std::sync::Arc;

use line::UserId;
use sha2::{Digest, Sha256};

use super::links::links;
use super::model::{
    AcceptedKey, Call, CallNo, CallRecord, Click, Friend, Reach, Resident, ResidentNo, ShortLived,
};
use super::{KEY_LIFE, Record, UNITS_PER_MONTH, World, parse_key};
use crate::clock::Day;

impl World {
    pub(super) fn apply(&mut self, record: Record) {
        match record {
            Record::Key { secret } => {
                let mut scalar = [0; 32];
                if hex::decode_to_slice(secret, &mut scalar).is_ok() {
                    self.key = Some(scalar);
                }
            }
            Record::Residents { at, residents } => {
                for new in residents {
                    self.add(at, new.id, new.name.into(), new.language, new.friend);
                }
            }
            Record::Bulk { at, count, prefix, friends, seed } => {
                self.residents.reserve(count as usize);
                self.index.reserve(count as usize);
                let from = self.residents.len();
                for n in 0..count {
                    let name = format!("{prefix}{}", from + n as usize + 1).into();
                    self.add(at, bulk_id(seed, n), name, Some("ja".into()), friends);
                }
            }
            Record::Friend { who, at, to } => {
                self.settle_menus(at);
                for no in who {
                    let resident = &mut self.residents[no as usize];
                    resident.friend = to;
                    match to {
                        Friend::Friend => {
                            resident.followed_at.get_or_insert(at);
                            resident.blocked_at = None;
                        }
                        Friend::Blocked => {
                            resident.blocked_at = Some(at);
                            self.menus.forget(no);
                        }
                        Friend::None => {}
                    }
                }
            }
            Record::Call(call) => self.apply_call(call),
            Record::Said(said) => {
                let talk = self.said.entry(said.who).or_default();
                if let Some(message) = said.message {
                    self.said_at.insert(message, (said.who, talk.len()));
                    self.next_message = self.next_message.max(message + 1);
                    self.residents[said.who as usize].talked_at = Some(said.at);
                }
                talk.push(said);
            }
            Record::Unsend { message } => {
                if let Some(said) = self.said_mut(message) {
                    said.unsent = true;
                }
            }
            Record::Open { who } => self.open_talk(who),
            Record::Click(click) => self.clicks.push(click),
            Record::OpenAll { share, click_share, seed } => self.open_all(share, click_share, seed),
            Record::Addresses { webhook_url, webhook_active, liff_endpoint_url, configured } => {
                if configured == self.configured {
                    self.webhook_url = webhook_url;
                    self.webhook_active = webhook_active;
                    self.liff_endpoint_url = liff_endpoint_url;
                }
            }
            Record::Menu(menu) => self.apply_menu(menu),
            Record::Faults(faults) => self.faults = faults,
            Record::ShortLived(token) => self.add_short_lived(token),
            Record::Revoke { nonce } => self.short_lived.retain(|token| token.nonce != nonce),
        }
    }

    fn add(&mut self, at: i64, id: UserId, name: Box<str>, language: Option<String>, friend: bool) {
        let no = self.residents.len() as ResidentNo;
        if self.index.contains_key(&id) {
            return;
        }
        self.index.insert(id, no);
        self.residents.push(Resident {
            id,
            name,
            language: language.map(Into::into),
            friend: if friend { Friend::Friend } else { Friend::None },
            followed_at: friend.then_some(at),
            blocked_at: None,
            talked_at: None,
            received: Vec::new(),
            seen: 0,
        });
    }

    fn apply_call(&mut self, record: CallRecord) {
        let no = self.calls.len() as CallNo;
        let mut received = 0;
        let mut reach = |resident: &mut Resident| {
            if resident.receives(record.kind, record.at) {
                resident.received.push(no);
                received += 1;
            }
        };
        match &record.to {
            Reach::Everyone => self.residents.iter_mut().for_each(&mut reach),
            Reach::Some(list) => {
                for &who in list {
                    reach(&mut self.residents[who as usize]);
                }
            }
        }
        if let Some(key) = record.key.as_deref().and_then(parse_key) {
            let call = no;
            self.keys.insert(key, AcceptedKey { call, at: record.at });
            self.keys_by_age.push_back((record.at, key));
            self.forget_old_keys(record.at);
        }
        let day = Day::of(record.at);
        *self.delivered.entry((day.0, record.kind)).or_default() += u64::from(received);
        let unit = record.unit.and_then(|name| self.assign(day.month(), &name));
        let call = Call {
            at: record.at,
            kind: record.kind,
            request_id: record.request_id.into(),
            unit,
            silent: record.silent,
            messages: Arc::new(record.messages),
            first_message: self.next_message,
            asked: record.asked,
            received,
            impressions: 0,
        };
        self.next_message += call.bubbles();
        self.calls.push(call);
    }

    /// The 1,001st name of a month is silently not assigned.
    fn assign(&mut self, month: i64, name: &str) -> Option<Arc<str>> {
        let names = self.units.entry(month).or_default();
        if let Some(known) = names.iter().find(|known| &***known == name) {
            return Some(Arc::clone(known));
        }
        if names.len() >= UNITS_PER_MONTH {
            return None;
        }
        let name: Arc<str> = name.into();
        names.push(Arc::clone(&name));
        Some(name)
    }

    fn forget_old_keys(&mut self, now: i64) {
        while let Some(&(at, key)) = self.keys_by_age.front() {
            if now - at < KEY_LIFE {
                break;
            }
            self.keys_by_age.pop_front();
            // A key may have been accepted anew after its first life.
            if self.keys.get(&key).is_some_and(|known| known.at == at) {
                self.keys.remove(&key);
            }
        }
    }

    /// Expired tokens do not count; one too many revokes its channel's oldest.
    fn add_short_lived(&mut self, token: ShortLived) {
        let tokens = &mut self.short_lived;
        let issued = token.expires - ShortLived::LIFE;
        tokens.retain(|known| known.expires > issued);
        let ours = |known: &ShortLived| known.channel == token.channel;
        if tokens.iter().filter(|known| ours(known)).count() >= ShortLived::MOST
            && let Some(oldest) = tokens.iter().position(ours)
        {
            tokens.remove(oldest);
        }
        tokens.push(token);
    }

    fn open_talk(&mut self, who: ResidentNo) {
        let resident = &mut self.residents[who as usize];
        let total = resident.received.len();
        // What is new is shown; opening again shows the newest once more.
        let from = (resident.seen as usize).min(total.saturating_sub(1));
        for &call in &resident.received[from..] {
            self.calls[call as usize].impressions += 1;
        }
        resident.seen = total as u32;
    }

    fn open_all(&mut self, share: f64, click_share: f64, seed: u64) {
        for who in 0..self.residents.len() as ResidentNo {
            let [opens, clicks] = fractions(seed, who);
            let Some(&call) = self.residents[who as usize].received.last() else {
                continue;
            };
            if opens >= share {
                continue;
            }
            self.open_talk(who);
            if clicks < click_share
                && let Some(url) = links(&self.calls[call as usize].messages).into_iter().next()
            {
                self.clicks.push(Click { who, call, url });
            }
        }
    }
}

fn bulk_id(seed: u64, n: u32) -> UserId {
    let digest = Sha256::new()
        .chain_update(b"resident")
        .chain_update(seed.to_be_bytes())
        .chain_update(n.to_be_bytes())
        .finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    UserId::from_bytes(id)
}

/// Two numbers from 0 up to 1 that depend on nothing but seed and resident.
pub(super) fn fractions(seed: u64, who: ResidentNo) -> [f64; 2] {
    let digest = Sha256::new()
        .chain_update(b"mood")
        .chain_update(seed.to_be_bytes())
        .chain_update(who.to_be_bytes())
        .finalize();
    [0, 4].map(|at| {
        let bytes = [digest[at], digest[at + 1], digest[at + 2], digest[at + 3]];
        f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    })
}
