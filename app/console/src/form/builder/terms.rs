//! 「受付の条件」: what for, by whom, when, how many, how long it is kept.

use super::gate::GatePanel;
use super::state::Builder;
use domain::form::edit::Target;
use domain::form::kept::Mailing;
use domain::form::{Results, Terms, normal, receipt};
use domain::time::{Date, Timestamp};
use leptos::prelude::*;
use ui::prelude::*;

/// `2026-11-20T09:00`, as a field for date and time writes it.
fn local(at: Option<Timestamp>) -> String {
    at.map(|at| {
        let c = at.tokyo();
        format!("{}T{:02}:{:02}", c.date.iso(), c.hour, c.minute)
    })
    .unwrap_or_default()
}

fn instant(typed: &str) -> Option<Timestamp> {
    let (day, time) = typed.split_once('T')?;
    let (hour, minute) = time.split_once(':')?;
    let date = Date::parse_iso(day)?;
    let at = Timestamp::from_tokyo(date, hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
    // What the reader of definitions takes.
    (1970..2096).contains(&date.year).then_some(at)
}

fn minutes(typed: &str) -> Option<u16> {
    let (hour, minute) = typed.split_once(':')?;
    let n = hour.parse::<u16>().ok()? * 60 + minute.get(..2)?.parse::<u16>().ok()?;
    (n <= 1440).then_some(n)
}

fn clock(n: u16) -> String {
    format!("{:02}:{:02}", n / 60, n % 60)
}

fn whole<T: TryFrom<i64>>(text: &str) -> Option<T> {
    normal::number(text)?.as_whole().and_then(|n| T::try_from(n).ok())
}

/// The terms.
#[component]
pub fn TermsPanel(b: Builder) -> impl IntoView {
    let of = move |get: fn(&Terms) -> String| b.read(move |f| get(&f.terms));
    let put = move |what: &'static str, set: fn(&mut Terms, &str)| {
        Callback::new(move |text: String| {
            b.write(&format!("terms/{what}"), |f| set(&mut f.terms, &text));
        })
    };
    let error = move |rest: &'static str| b.error_at(Target::Terms, rest);
    // A year is typed digit by digit: what is no time yet is not kept, and what was stays.
    let (no_opening, no_closing) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let put_time = move |what: &'static str,
                         wrong: RwSignal<Option<String>>,
                         set: fn(&mut Terms, Option<Timestamp>)| {
        Callback::new(move |text: String| {
            let at = instant(&text);
            if at.is_none() && !text.is_empty() {
                wrong.set(Some("1970年から2095年までの日時を入れてください".into()));
                return;
            }
            wrong.set(None);
            b.write(&format!("terms/{what}"), |f| set(&mut f.terms, at));
        })
    };
    let closing = error("/closes");
    let closing = Signal::derive(move || no_closing.get().or_else(|| closing.get()));
    let mails = RwSignal::new(b.form.with_untracked(|f| f.terms.mails.join("\n")));
    let mail_error = Signal::derive(move || {
        b.findings.with(|all| {
            let found = all.iter().find(|f| f.blocks && f.at.starts_with("/terms/mails"));
            found.map(|f| f.message.clone())
        })
    });
    let set_mails = move |text: String| {
        b.write("terms/mails", |f| {
            let lines = text.split(['\n', ',', '、', ' ', '　']).map(str::trim);
            f.terms.mails = lines.filter(|l| !l.is_empty()).take(20).map(str::to_owned).collect();
        });
        mails.set(text);
    };
    let daily = b.read(|f| f.terms.daily);
    let by_hours = Memo::new(move |_| daily.with(Option::is_some));
    let set_daily = move |first: bool, typed: String| {
        if let Some(n) = minutes(&typed) {
            b.write("terms/daily", |f| {
                let (from, to) = f.terms.daily.unwrap_or((9 * 60, 17 * 60));
                let new = if first { (n, to) } else { (from, n) };
                if new.0 < 1440 && new.0 != new.1 {
                    f.terms.daily = Some(new);
                }
            });
        }
    };
    let example = Signal::derive(move || {
        let pattern = b.form.with(|f| f.terms.receipt.clone());
        match receipt(&pattern, b.today, 12) {
            Ok(words) => format!("12番目の受付番号は「{words}」になります。"),
            Err(_) => String::new(),
        }
    });
    let public = b.read(|f| f.terms.results == Results::Public);
    let withdraw = b.read(|f| f.terms.withdraw);
    let outside = Signal::derive(move || b.settings.with(|s| s.outside));
    let received = Signal::derive(move || b.settings.with(|s| s.notices.received.clone()));
    let mailing = Signal::derive(move || b.settings.with(|s| s.mailing.name().to_owned()));
    let mailings: Vec<(String, String)> =
        Mailing::ALL.iter().map(|m| (m.name().to_owned(), m.label().to_owned())).collect();
    view! {
        <section class="panel edit-panel" aria-labelledby="edited">
            <div class="panel-head"><h2 id="edited" tabindex="-1">"受付の条件"</h2></div>
            <div class="fields">
                <TextArea id="b-purpose" name="b-purpose" label="利用目的" hint="答えを何に使うか。住民にも示します" rows=3 value=of(|t| t.purpose.clone()) error=error("/purpose") on_input=put("purpose", |t, v| v.clone_into(&mut t.purpose)) />
                <TextField
                    id="b-retention_days"
                    name="b-retention_days"
                    label="保存する期間"
                    hint="終わった日（状態がないフォームでは届いた日）から数えて、自動で消します"
                    class="field-short"
                    inputmode="numeric"
                    autocomplete="off"
                    suffix="日"
                    value=of(|t| t.retention_days.map(|d| d.to_string()).unwrap_or_default())
                    error=error("/retention_days")
                    on_input=put("retention", |t, v| {
                        if v.trim().is_empty() {
                            t.retention_days = None;
                        } else if let Some(n) = whole::<u32>(v).filter(|n| (1..=36_500).contains(n)) {
                            t.retention_days = Some(n);
                        }
                    })
                />
                <h3>"担当"</h3>
                <div class="edit-row">
                    <TextField id="b-department" name="b-department" label="担当の所属" class="field-mid" maxlength=100 autocomplete="off" value=of(|t| t.department.clone()) error=error("/department") on_input=put("department", |t, v| v.clone_into(&mut t.department)) />
                    <TextField id="b-telephone" name="b-telephone" label="電話番号" class="field-mid" maxlength=40 inputmode="tel" autocomplete="off" value=of(|t| t.telephone.clone()) on_input=put("telephone", |t, v| v.clone_into(&mut t.telephone)) />
                    <TextField id="b-hours" name="b-hours" label="電話に出られる時間" class="field-mid" maxlength=100 autocomplete="off" value=of(|t| t.hours.clone()) on_input=put("hours", |t, v| v.clone_into(&mut t.hours)) />
                </div>
                <TextArea id="b-mails" name="b-mails" label="答えが届いたときのメールの送り先" hint="1行に1つ。メールには、答えの中身は書きません" rows=3 value=mails error=mail_error on_input=set_mails />
                {(!b.mails)
                    .then(|| view! { <p class="warn">"メールの中継サーバーがまだ決まっていないため、いまはメールを送れません。届いた答えは「回答」に出ます。"</p> })}
                {move || {
                    (!mails.with(|m| m.trim().is_empty()))
                        .then(|| view! { <Select id="b-mailing" name="b-mailing" label="メールを送るとき" options=mailings.clone() value=mailing on_change=move |v: String| b.set(|s| s.mailing = Mailing::parse(&v).unwrap_or_default()) /> })
                }}
                <h3>"受け付けるとき"</h3>
                <div class="edit-row">
                    <TextField id="b-opens" name="b-opens" label="始まり（空なら公開したとき）" kind="datetime-local" class="field-mid" value=of(|t| local(t.opens)) error=no_opening on_input=put_time("opens", no_opening, |t, at| t.opens = at) />
                    <TextField id="b-closes" name="b-closes" label="終わり（空なら決めない）" kind="datetime-local" class="field-mid" value=of(|t| local(t.closes)) error=closing on_input=put_time("closes", no_closing, |t, at| t.closes = at) />
                </div>
                <Checkbox name="b-daily" checked=by_hours on_change=move |on: bool| b.write("", |f| f.terms.daily = on.then_some((9 * 60, 17 * 60)))>"1日のうち、決めた時間だけ受け付ける"</Checkbox>
                {move || {
                    by_hours
                        .get()
                        .then(|| {
                            view! {
                                <div class="edit-row">
                                    <TextField id="b-daily-from" name="b-daily-from" label="毎日 何時から" kind="time" class="field-short" value=Signal::derive(move || daily.get().map(|d| clock(d.0)).unwrap_or_default()) on_input=move |v| set_daily(true, v) />
                                    <TextField id="b-daily-to" name="b-daily-to" label="何時まで" kind="time" class="field-short" value=Signal::derive(move || daily.get().map(|d| clock(d.1)).unwrap_or_default()) on_input=move |v| set_daily(false, v) />
                                </div>
                            }
                        })
                }}
                <div class="edit-row">
                    <TextField id="b-limit" name="b-limit" label="全部で" class="field-short" inputmode="numeric" autocomplete="off" suffix="件まで" value=of(|t| t.limit.map(|n| n.to_string()).unwrap_or_default()) error=error("/limit") on_input=put("limit", |t, v| t.limit = whole(v)) />
                    <TextField id="b-limit_each" name="b-limit_each" label="1人" class="field-short" inputmode="numeric" autocomplete="off" suffix="件まで" value=of(|t| t.limit_each.map(|n| n.to_string()).unwrap_or_default()) on_input=put("limit_each", |t, v| t.limit_each = whole(v)) />
                </div>
                <GatePanel b />
                <Checkbox name="b-outside" checked=outside on_change=move |on| b.set(|s| s.outside = on)>"LINEの外でも答えられるようにする（だれが答えたかは分かりません）"</Checkbox>
                <h3>"受け付けたあと"</h3>
                <TextField id="b-receipt" name="b-receipt" label="受付番号の形" hint="{番号:4} は4けたの番号、{和暦} は R8、{年} は 2026、{年度} は年度になります" class="field-mid" maxlength=40 autocomplete="off" value=of(|t| t.receipt.clone()) error=error("/receipt") on_input=put("receipt", |t, v| v.clone_into(&mut t.receipt)) />
                <p class="sub dense" role="status">{move || example.get()}</p>
                <TextArea
                    id="b-notices-received"
                    name="b-notices-received"
                    label="受け付けたとき、トークで伝えること（空なら、いつもの文）"
                    hint="「{受付番号}」と書いたところに番号が入ります。個人情報は書かないでください"
                    rows=3
                    value=received
                    error=error("/notices/received")
                    on_input=move |text: String| b.write_settings("terms/notices", |s| s.notices.received = text)
                />
                <div class="edit-row">
                    <TextField id="b-correct_days" name="b-correct_days" label="申請者が答えを直せる期間（0なら直せない）" class="field-short" inputmode="numeric" autocomplete="off" suffix="日" value=of(|t| t.correct_days.to_string()) on_input=put("correct_days", |t, v| if let Some(n) = whole(v) { t.correct_days = n }) />
                </div>
                <Checkbox name="b-withdraw" checked=withdraw on_change=move |on| b.write("", |f| f.terms.withdraw = on)>"決まる前なら、申請者が取り下げられる"</Checkbox>
                {move || {
                    public
                        .get()
                        .then(|| {
                            view! {
                                <div id="b-results" tabindex="-1">
                                    <Banner
                                        tone=Tone::Err
                                        title="答えの集計を、だれでも見られる設定です"
                                        act=move || view! { <Button kind=Kind::Act on_click=move |_| b.write("", |f| f.terms.results = Results::Staff)>"職員だけにする"</Button> }
                                    >
                                        "ほかの道具から取りこんだフォームに残っていました。このままでは公開できません。"
                                    </Banner>
                                </div>
                            }
                        })
                }}
            </div>
        </section>
    }
}
