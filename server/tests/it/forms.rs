//! Forms from outside: other systems read what was asked and the files that were sent (FORM-12).

use crate::city::{Ask, City};
use crate::support::both;
use domain::form::kept::Settings;
use domain::form::{Ask as Kind, Opt, Question};
use domain::id::FormId;
use serde_json::{Value, json};
use services::answer::Holder;

impl City {
    /// What the token gets: status, and JSON if it is some.
    async fn read(&self, path: &str) -> (u16, Value) {
        let answer = self.ask(&self.token, Ask::get(format!("/api/v1/forms/{path}"))).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }
}

#[test]
fn other_systems_read_by_which_keys_it_was_answered() {
    both(async |t| {
        let city = City::new(&t).await;
        let form = city.form;
        let (status, first) = city.read(&form.to_string()).await;
        assert_eq!((status, &first["version"]), (200, &json!(1)), "{first}");
        let asked = first["pages"][0]["questions"].as_array().unwrap();
        let kinds: Vec<_> = asked.iter().map(|q| (&q["key"], &q["kind"])).collect();
        let wanted =
            [["words", "text"], ["photo", "photo"], ["paper", "file"], ["agree", "consent"]]
                .map(|pair| pair.map(|word| json!(word)));
        assert_eq!(kinds, wanted.each_ref().map(|[key, kind]| (key, kind)));
        assert_eq!(asked[0]["label"], "ひとこと");
        assert_eq!((&asked[0]["personal"], &asked[1]["personal"]), (&json!(false), &json!(true)));
        assert_eq!(first["staff"][0]["key"], "memo");
        assert_eq!(first["statuses"][1], json!({"key": "end", "label": "状態end", "done": true}));

        // Every kind of choice says what can be chosen; who gets mails is said to nobody.
        let opt = |key: &str| Opt { key: key.into(), label: key.into(), ..Opt::default() };
        let one = Kind::One { options: vec![opt("a"), opt("b")] };
        let columns = vec![opt("good"), opt("bad")];
        let matrix = Kind::Matrix { rows: vec![opt("road")], columns, many: false };
        let inner = vec![Question::new("use", "使う", one)];
        let group = Kind::Group { item: "人".into(), min: 0, max: 2, questions: inner };
        let mut next = services::form::get(&t.ctx, form).await.unwrap().definition;
        next.terms.mails = vec!["koen@mihon.example".into()];
        next.pages[0].questions = vec![
            Question::new("each", "それぞれ", matrix),
            Question::new("people", "みなさん", group),
        ];
        let saved =
            services::form::save(&t.ctx, form, 1, "公園", &next, &Settings::default()).await;
        services::form::publish(&t.ctx, form, saved.unwrap()).await.unwrap();
        let (_, second) = city.read(&form.to_string()).await;
        assert_eq!(second["version"], 2);
        let [each, people] = second["pages"][0]["questions"].as_array().unwrap().as_slice() else {
            panic!("{second}")
        };
        assert_eq!(each["rows"], json!([{"key": "road", "label": "road"}]));
        assert_eq!(each["columns"][1]["key"], "bad");
        assert_eq!(people["questions"][0]["options"][0]["label"], "a");
        assert!(!second.to_string().contains("koen@"), "{second}");
        // Answers of another day name the version under which they were given.
        let (_, former) = city.read(&format!("{form}?version=1")).await;
        assert_eq!((&former["version"], &former["pages"]), (&json!(1), &first["pages"]));
        for (path, status) in [
            (format!("{form}?version=9"), 404),
            (format!("{form}?version=x"), 422),
            (city.blank.to_string(), 404),
            ("4711".into(), 404),
            ("x".into(), 404),
        ] {
            assert_eq!(city.read(&path).await.0, status, "{path}");
        }
    });
}

#[test]
fn other_systems_fetch_the_files_of_answers() {
    both(async |t| {
        let city = City::new(&t).await;
        let (_, page) = city.read(&format!("{}/answers", city.form)).await;
        let sent = &page["items"][0];
        let answer = sent["id"].as_str().unwrap();
        assert_eq!(sent["answers"]["photo"]["value"], json!([city.photo]), "{sent}");
        let at = |form: FormId, answer: &str, file: &str| {
            format!("{form}/answers/{answer}/files/{file}")
        };
        let path = at(city.form, answer, &city.photo);
        let file = city.ask(&city.token, Ask::get(format!("/api/v1/forms/{path}"))).await;
        assert!(file.status == 200 && file.has("JFIF"), "{}", file.status);
        let told = "SELECT COUNT(*) AS n FROM ledger WHERE act = 'answer.export' AND object LIKE 'answer:%'";
        assert_eq!(t.number(told).await, 1);
        // Neither by another form or answer, nor an upload that nobody has sent.
        for path in [
            at(city.blank, answer, &city.photo),
            at(city.form, "4711", &city.photo),
            at(city.form, answer, &city.paper),
            at(city.form, answer, "x"),
        ] {
            assert_eq!(city.read(&path).await.0, 404, "{path}");
        }
        // What was taken back is not handed out any more.
        let owner = t.acting(domain::permission::Actor::Resident(city.resident));
        let holder = Holder::of(&owner, None).unwrap();
        services::answer::withdraw(&owner, &holder, city.answer).await.unwrap();
        assert_eq!(city.read(&path).await.0, 404);
        assert_eq!(t.number(told).await, 1);
    });
}

#[test]
fn a_poster_is_a_file_with_the_name_of_its_form() {
    both(async |t| {
        let city = City::new(&t).await;
        let form = city.form;
        let path = format!("/console/forms/{form}/poster.pdf");
        let poster = city.ask(&city.own, Ask::get(path)).await;
        assert_eq!(
            (poster.status.as_u16(), poster.header("content-type")),
            (200, "application/pdf")
        );
        let name: String = "公園の申請".bytes().map(|b| format!("%{b:02X}")).collect();
        let named = poster.header("content-disposition");
        assert!(
            named.starts_with(&format!("attachment; filename=\"poster-{form}.pdf\";")),
            "{named}"
        );
        assert!(named.ends_with(&format!("_{name}.pdf")) && named.contains("UTF-8''"), "{named}");
        assert!(poster.body.starts_with(b"%PDF-"));
    });
}

#[test]
fn answers_are_sifted_by_the_states_in_force() {
    both(async |t| {
        let city = City::new(&t).await;
        let form = city.form;
        let mut next = services::form::get(&t.ctx, form).await.unwrap().definition;
        next.statuses[1].label = "まだ公開していない状態".into();
        let settings = Settings::default();
        services::form::save(&t.ctx, form, 1, "公園", &next, &settings).await.unwrap();
        for path in
            [format!("/console/answers?form={form}"), format!("/console/forms/{form}/answers")]
        {
            let page = city.ask(&city.own, Ask::get(path.clone())).await;
            assert!(page.status == 200 && page.has("状態end"), "{path}");
            assert!(!page.has("まだ公開していない状態"), "{path}");
        }
    });
}
