//! A draft of the program is tried by testers alone, and leaves nothing behind.

use crate::line::{Line, platform_by, until};
use crate::menus::{label, program, published, real, resident, settled, variant, with_children};
use crate::support::{Test, both};
use domain::id::MenuId;
use domain::menu::program::{Prepared, Rule, Then, Trigger};
use domain::menu::render::Key;
use domain::menu::{Disaster, Mode, Program, When, Whose};
use domain::time::HOUR;
use line::UserId;
use services::menu::{
    back, declare, end_program_trial, foreseen_program_trial, preview, publish_program,
    save_program, try_program,
};

/// Waits until a phone shows it.
async fn shows(line: &Line, user: UserId, key: Key) {
    until("the phone shows it", async || {
        line.shows(user).await.is_some_and(|(shown, _)| shown == label(key))
    })
    .await;
}

async fn says(line: &Line, user: UserId, text: &str) {
    let (ctx, id) = (line.platform.system(), resident(line, user).await);
    services::menu::said(&line.platform, &ctx, id, text).await.unwrap();
}

fn rule(key: u16, word: &str, menu: MenuId) -> Rule {
    let when = Trigger::Said(word.into());
    Rule { key, name: word.into(), when, then: Then::Show(menu), hours: None }
}

/// What is in force, and what is to be tried.
struct City {
    base: MenuId,
    child: MenuId,
    staff: MenuId,
    easy: MenuId,
    quake: MenuId,
    /// The version of the draft.
    seen: i64,
}

/// Whoever says 「職員」 has a menu of its own. The draft knows nothing of that: it has one for
/// those with children, and one for whoever says 「やさしい」.
async fn city(t: &Test) -> City {
    let base = published(t, "ふだん", 1).await;
    let [child, staff] = [published(t, "子育て", 1).await, published(t, "職員", 1).await];
    let [easy, quake] = [published(t, "やさしい", 1).await, published(t, "地震", 1).await];
    let prepared = Prepared { disaster: Disaster::Earthquake, menu: quake, variants: vec![] };
    let in_force = Program {
        rules: vec![rule(1, "職員", staff)],
        emergencies: vec![prepared],
        ..Program::new(base)
    };
    program(t, &in_force).await;
    let draft = Program {
        variants: vec![variant(child)],
        rules: vec![rule(2, "やさしい", easy)],
        ..Program::new(base)
    };
    let seen = services::menu::program(&t.ctx).await.unwrap().version;
    let seen = save_program(&t.ctx, seen, &draft).await.unwrap();
    City { base, child, staff, easy, quake, seen }
}

#[test]
fn testers_alone_have_the_draft_and_get_back_what_they_had() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        let ctx = line.platform.system();
        let users = line.friends(3).await;
        // Two have children; one of them tries things out.
        with_children(&t, &line, &users[..2]).await;
        let (tester, other) = (users[0], users[1]);
        let id = resident(&line, tester).await;
        store::resident::set_tester(&t.ctx, id, Some("広報課")).await.unwrap();
        let City { base, child, staff, easy, quake, seen } = city(&t).await;
        line.menus("a");
        settled(&line).await;
        says(&line, tester, "職員").await;
        shows(&line, tester, real(staff, 1)).await;

        let cost = foreseen_program_trial(&line.platform, &ctx).await.unwrap();
        assert_eq!((cost.friends, cost.affected, cost.cost.creates), (3, 1, 2));
        try_program(&ctx, seen, 24).await.unwrap();
        shows(&line, tester, real(child, 1)).await;
        settled(&line).await;
        line.all_as_they_should(&users).await;
        assert_eq!(line.shows(other).await.unwrap().0, label(real(base, 1)));
        let previewed = async |when: When| {
            let seen = preview(&line.platform, &ctx, None, &Whose::Resident(id), when).await;
            let shown = seen.unwrap().unwrap().shown;
            (shown.menu, shown.reason.words())
        };
        let words = "試験者がためしている下書きで、出し分け「子育て」に当てはまるため";
        assert_eq!(previewed(When::Now).await, (child, words.to_owned()));
        assert_eq!(previewed(When::Calm).await.0, staff, "by what is published");
        for user in [tester, other] {
            says(&line, user, "やさしい").await;
        }
        shows(&line, tester, real(easy, 1)).await;
        settled(&line).await;
        assert_eq!(line.shows(other).await.unwrap().0, label(real(base, 1)));

        // What is meant comes to testers, too.
        declare(&line.platform, &ctx, Disaster::Earthquake, Mode::Real).await.unwrap();
        shows(&line, tester, real(quake, 1)).await;
        back(&line.platform, &ctx, Mode::Real).await.unwrap();
        shows(&line, tester, real(easy, 1)).await;
        settled(&line).await;

        end_program_trial(&ctx).await.unwrap();
        shows(&line, tester, real(staff, 1)).await;
        settled(&line).await;
        let at_line = line.at_line().await;
        assert!(!at_line.contains_key(&label(real(child, 1))), "nothing is left at LINE");
        line.all_as_they_should(&users).await;
        line.end().await;
    });
}

#[test]
fn a_trial_ends_with_its_time_and_with_the_publication() {
    both(async |t| {
        let mut line = Line::start(&t).await;
        line.platform = platform_by(&t, &line.sandbox.url(), None);
        let users = line.friends(2).await;
        with_children(&t, &line, &users).await;
        let id = resident(&line, users[0]).await;
        store::resident::set_tester(&t.ctx, id, Some("広報課")).await.unwrap();
        let City { base, child, seen, .. } = city(&t).await;
        line.menus("a");
        settled(&line).await;
        let trial = async || services::menu::program(&t.ctx).await.unwrap().trial;

        try_program(&t.ctx, seen, 1).await.unwrap();
        assert_eq!(trial().await.map(|on| on.until), Some(t.ctx.now().plus(HOUR)));
        shows(&line, users[0], real(child, 1)).await;
        t.later(HOUR);
        shows(&line, users[0], real(base, 1)).await;
        assert_eq!(trial().await, None);
        let ended = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'menu.program_try_end' AND actor = 'system'";
        assert_eq!(t.number(ended).await, 1);

        try_program(&t.ctx, seen, 1).await.unwrap();
        shows(&line, users[0], real(child, 1)).await;
        assert_eq!(line.shows(users[1]).await.unwrap().0, label(real(base, 1)));
        publish_program(&t.ctx, seen).await.unwrap();
        assert_eq!(trial().await, None);
        for user in users {
            shows(&line, user, real(child, 1)).await;
        }
        line.end().await;
    });
}
