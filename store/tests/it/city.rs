//! A small made-up city: attributes, friends, deliveries.

use crate::support::Test;
use domain::attribute::{Answer, Attribute, Catalog, Choice, Kind, Value};
use domain::audience::{Audience, Resolved, Says};
use domain::delivery::{Delivery, NewDelivery, Purpose};
use domain::id::{AttributeId, ChoiceId, DeliveryId, DepartmentId, ResidentId, StaffId};
use domain::message::Part;
use domain::permission::{Actor, Role};
use domain::time::Timestamp;
use store::resident::{ImportRow, LineUser};
use store::{Context, attribute, delivery, resident, staff};

/// The LINE user of a number.
pub fn user(n: u32) -> LineUser {
    let mut user = [0xc1; 16];
    user[12..].copy_from_slice(&n.to_be_bytes());
    user
}

/// `U` and 32 hex digits, as LINE writes it.
pub fn line_id(user: &LineUser) -> String {
    format!("U{}", hex::encode(user))
}

pub fn choice(key: &str, label: &str, parent: Option<&str>) -> Choice {
    Choice {
        id: ChoiceId(0),
        key: key.into(),
        label: label.into(),
        parent: parent.map(Into::into),
        hidden: false,
    }
}

pub fn attribute(key: &str, label: &str, kind: Kind, choices: Vec<Choice>) -> Attribute {
    Attribute {
        id: AttributeId(0),
        key: key.into(),
        label: label.into(),
        kind,
        hint: String::new(),
        required: false,
        personal: false,
        hidden: false,
        choices,
    }
}

pub fn is(key: &str, choices: &[&str]) -> Audience {
    Audience::Attribute { key: key.into(), is: choices.iter().map(|c| (*c).to_owned()).collect() }
}

/// Of whom something is said beside choices.
pub fn says(key: &str, says: Says) -> Audience {
    Audience::Said { key: key.into(), says }
}

/// Numbers of an audience in the catalog.
pub fn facts(catalog: &Catalog, given: &[(&str, &[&str])]) -> Vec<(AttributeId, Answer)> {
    given
        .iter()
        .map(|(key, choices)| {
            let attribute = catalog.get(key).expect("the attribute");
            (
                attribute.id,
                Answer::Chosen(
                    choices.iter().map(|c| attribute.choice(c).expect("the choice").id).collect(),
                ),
            )
        })
        .collect()
}

/// A value of an attribute, for an import.
pub fn value(catalog: &Catalog, key: &str, value: Value) -> (AttributeId, Answer) {
    (catalog.get(key).expect("the attribute").id, Answer::Value(value))
}

impl Test {
    /// 年代, お住まい (東地区 with two quarters, 西地区) and お知らせの種類.
    pub async fn city(&self) -> Catalog {
        let age = attribute(
            "age",
            "年代",
            Kind::Single,
            vec![choice("young", "39歳まで", None), choice("old", "65歳から", None)],
        );
        let home = vec![
            choice("east", "東地区", None),
            choice("east1", "東町一丁目", Some("east")),
            choice("east2", "東町二丁目", Some("east")),
            choice("west", "西地区", None),
        ];
        let home = attribute("home", "お住まい", Kind::Area, home);
        let topics = vec![
            choice("waste", "ごみ", None),
            choice("event", "もよおし", None),
            choice("safety", "防犯", None),
        ];
        let topics = attribute("topics", "お知らせの種類", Kind::Multiple, topics);
        for a in [age, home, topics] {
            attribute::create(&self.ctx, a).await.unwrap();
        }
        attribute::catalog(&self.ctx).await.unwrap()
    }

    /// 生まれた年, 予定日 and ペットの名前 beside [`Test::city`].
    pub async fn other_kinds(&self) -> Catalog {
        for (key, label, kind) in [
            ("born", "生まれた年", Kind::Year),
            ("due", "予定日", Kind::Date),
            ("pet", "ペットの名前", Kind::Text),
        ] {
            let new = attribute(key, label, kind, vec![]);
            attribute::create(&self.ctx, new).await.unwrap();
        }
        attribute::catalog(&self.ctx).await.unwrap()
    }

    /// Friends `from..from + count`, who registered nothing.
    pub async fn friends(&self, from: u32, count: u32) -> Vec<ResidentId> {
        let users: Vec<u32> = (from..from + count).collect();
        for piece in users.chunks(1_000) {
            let rows = piece.iter().map(|n| ImportRow { user: user(*n), facts: vec![] }).collect();
            resident::import(&self.ctx, rows).await.unwrap();
        }
        let mut ids = Vec::new();
        for n in users {
            ids.push(self.resident(n).await);
        }
        ids
    }

    pub async fn resident(&self, n: u32) -> ResidentId {
        resident::find(&self.ctx, &user(n)).await.unwrap().expect("a known resident")
    }

    pub async fn resolve(&self, audience: &Audience) -> Resolved {
        audience.resolve(&attribute::catalog(&self.ctx).await.unwrap(), "").unwrap()
    }

    /// A member of staff with an account.
    pub async fn staff(&self, number: &str, role: Role, department: &str) -> (StaffId, Context) {
        let new = staff::New {
            number,
            name: "見本 花子",
            role,
            department,
            password_hash: "hash",
            must_change: false,
        };
        let id = staff::create(&self.ctx, new).await.unwrap();
        let department: DepartmentId = staff::get(&self.ctx, id).await.unwrap().department;
        (id, self.acting(Actor::Staff { id, department, role }))
    }

    /// A delivery that is due now.
    pub async fn delivery(&self, purpose: Purpose, audience: Audience) -> DeliveryId {
        delivery::create(&self.ctx, &new_delivery(purpose, audience, None), None).await.unwrap()
    }

    /// The same, frozen.
    pub async fn frozen(&self, purpose: Purpose, audience: Audience) -> DeliveryId {
        let resolved = self.resolve(&audience).await;
        let id = self.delivery(purpose, audience).await;
        assert!(
            delivery::freeze(&self.ctx, id, delivery::Frozen::Audience(&resolved)).await.unwrap()
        );
        id
    }

    pub async fn get(&self, id: DeliveryId) -> Delivery {
        delivery::get(&self.ctx, id).await.unwrap()
    }

    /// Everything adds up: figures, calls and reasons.
    pub async fn adds_up(&self, id: DeliveryId) {
        let progress = delivery::progress(&self.ctx, id).await.unwrap();
        assert!(progress.sum().holds(), "{:?} of {progress:?}", progress.sum());
    }
}

pub fn new_delivery(
    purpose: Purpose,
    audience: Audience,
    send_at: Option<Timestamp>,
) -> NewDelivery {
    NewDelivery {
        title: "断水のお知らせ".into(),
        audience,
        parts: vec![Part::Text { text: "断水します".into() }],
        purpose,
        send_at,
        uncounted: vec![],
        variants: vec![],
    }
}
