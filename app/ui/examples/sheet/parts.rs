//! Every component once, and the states.

use leptos::prelude::*;
use ui::icon::ALL;
use ui::prelude::*;

pub fn stamp(department: &str, name: &str) -> StampData {
    StampData { department: department.into(), date: "8.11.20".into(), name: name.into() }
}

pub fn pairs(items: &[(&str, u64)]) -> Vec<(String, u64)> {
    items.iter().map(|(words, n)| ((*words).to_owned(), *n)).collect()
}

pub fn components() -> AnyView {
    let line: Vec<Point> = [320., 332., 340., 338., 352., 371., 380.]
        .into_iter()
        .enumerate()
        .map(|(i, value)| Point {
            label: if i == 0 {
                "14日".into()
            } else if i == 6 {
                "20日".into()
            } else {
                String::new()
            },
            value,
        })
        .collect();
    view! {
        <main class="page">
            <div class="split">
                <h1>"部品"</h1>
                <span class="cluster"><Mark size=28 /> <strong>"Kairan 回覧"</strong></span>
            </div>
            <div class="cols-3">
                <div class="stack-s">
                    <h2>"ボタン"</h2>
                    <div class="cluster">
                        <Button kind=Kind::Filled size=Size::Large>"配信する"</Button>
                        <Button kind=Kind::Filled>"保存する"</Button>
                        <Button kind=Kind::Act>"試験者に送る"</Button>
                        <Button>"閉じる"</Button>
                        <Button kind=Kind::Plain>"取り消す"</Button>
                        <Button kind=Kind::Danger icon=IconName::Stop>"止める"</Button>
                        <Button kind=Kind::DangerFilled>"配信を取り消す"</Button>
                        <Button kind=Kind::Act size=Size::Small icon=IconName::Plus>"小"</Button>
                        <LinkButton href="/x.csv" size=Size::Small icon=IconName::Download download=true>"CSV"</LinkButton>
                        <IconButton icon=IconName::More label="この行の操作" />
                        <Button kind=Kind::Line icon=IconName::Bubble>"友だち追加"</Button>
                        <Button busy=true>"印刷する（完了してから）"</Button>
                    </div>
                    <h2>"印と状態"</h2>
                    <div class="cluster">{Purpose::ALL.iter().map(|p| view! { <PurposeTag purpose=*p /> }).collect_view()}</div>
                    <div class="cluster">
                        {[Status::Draft, Status::AwaitingApproval, Status::Scheduled, Status::Sending, Status::Done, Status::PartlyFailed, Status::Held, Status::Cancelled]
                            .map(|status| view! { <StatusMark status /> })
                            .collect_view()}
                    </div>
                    <div class="cluster">
                        <FilterChip label="期間" options=vec![FilterOption { label: "11月".into(), href: "/".into(), selected: true }] clear=Some("/".to_owned()) />
                        <FilterChip label="目的" options=Vec::new() clear=None />
                    </div>
                    <h2>"決裁欄"</h2>
                    <Approval cells=vec![
                        ApprovalCell { role: "起案".into(), stamp: Some(stamp("防災", "田中")), yours: false },
                        ApprovalCell { role: "係長".into(), stamp: Some(stamp("防災", "小川")), yours: false },
                        ApprovalCell { role: "承認".into(), stamp: None, yours: true },
                    ] />
                </div>
                <div class="fields">
                    <TextField name="title" label="件名" required=true hint="市民には見えません" value="年末の窓口のご案内" />
                    <TextField name="age" label="人数" kind="text" inputmode="numeric" class="field-short" suffix="人" value="15" />
                    <TextField name="sender" label="送り主" readonly=true value="みほん市（変更できません）" />
                    <TextArea name="text" label="説明" counter="128 / 5,000字" value="一行目\n二行目 <b>" error=Signal::stored(Some("空になっています。「施設の予約」のように入れてください。".to_owned())) />
                    <Select name="kind" label="答え方" options=vec![("a".to_owned(), "ひとつ選ぶ".to_owned()), ("b".to_owned(), "いくつでも".to_owned())] value="b" />
                    <Password name="password" label="パスワード" />
                    <Fieldset id="night" legend="夜間" class="fieldset-row">
                        <Checkbox name="quiet" checked=true>"夜間は送らない"</Checkbox>
                        <Checkbox name="read">"既読を数える"</Checkbox>
                        <Radio name="when" value="now" checked=true>"すぐに"</Radio>
                        <Radio name="when" value="later">"日時を決める"</Radio>
                    </Fieldset>
                </div>
                <div class="stack-s">
                    <h2>"棒"</h2>
                    <BarList items=pairs(&[("旭ヶ丘", 1220), ("東町一丁目", 864), ("東町二丁目", 701), ("そのほか", 483)]) unit="人" rest=true />
                    <h2>"内訳"</h2>
                    <Breakdown items=pairs(&[("受け取る", 62), ("緊急だけ", 21), ("お休み", 12), ("未登録", 5)]) />
                    <h2>"しぼり込まれ方"</h2>
                    <Narrowing steps=pairs(&[("友だち全員", 84312), ("港地区", 13480), ("かつ 子育て・妊娠中", 5406), ("のぞいたあと", 4812)]) />
                    <ChartPanel id="friends" title="線" sentence="7日で 60人増えました。" table=|| view! { <DataTable head=vec!["日".into(), "人".into()] rows=vec![vec!["14日".into(), "320".into()]] /> }>
                        <LineChart points=line second=vec![310., 312., 318., 326., 329., 334., 338.] legend=("今週".to_owned(), "先週".to_owned()) width=360 />
                    </ChartPanel>
                    <SegmentedRadio label="時" name="seg" value="a" options=vec![("a".to_owned(), "すべてに（かつ）".to_owned()), ("b".to_owned(), "どれかに（または）".to_owned())] />
                    <Tabs label="配信" items=vec![("/a".into(), "内容".into(), true), ("/b".into(), "反応".into(), false)] />
                </div>
            </div>
            <h2>"絵"</h2>
            <div class="cluster">{ALL.iter().map(|(name, icon)| view! { <span title=*name><Icon name=*icon size=28 /></span> }).collect_view()}</div>
        </main>
    }
    .into_any()
}

pub fn states() -> AnyView {
    view! {
        <main class="page">
            <h1>"状態のつくり"</h1>
            <div class="cols-3">
                <div class="panel">
                    <EmptyState title="まだフォームはありません" text="申請やアンケートを、LINEで受け付けられます。ほかの市が作ったひな形からも始められます。" acts=|| view! { <LinkButton href="/" kind=Kind::Filled icon=IconName::Plus>"フォームを作る"</LinkButton> } />
                </div>
                <div class="panel">
                    <NoMatch title="当てはまる配信はありません" text="10月に「緊急」で届けたものは、ありませんでした。" removals=vec![("/".into(), "10月".into(), Some(3)), ("/".into(), "緊急".into(), Some(36))] clear_href="/" />
                </div>
                <div class="panel"><Skeleton sentence="配信の一覧を読みこんでいます" /></div>
                <div class="panel">
                    <ErrorPage error=AppError::Unavailable { reference: "E-20261120-7F3A".into() } retry_href="/" contact="情報政策課（内線 2345）" />
                </div>
                <div class="panel">
                    <ErrorSummary errors=vec![SummaryItem { id: "date".into(), text: "届ける日時：きのうの日付です".into() }, SummaryItem { id: "words".into(), text: "読み上げることば：空です".into() }] />
                    <TextField name="words" label="読み上げることば" required=true error=Signal::stored(Some("空になっています。「施設の予約」のように入れてください。".to_owned())) />
                </div>
                <div class="stack-s">
                    <JobProgress title="回答をExcelに書き出しています" done=7480 total=12064 unit="件" rest="あと およそ 20秒" note="この画面を離れても続きます。終わると通知します。" />
                    <Banner tone=Tone::Warn title="防災メール1通を、配信せずに下書きで止めています" act=|| view! { <LinkButton href="/" kind=Kind::Act size=Size::Small>"中身を確認する"</LinkButton> }>"どの受信規則にも当てはまりませんでした。"</Banner>
                    <PurposeBar purpose=Purpose::Drill text="津波避難訓練の最中です" />
                    <PurposeBar purpose=Purpose::Emergency text="災害対策本部 設置中" />
                    <dialog class="dialog" open=true>
                        <div class="dialog-head"><h2>"友だち全員に、いま届けます"</h2></div>
                        <div class="dialog-body">"84,312人に送ります。届いたものは消せません。"</div>
                        <div class="dialog-acts"><Button>"やめる"</Button><Button kind=Kind::Filled>"84,312人に届ける"</Button></div>
                    </dialog>
                </div>
            </div>
            <div class="toasts">
                <div class="toast toast-ok"><Icon name=IconName::Check /><p class="grow">"下書きを保存しました"</p><button class="btn btn-plain">"元にもどす"</button></div>
                <div class="toast toast-err"><Icon name=IconName::Warning /><p class="grow">"保存できませんでした。内容は残っています"</p></div>
            </div>
        </main>
    }
    .into_any()
}
