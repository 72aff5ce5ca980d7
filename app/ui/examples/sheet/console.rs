//! Pages of the console, as in pictures 02 to 06.

use crate::parts::{pairs, stamp};
use leptos::prelude::*;
use serde_json::json;
use ui::mosaic::Calls;
use ui::prelude::*;

fn nav() -> Vec<NavGroup> {
    let item = |href: &str, label: &str, icon, counter| NavItem {
        href: format!("/console{href}"),
        label: label.into(),
        icon,
        counter,
    };
    vec![
        NavGroup { title: None, items: vec![item("", "ホーム", IconName::Home, None)] },
        NavGroup {
            title: Some("届ける".into()),
            items: vec![
                item("/deliveries", "配信", IconName::Send, Some(Counter::Waits(2))),
                item("/audiences", "配信対象", IconName::Target, None),
                item("/menus", "リッチメニュー", IconName::Menu, None),
            ],
        },
        NavGroup {
            title: Some("受ける".into()),
            items: vec![item("/reports", "通報", IconName::Report, Some(Counter::New(3)))],
        },
        NavGroup {
            title: Some("知る".into()),
            items: vec![
                item("/residents", "住民", IconName::People, None),
                item("/statistics", "統計", IconName::Chart, None),
                item("/settings", "設定", IconName::Gear, None),
            ],
        },
    ]
}

fn shell(path: &str, page: impl FnOnce() -> AnyView + Send + 'static) -> AnyView {
    view! {
        <ConsoleShell
            city="みほん市"
            nav=nav()
            path=path.to_owned()
            who=Who { name: "佐藤 美咲".into(), department: "広報広聴課".into() }
            help_href="/help"
            search_action="/console/search"
            emergency_href="/console/emergency"
            notices=ui::shell::Notices { list: None, total: 3 }
            account_links=vec![("/console/account".into(), "パスワードを変える".into())]
        >
            {page()}
        </ConsoleShell>
    }
    .into_any()
}

pub fn home() -> AnyView {
    let points: Vec<Point> = (0..31)
        .map(|i| Point {
            label: match i {
                0 => "10/21".into(),
                10 => "10/31".into(),
                20 => "11/10".into(),
                30 => "11/20".into(),
                _ => String::new(),
            },
            value: 82_300.0 + 55.0 * f64::from(i) + if i > 18 { 360.0 } else { 0.0 },
        })
        .collect();
    shell("/console", || {
        view! {
            <Page title="11月20日（金）" sentence="令和8年" acts=|| view! { <LinkButton href="/" kind=Kind::Act icon=IconName::Form>"フォームを作る"</LinkButton><LinkButton href="/" kind=Kind::Filled icon=IconName::Plus>"新しい配信"</LinkButton> }>
                <Banner tone=Tone::Warn title="防災メール1通を、配信せずに下書きで止めています" act=|| view! { <LinkButton href="/" kind=Kind::Act size=Size::Small>"中身を確認する"</LinkButton> }>"9:52に bousai@mail.mihon.example へ届いた「河川水位情報（試行）」は、どの受信規則にも当てはまりませんでした。"</Banner>
                <div class="cols-main-side">
                    <div class="stack">
                        <Panel title="今日の配信" note="5件・のべ 122,669人" acts=|| view! { <a href="/">"配信カレンダー"</a> }>
                            <ol class="day">
                                <li class="day-item done"><time>"7:00"</time><div class="day-words"><p class="title-line"><PurposeTag purpose=Purpose::Notice />"燃やすごみの日です（東・港地区）"</p><p class="sub">"ごみの日を受け取る人・東地区と港地区"</p></div><div class="day-end">"12,904"<StatusMark status=Status::Done /></div></li>
                                <li class="day-item done"><time>"10:00"</time><div class="day-words"><p class="title-line"><PurposeTag purpose=Purpose::Notice />"市立図書館 休館のお知らせ"</p><p class="sub">"図書館の情報を受け取る人"</p></div><div class="day-end">"8,127"<StatusMark status=Status::Sending word="送信中 64%" /></div></li>
                                <li class="day-now"><time>"10:24"</time>"いま"</li>
                                <li class="day-item"><time>"15:00"</time><div class="day-words"><p class="title-line"><PurposeTag purpose=Purpose::Drill />"津波避難訓練 参加のお願い"</p><p class="sub">"港地区に住む人"</p></div><div class="day-end">"13,480"<StatusMark status=Status::AwaitingApproval /></div></li>
                            </ol>
                        </Panel>
                        <ChartPanel id="friends" title="友だち" sentence="30日で 2,012人増え、84,312人になりました。" table=|| view! { <DataTable head=vec!["日".into(), "人".into()] rows=vec![vec!["11/20".into(), "84,312".into()]] /> }>
                            <LineChart points notes=vec![Note { at: 19, text: "市民まつりのQR".into() }] width=680 />
                        </ChartPanel>
                    </div>
                    <div class="stack">
                        <Panel title="承認を待つもの">
                            <div class="inset stack-s">
                                <span class="cluster"><PurposeTag purpose=Purpose::Drill /> <strong class="dense">"きょう 15:00"</strong></span>
                                <p><strong>"津波避難訓練 参加のお願い"</strong><br /><span class="sub dense">"防災危機管理課　港地区 13,480人"</span></p>
                                <div class="split">
                                    <Approval cells=vec![ApprovalCell { role: "起案".into(), stamp: Some(stamp("防災", "田中")), yours: false }, ApprovalCell { role: "承認".into(), stamp: None, yours: true }] />
                                    <LinkButton href="/" kind=Kind::Filled size=Size::Small>"内容を見る"</LinkButton>
                                </div>
                            </div>
                        </Panel>
                        <Panel title="新しい申請・通報" acts=|| view! { <a href="/">"案件を開く"</a> }>
                            <ul class="rows">
                                <li><Icon name=IconName::Document size=24 /><div class="grow"><strong>"罹災証明書の交付申請"</strong><strong class="warn">"資産税課・2日前から未対応"</strong></div><span><strong>"4"</strong><span class="unit dense">"件"</span></span></li>
                                <li><Icon name=IconName::Trash size=24 /><div class="grow"><strong>"粗大ごみの収集"</strong><span class="sub">"環境課・けさから"</span></div><span><strong>"8"</strong><span class="unit dense">"件"</span></span></li>
                            </ul>
                        </Panel>
                        <p class="cluster dense"><StatusMark status=Status::Done word="LINEとの接続は正常" /> <span class="sub">"10:23 確認"</span></p>
                    </div>
                </div>
            </Page>
        }
        .into_any()
    })
}

fn row(
    p: Purpose,
    status: Status,
    title: &'static str,
    meta: &'static str,
    audience: &'static str,
    time: (&'static str, &'static str),
    figures: (&'static str, &'static str),
) -> AnyView {
    view! {
        <tr class=p.band()>
            <td class="c-status"><StatusMark status /></td>
            <td class="c-title"><a class="title-link" href="/console/deliveries/1">{title}</a><p class="row-meta"><PurposeTag purpose=p />{meta}</p></td>
            <td class="c-audience"><span>{audience}</span><span class="sub">"8,127人"</span></td>
            <td class="c-time"><span>{time.0}</span>" "<span>{time.1}</span></td>
            <td class="num" data-label="受付">{figures.0}<span class="sub">{figures.1}</span></td>
            <td class="num" data-label="既読"><span class="share"><Bar value=612 max=1000 track=true />"61.2%"</span></td>
            <td class="acts"><RowMenu label=format!("「{title}」の操作")><a class="menu-item" href="/">"複製する"</a></RowMenu></td>
        </tr>
    }
    .into_any()
}

pub fn deliveries() -> AnyView {
    shell("/console/deliveries", || {
        view! {
            <Page title="配信" sentence="LINEで届ける、届けたメッセージの一覧です。" acts=|| view! { <LinkButton href="/" icon=IconName::Download download=true>"CSV"</LinkButton><LinkButton href="/" kind=Kind::Filled icon=IconName::Plus>"新しい配信"</LinkButton> }>
                <div class="filters">
                    <SearchBox action="/console/deliveries" label="件名・本文" />
                    <div class="chips">
                    <FilterChip label="期間" options=vec![FilterOption { label: "11月".into(), href: "/".into(), selected: true }] clear=Some("/".to_owned()) />
                    <FilterChip label="目的" options=vec![FilterOption { label: "すべて".into(), href: "/".into(), selected: true }] clear=None />
                    <FilterChip label="状態" options=Vec::new() clear=None />
                    </div>
                    <span class="end"><Segmented label="見せ方" items=vec![Segment { label: "一覧".into(), icon: Some(IconName::List), href: "/".into(), current: true }, Segment { label: "カレンダー".into(), icon: Some(IconName::Calendar), href: "/".into(), current: false }] /></span>
                </div>
                <table class="list">
                    <thead><tr><th scope="col">"状態"</th><th scope="col">"配信"</th><th scope="col">"配信対象"</th><SortHeader label="日時" href="/" sort=Sort::Descending /><th scope="col" class="num">"受付 / 対象"</th><SortHeader label="既読" href="/" numeric=true /><th scope="col"><span class="visually-hidden">"操作"</span></th></tr></thead>
                    <tbody>
                        <tr class="group"><th colspan="7" scope="rowgroup">"これから届くもの"<span class="sub">"4件"</span></th></tr>
                        {row(Purpose::Notice, Status::Sending, "市立図書館 休館のお知らせ", "図書館課・文章 1、画像 1", "図書館の情報を受け取る人", ("きょう", "10:00"), ("5,201", "/ 8,127"))}
                        {row(Purpose::Drill, Status::AwaitingApproval, "津波避難訓練 参加のお願い", "防災危機管理課・文章 2", "港地区に住む人", ("きょう", "15:00"), ("—", ""))}
                        {row(Purpose::Notice, Status::Scheduled, "年末の窓口と戸籍届出のご案内", "市民課・文章 1、カード 3", "友だち全員（未登録の人も）", ("きょう", "18:00"), ("—", ""))}
                        {row(Purpose::Notice, Status::Draft, "成人のつどい 実行委員の募集", "生涯学習課・佐藤が編集中", "18〜20歳で、市の催しを選んだ人", ("未定", ""), ("—", ""))}
                        <tr class="group"><th colspan="7" scope="rowgroup">"届けたもの"<span class="sub">"11月は 38件・のべ 612,480人"</span></th></tr>
                        {row(Purpose::Notice, Status::Done, "燃やすごみの日です（東・港地区）", "環境課・定期 毎週 火・金", "ごみの日を選んだ東・港地区の人", ("きょう", "7:00"), ("12,902", "/ 12,904"))}
                        {row(Purpose::Emergency, Status::PartlyFailed, "山手地区に避難指示（警戒レベル4）", "防災危機管理課・文章 1、画像 1", "山手地区の人・住所が未登録の人", ("11/17 火", "21:05"), ("4,377", "14 届かず"))}
                        {row(Purpose::Test, Status::Cancelled, "リッチメニュー差替えの試し送り", "広報広聴課・文章 1", "試験者", ("11/13 金", "16:20"), ("6", "/ 6"))}
                    </tbody>
                </table>
                <Pager total=42 first=1 last=10 place=(1, 5) previous=None next=Some("/?page=2".to_owned()) />
            </Page>
        }
        .into_any()
    })
}

pub fn composer() -> AnyView {
    let text = "【断水のお知らせ】\n水道管の取替え工事のため、次のとおり水が出なくなります。\n\n日時　11月28日（土）\n　　　9:00〜16:00\n区域　東町一〜三丁目、\n　　　旭ヶ丘の一部\n\nくわしい区域の地図\nhttps://mihon.example/d/28t";
    view! {
        <EditorBar
            back_href="/console/deliveries"
            back_label="配信"
            title=|| view! { <PageTitle title="東町・旭ヶ丘 断水のお知らせ" /><IconButton icon=IconName::Pencil label="件名を直す" /> }
            state=|| view! { <StatusMark status=Status::Draft /><span>"10:24 自動で保存しました"</span> }
            help_href="/help"
            emergency_href="/console/emergency"
            acts=|| view! { <Button icon=IconName::Copy>"ひな形にする"</Button><Button kind=Kind::Act icon=IconName::Smartphone>"試験者に送る"</Button> }
        />
        <main id="main" class="editor">
            <div class="editor-main">
                <div class="editor-cols">
                    <div>
                        <h2>"届ける内容 " <span class="sub dense">"5つまで"</span></h2>
                        <div class="part">
                            <div class="part-head"><Icon name=IconName::Grip /><strong>"1"</strong><Icon name=IconName::Text /><strong class="grow">"文章"</strong><IconButton icon=IconName::ChevronUp label="文章1を上へ" /><IconButton icon=IconName::ChevronDown label="文章1を下へ" /><IconButton icon=IconName::Trash label="文章1を消す" /></div>
                            <div class="part-body"><TextArea name="text" label="文章1" class="label-hidden" rows=11 value=text /></div>
                            <div class="part-foot"><Button kind=Kind::Plain size=Size::Small icon=IconName::Emoji>"絵文字"</Button><span class="end sub">"128 / 5,000字"</span></div>
                        </div>
                        <div class="part-add"><Button size=Size::Small icon=IconName::Text>"文章"</Button><Button size=Size::Small icon=IconName::Image>"画像"</Button></div>
                    </div>
                    <div>
                        <section>
                            <h2>"目的"</h2>
                            <div class="cards cards-row">
                                <RadioCard name="purpose" value="notice" checked=true note="ふだんの配信"><PurposeTag purpose=Purpose::Notice /></RadioCard>
                                <RadioCard name="purpose" value="drill" note="先頭に【訓練】"><PurposeTag purpose=Purpose::Drill /></RadioCard>
                                <RadioCard name="purpose" value="emergency" note="夜間も届く"><PurposeTag purpose=Purpose::Emergency /></RadioCard>
                            </div>
                        </section>
                        <section>
                            <h2>"届ける相手"</h2>
                            <div class="audience-box">
                                <p class="audience-sentence">"友だちのうち、" <span class="pick">"お住まい"<Icon name=IconName::ChevronDown size=16 /></span> "が" <span class="pick">"東町一・二・三丁目、旭ヶ丘"<Icon name=IconName::ChevronDown size=16 /></span> " で、 " <span class="joint-and">"かつ"</span> " （ " <span class="pick">"受け取りたい情報"<Icon name=IconName::ChevronDown size=16 /></span> " に " <span class="pick">"水道・断水"<Icon name=IconName::ChevronDown size=16 /></span> " を選んだ " <span class="joint-or">"または"</span> " " <span class="pick pick-empty">"未選択"<Icon name=IconName::ChevronDown size=16 /></span> " の）人。"</p>
                                <div class="audience-foot"><p class="figure">"3,268"<span class="unit">"人"</span></p><p class="sub">"友だち 84,312人の 3.9%"<br />"2秒前に数えました"</p></div>
                            </div>
                        </section>
                        <section>
                            <h2>"届ける日時"</h2>
                            <div class="cluster"><Radio name="when" value="now" checked=true>"すぐに"</Radio><Radio name="when" value="later">"日時を決める"</Radio></div>
                        </section>
                    </div>
                </div>
                <Panel title="送る前の確認" note="だれに、どれだけ届くかを、承認する人も同じ画面で見ます" decide=true class="checks-panel">
                    <div class="checks">
                        <div><p class="sub">"届く人"</p><p class="figure-xl">"3,268"<span class="unit">"人"</span></p><p>"2026年11月26日（木）17:30"<br />"送信 7回・およそ 1秒"</p></div>
                        <div><h3>"お住まい"</h3><BarList items=pairs(&[("旭ヶ丘", 1220), ("東町一丁目", 864), ("東町二丁目", 701), ("東町三丁目", 483)]) /></div>
                        <div><h3>"確かめたこと"</h3><ul class="check-list"><li><span class="ok"><Icon name=IconName::Check size=16 /></span>"夜間（21〜7時）ではない"</li><li><span class="warn"><Icon name=IconName::Warning size=16 /></span>"前回の断水（9/12）の 1.4倍。"</li></ul></div>
                    </div>
                    <div class="checks-foot"><p>"3,000人をこえる配信には、係長の承認が要ります。承認されるまで、だれにも届きません。"</p><Button>"下書きのまま閉じる"</Button><Button kind=Kind::Filled size=Size::Large icon=IconName::Stamp>"3,268人への配信の承認を求める"</Button></div>
                </Panel>
            </div>
            <aside class="editor-side">
                <PhonePreview city="みほん市" messages=vec![json!({"type": "text", "text": text}), json!({"type": "flex", "altText": "断水区域"})]>"市民の画面と同じ部品で描いています。"</PhonePreview>
            </aside>
        </main>
    }
    .into_any()
}

pub fn sending() -> AnyView {
    let calls: Vec<Calls> = (0..167)
        .map(|cell| {
            let state = match cell {
                41 | 87 => CallState::Retrying,
                0..107 => CallState::Accepted,
                _ => CallState::Pending,
            };
            Calls { cell, state, calls: 1 }
        })
        .collect();
    let sum =
        |label: &str, value: &str, part| SumRow { label: label.into(), value: value.into(), part };
    shell("/console/deliveries/1", move || {
        view! {
            <Page title="年末の窓口と戸籍届出のご案内" crumbs=vec![("/console/deliveries".into(), "配信".into())] beside=|| view! { <PurposeTag purpose=Purpose::Notice /> } acts=|| view! { <Button icon=IconName::Copy>"複製する"</Button><Button kind=Kind::Danger icon=IconName::Stop>"残りを止める"</Button> }>
                <div class="cols-main-side">
                    <div class="stack">
                        <Panel>
                            <StatusMark status=Status::Sending />
                            <div class="split"><p class="figure-xl">"53,500"<span class="of">" / 84,312人"</span></p><p class="dense num">"18:00:00 開始・経過 "<b>"4秒"</b><br />"終わりの見込み "<b>"18:00:07"</b></p></div>
                            <CallMosaic calls per_call=500u64 />
                        </Panel>
                        <Panel title="あわせて確かめる" note="対象の人数と、結果の合計が一致するかを常に見ています">
                            <SumCheck parts=[("配信対象", "84,312", "18:00:00に固定"), ("受付", "53,500", "LINEが受け取った"), ("届かず", "0", "理由つきで残ります"), ("差し控え", "38", "送る直前にブロック"), ("これから", "30,774", "送信の列にあります")].map(|(label, value, note)| SumPart { label: label.into(), value: value.into(), note: note.into() }).to_vec() />
                        </Panel>
                        <Panel title="できごと" acts=|| view! { <StatusMark status=Status::Sending word="自動で更新" /> }>
                            <ol class="events"><li><time>"18:00:03.412"</time><div><strong>"LINEが混み合い、1,000人分（2回）を待たせています"</strong><span class="sub">"同じ鍵で送り直すので、二重には届きません"</span></div></li><li><time>"18:00:00.004"</time><div><strong>"1回目の送信"</strong><span class="sub">"毎秒 200回の枠のうち、緊急用に 1割を残しています"</span></div></li></ol>
                        </Panel>
                    </div>
                    <div class="stack-s">
                        <Certificate
                            number="み広第 2026-0418 号"
                            date="令和8年11月20日"
                            rows=[("件名", "年末の窓口と戸籍届出のご案内"), ("目的", "お知らせ"), ("配信対象", "友だち全員（未登録の人を含む）"), ("固定した時刻", "令和8年11月20日 18:00:00"), ("起案・承認", "市民課 森下 由佳・広報広聴課 高橋 健一")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
                            sums=vec![sum("対象", "84,312 人", false), sum("受付（LINEが受理）", "53,500 人", true), sum("届かず", "0 人", true), sum("差し控え", "38 人", true), sum("これから", "30,774 人", true)]
                            proof=vec!["台帳の連番 1,204,881〜".into(), "9f3c 41aa 07e2 b815 …".into()]
                            provisional=true
                            city="みほん市"
                            approval=vec![ApprovalCell { role: "起案".into(), stamp: Some(stamp("市民", "森下")), yours: false }, ApprovalCell { role: "承認".into(), stamp: Some(stamp("広報", "高橋")), yours: false }]
                        />
                        <Button busy=true wide=true icon=IconName::Print>"印刷する（完了してから）"</Button>
                    </div>
                </div>
            </Page>
        }
        .into_any()
    })
}

fn condition(
    words: [&'static str; 2],
    between: &'static str,
    after: &'static str,
    n: &'static str,
) -> AnyView {
    view! {
        <div class="condition">
            <div class="condition-words"><span class="pick">{words[0]}<Icon name=IconName::ChevronDown size=16 /></span>{between}<span class="pick">{words[1]}<Icon name=IconName::ChevronDown size=16 /></span>{after}</div>
            <span class="condition-count">{n}</span>
            <RowMenu label="この条件の操作"><button class="menu-item">"消す"</button></RowMenu>
        </div>
    }
    .into_any()
}

pub fn audience() -> AnyView {
    shell("/console/audiences/1", || {
        view! {
            <Page title="港地区の子育て世帯（津波訓練）" crumbs=vec![("/console/audiences".into(), "配信対象".into())] acts=|| view! { <Button icon=IconName::Undo>"もどす"</Button><Button kind=Kind::Filled>"この条件で保存する"</Button> }>
                <div class="cols-main-side">
                    <div class="stack">
                        <div class="readback"><p class="readback-head"><Icon name=IconName::Speaker size=16 />"この条件を文にすると"</p><p class="readback-text"><b>"港地区に住む人"</b>"で、かつ"<b>"（0〜6歳の子どもがいる人"</b>"、または"<b>"妊娠中の人）"</b>"のうち、"<b>"配信を休んでいる人"</b>"をのぞいた人。"</p></div>
                        <div class="cluster"><strong>"友だち"</strong>"のうち、次の"<SegmentedRadio label="つなぎ方" name="join" value="all" options=vec![("all".to_owned(), "すべてに（かつ）".to_owned()), ("any".to_owned(), "どれかに（または）".to_owned())] />"当てはまる人"</div>
                        <div class="tree-group tree-all">
                            {condition(["お住まい", "港地区（12町すべて）"], "が", "に ふくまれる", "13,480人")}
                            <span class="joint joint-and">"かつ"</span>
                            <div class="tree-group tree-any">
                                {condition(["お子さんの年齢", "0〜6歳"], "が", "", "9,806人")}
                                <span class="joint joint-or">"または"</span>
                                {condition(["出産予定日", "きょうから10か月以内"], "が", "", "1,120人")}
                            </div>
                            <span class="joint joint-and">"かつ"</span>
                            <div class="except"><p class="except-title">"次のどれかに当てはまる人を のぞく"</p>{condition(["受け取り方", "お休み中"], "が", "", "2,046人")}</div>
                        </div>
                        <div class="cluster"><Button kind=Kind::Act icon=IconName::Plus>"「かつ」の条件を足す"</Button><Button icon=IconName::Copy>"かっこでまとめる"</Button><Button>"のぞく条件を足す"</Button></div>
                        <p class="keys"><Icon name=IconName::Keyboard />"キーボード"<span><span class="kbd">"↑"</span> <span class="kbd">"↓"</span>" 条件を移る"</span><span><span class="kbd">"Alt"</span>"+"<span class="kbd">"→"</span>" かっこに入れる"</span></p>
                    </div>
                    <div class="stack">
                        <Panel decide=true>
                            <p class="sub dense">"当てはまる人"</p>
                            <p class="figure-xl">"4,812"<span class="unit">"人"</span></p>
                            <p class="dense">"友だち 84,312人の "<b>"5.7%"</b><br /><span class="sub">"編集に合わせて数え直しています（2秒前）"</span></p>
                            <h2 class="h3">"しぼり込まれ方"</h2>
                            <Narrowing steps=pairs(&[("友だち全員", 84312), ("港地区", 13480), ("かつ 子育て・妊娠中", 5406), ("のぞいたあと", 4812)]) />
                        </Panel>
                        <Banner title="住所が未登録の 21,904人は入りません">"災害のときは「または 未登録」を足すか、友だち全員を選んでください。"</Banner>
                    </div>
                </div>
            </Page>
        }
        .into_any()
    })
}
