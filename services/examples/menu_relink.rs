//! How fast a city is brought to its emergency menus and back, against the sandbox with LINE's
//! limits: `cargo run --release -p services --example menu_relink -- 200000`. Prints one line
//! of JSON for `cargo xtask bench menu-relink`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, run by hand")]

use domain::audience::{Audience, Day, Since, Span};
use domain::id::{MenuId, ResidentId};
use domain::menu::program::{Period, Prepared, Variant};
use domain::menu::render::{Key, parse_name};
use domain::menu::{Act, Area, Disaster, Doing, Menu, Mode, Program, Sheet, SheetKey, Size};
use domain::time::DAY;
use line::UserId;
use sandbox::config::{
    DEMO_CHANNEL_ID, DEMO_CHANNEL_SECRET, DEMO_LIFF_ID, DEMO_LOGIN_CHANNEL_ID,
    DEMO_LOGIN_CHANNEL_SECRET,
};
use sandbox::{Config, Faults, Handle, Sandbox};
use services::{Context, Platform, Settings, SystemClock, SystemRandom};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use store::menu::At;
use tokio::sync::watch;

/// Residents whose menu LINE's API is asked for, and compared with what the program says of each.
const SAMPLE: usize = 500;

fn main() {
    let people = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(people));
}

/// Residents whose menu at LINE is not what it is to be.
struct Wrong {
    /// By what the sandbox holds of everybody.
    of_all: usize,
    /// By LINE's API.
    of_sample: usize,
}

struct City {
    sandbox: Handle,
    platform: Arc<Platform>,
    users: Vec<UserId>,
}

async fn measure(people: u32) {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Config::for_tests()).await.unwrap();
    sandbox.set_faults(Faults { rate_limits: true, ..Faults::default() }).unwrap();
    let keys = store::crypto::Keyring::open(&folder.path().join("key"), || [7; 64]).unwrap();
    let url = format!("sqlite://{}", folder.path().join("city.db").display());
    let store = Store::open(&url, keys).await.unwrap();
    let platform = platform(store, &sandbox.url());
    let ctx = platform.system();
    let users = sandbox.create_residents(people).unwrap();
    // Half of them are friends for longer: the emergency's variant is theirs.
    let (longer, new) = users.split_at(users.len() / 2);
    for (half, since) in [(longer, ctx.now().plus(-3 * DAY)), (new, ctx.now())] {
        for piece in half.chunks(1_000) {
            let ids: Vec<_> = piece.iter().map(|u| *u.as_bytes()).collect();
            store::resident::sync(&ctx, &ids, since).await.unwrap();
        }
    }
    let (half, all) = (longer.len() as u64, users.len() as u64);
    let city = City { sandbox, platform, users };
    let [base, quake, easy, other] = city.menus(&ctx).await;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(services::menu::run(city.platform.clone(), "bench".into(), stopped));
    city.settled(&ctx).await;

    let there = city.switch(&ctx, Some(Disaster::Earthquake), easy, half).await;
    let wrong_there = city.wrong(&ctx, [easy, quake]).await;
    let back = city.switch(&ctx, None, other, all).await;
    let wrong_back = city.wrong(&ctx, [other, other]).await;
    stop.send(true).unwrap();
    worker.await.unwrap();
    println!(
        "{}",
        serde_json::json!({
            "residents": people,
            "to_emergency": there,
            "back": back,
            "sampled": SAMPLE.min(city.users.len()),
            "wrong_after_emergency": wrong_there.of_all,
            "wrong_after_back": wrong_back.of_all,
            "sampled_wrong_after_emergency": wrong_there.of_sample,
            "sampled_wrong_after_back": wrong_back.of_sample,
            "calls_at_least": people.div_ceil(500),
            "menus": [base, quake, easy, other],
        })
    );
    city.sandbox.shutdown().await;
}

fn platform(store: Store, line: &str) -> Arc<Platform> {
    let settings = Settings {
        public_url: "http://127.0.0.1:3000".into(),
        line_api_url: line.to_owned(),
        line_data_api_url: line.to_owned(),
        channel_id: DEMO_CHANNEL_ID.into(),
        channel_secret: DEMO_CHANNEL_SECRET.into(),
        login_channel_id: DEMO_LOGIN_CHANNEL_ID.into(),
        login_channel_secret: DEMO_LOGIN_CHANNEL_SECRET.into(),
        liff_id: DEMO_LIFF_ID.into(),
        liff_url: format!("{line}/liff"),
        liff_sdk_url: format!("{line}/liff/edge/2/sdk.js"),
        map: services::Map::default(),
        sandbox_url: None,
        menu_font: None,
        smtp_relay_url: None,
        clamd_address: None,
        postcode_file: None,
    };
    Platform::new(store, settings, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap()
}

impl City {
    /// The usual menu with two tabs, the emergency's with its variant for half of the people, and
    /// one that everybody carries on ordinary days.
    async fn menus(&self, ctx: &Context) -> [MenuId; 4] {
        let department = store::staff::department(ctx, "広報課").await.unwrap();
        let mut ids = Vec::new();
        for (name, sheets) in [("ふだん", 2), ("地震", 1), ("やさしい", 1), ("別", 1)] {
            let mut menu = Menu::new(name, department);
            menu.sheets.clear();
            for n in 1..=sheets {
                let size = Size { width: 1_000, height: 400 };
                let mut sheet = Sheet::new(SheetKey(n), format!("{n}枚目"), size);
                for (i, area) in sheet.areas.iter_mut().enumerate() {
                    let label = format!("項目{i}");
                    let act = match i {
                        0 if sheets > 1 => Act::Tab(SheetKey(n % sheets + 1)),
                        _ => Act::Say(label.clone()),
                    };
                    *area = Area { act, label, ..Area::new(area.key) };
                }
                menu.sheets.push(sheet);
            }
            let id = store::menu::create(ctx, &menu).await.unwrap();
            store::menu::publish(ctx, id, 1).await.unwrap();
            ids.push(id);
        }
        let [base, quake, easy, other] = ids[..] else { unreachable!("four menus were made") };
        // Everybody, but not by the default: all carry a menu of their own.
        let none = Audience::Not(Box::new(Audience::Everyone));
        let variant = Variant {
            name: "別".into(),
            audience: Audience::Not(Box::new(none)),
            menu: other,
            period: Period::default(),
        };
        let longer = Span { from: None, to: Some(Day::Days(-2)) };
        let half = Variant {
            name: "やさしい".into(),
            audience: Audience::Since { what: Since::Friend, span: longer },
            menu: easy,
            period: Period::default(),
        };
        let prepared =
            Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![half] };
        let program =
            Program { variants: vec![variant], emergencies: vec![prepared], ..Program::new(base) };
        let seen = services::menu::program(ctx).await.unwrap().version;
        let seen = services::menu::save_program(ctx, seen, &program).await.unwrap();
        services::menu::publish_program(ctx, seen).await.unwrap();
        [base, quake, easy, other]
    }

    async fn settled(&self, ctx: &Context) {
        loop {
            let idle = services::menu::publishing(ctx).await.unwrap().doing == Doing::Idle;
            let heard = store::menu::heard(ctx).await.unwrap().is_empty();
            if idle && heard {
                let left = services::menu::forecast(&self.platform, ctx).await;
                if left.is_ok_and(|f| f.cost.calls == 0) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Which sheets the menus at LINE are, by LINE's ids.
    async fn keys(&self, ctx: &Context) -> BTreeMap<String, Key> {
        let install = store::menu::install(ctx).await.unwrap();
        let menus = self.platform.line.rich_menus().await.unwrap().value;
        menus
            .into_iter()
            .filter_map(|m| Some((m.id, parse_name(&install, &m.menu.name)?.0)))
            .collect()
    }

    /// Seconds until the last call was accepted: so many carry that menu as their own, and nobody
    /// another one.
    async fn switch(
        &self,
        ctx: &Context,
        disaster: Option<Disaster>,
        menu: MenuId,
        carry: u64,
    ) -> f64 {
        // What an emergency shows lies at LINE already.
        let keys = self.keys(ctx).await;
        let is_it = |id: &String| keys.get(id).is_some_and(|key| key.menu == menu);
        let begun = Instant::now();
        match disaster {
            Some(disaster) => {
                services::menu::declare(&self.platform, ctx, disaster, Mode::Real).await.map(drop)
            }
            None => services::menu::back(&self.platform, ctx, Mode::Real).await.map(drop),
        }
        .unwrap();
        loop {
            let publishing = services::menu::publishing(ctx).await.unwrap();
            let lines = store::menu::lines(ctx).await.unwrap();
            let (it, others): (Vec<_>, Vec<_>) = lines.menus.iter().partition(|(id, _)| is_it(id));
            let people =
                |of: &[(&String, &At)]| of.iter().map(|(_, at)| at.residents.len()).sum::<u64>();
            let done = lines.unsure.is_empty() && people(&it) == carry && people(&others) == 0;
            if done && publishing.doing != Doing::Failed {
                return begun.elapsed().as_secs_f64();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Who does not see the first sheet of the menu that their half is to see. LINE applies what it
    /// accepted a moment later: until nobody is left, or a minute is over.
    async fn wrong(&self, ctx: &Context, halves: [MenuId; 2]) -> Wrong {
        self.settled(ctx).await;
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let wrong = self.wrong_now(ctx, halves).await;
            if (wrong.of_all == 0 && wrong.of_sample == 0) || Instant::now() > limit {
                return wrong;
            }
        }
    }

    async fn wrong_now(&self, ctx: &Context, [of_longer, of_new]: [MenuId; 2]) -> Wrong {
        let keys = self.keys(ctx).await;
        let default = self.platform.line.default_rich_menu().await.unwrap().value;

        let url = format!("{}/_sandbox/menus/links.csv", self.sandbox.url());
        let csv = reqwest::get(url).await.unwrap().text().await.unwrap();
        let longer = &self.users[..self.users.len() / 2];
        let longer: BTreeSet<String> = longer.iter().map(ToString::to_string).collect();
        let right = |line: &&str| {
            let (user, own) = line.split_once(',').unwrap();
            let menu = if longer.contains(user) { of_longer } else { of_new };
            let shown = if own.is_empty() { default.as_deref() } else { Some(own) };
            let wanted = Key { menu, sheet: SheetKey(1), mode: Mode::Real };
            shown.and_then(|id| keys.get(id)) == Some(&wanted)
        };
        let right = csv.lines().skip(1).filter(right).count();
        let of_all = self.users.len().abs_diff(right);

        let stride = (self.users.len() / SAMPLE).max(1);
        let mut of_sample = 0;
        for user in self.users.iter().step_by(stride) {
            let id: ResidentId =
                store::resident::find(ctx, user.as_bytes()).await.unwrap().unwrap();
            let should = services::menu::seen_by(&self.platform, ctx, id).await.unwrap().unwrap();
            let own = self.platform.line.rich_menu_of(*user).await.unwrap().value;
            let shown = own.or_else(|| default.clone()).and_then(|id| keys.get(&id).copied());
            of_sample += usize::from(shown != Some(should.key()));
        }
        Wrong { of_all, of_sample }
    }
}
