//! Sign-in, the registration page and the sandbox's phones, as in pictures 01, 13 and 15.

use leptos::prelude::*;
use serde_json::json;
use ui::phone::{Entry, From};
use ui::prelude::*;

pub fn signin() -> AnyView {
    view! {
        <div class="signin">
            <main id="main" class="signin-form">
                <p class="brand"><Emblem size=44 /><span class="brand-words"><strong>"みほん市"</strong><span>"LINE公式アカウント 運用コンソール"</span></span></p>
                <div><PageTitle title="サインイン" /><p class="sub">"市民のみなさんへのお知らせ、申請・予約の受け付けを行う、職員専用の画面です。"</p></div>
                <form method="post">
                    <TextField name="number" label="職員番号" hint="職員証の6けたの番号です" value="204817" autocomplete="username" autofocus=true />
                    <Password name="password" label="パスワード" />
                    <Button kind=Kind::Filled size=Size::Large submit=true wide=true>"サインイン"</Button>
                </form>
                <p class="signin-foot"><Icon name=IconName::Shield /><span>"庁内ネットワーク（10.24.16.0/22）から接続しています。"<br />"5回まちがえると15分間サインインできません。"</span></p>
            </main>
            <aside class="signin-art">
                <TileField />
                <section class="signin-notices"><h2><Icon name=IconName::Info />"お知らせ"</h2><dl><div><dt>"11月22日（日）"</dt><dd>"22:00〜24:00 保守のため、サインインできません。予約済みの配信は予定どおり届きます。"</dd></div></dl></section>
                <p class="signin-product"><span class="grow"><Mark size=24 />"Kairan 回覧"</span><a href="/help">"手引き"</a><a href="/help/a11y">"アクセシビリティ"</a></p>
            </aside>
        </div>
    }
    .into_any()
}

pub fn liff() -> AnyView {
    view! {
        <div class="liff">
            <header class="liff-head"><Emblem size=40 /><span><strong>"みほん市"</strong><span>"あなたに合った情報だけをお届けします"</span></span></header>
            <main id="main" class="liff-body">
                <h1>"受け取る情報をえらぶ"</h1>
                <p class="step-bar"><i class="on"></i><i></i><span>"1 / 2"</span></p>
                <p>"1分ほどで終わります。あとから、いつでも変えられます。"</p>
                <form method="post">
                    <Fieldset id="area" legend="お住まい" required=true hint="町名までで、番地はうかがいません">
                        <div class="area-tree">
                            <details open=true><summary><Icon name=IconName::ChevronRight />"東地区"<span class="sub dense">"14町"</span></summary>
                                <Radio name="area" value="e2" checked=true>"東町二丁目"</Radio>
                                <Radio name="area" value="e3">"東町三丁目"</Radio>
                            </details>
                            <details><summary><Icon name=IconName::ChevronRight />"西地区"</summary><Radio name="area" value="w1">"西町"</Radio></details>
                            <Radio name="area" value="out">"みほん市の外に住んでいる"</Radio>
                        </div>
                    </Fieldset>
                    <Fieldset id="topics" legend="受け取りたい情報" note="いくつでも">
                        <CheckCard name="topics" value="garbage" title="ごみの日" note="収集の日の朝7時に" icon=IconName::Trash checked=true />
                        <CheckCard name="topics" value="disaster" title="防災・避難" note="いつでも、すぐに" icon=IconName::Shield checked=true />
                        <CheckCard name="topics" value="child" title="子育て・給食" icon=IconName::Child />
                    </Fieldset>
                    <Fieldset id="often" legend="届く回数" required=true error=Signal::stored(Some("選ばれていません。1つ選んでください。".to_owned()))>
                        <RadioCard name="often" value="all" title="すべて受け取る" />
                        <RadioCard name="often" value="urgent" title="緊急のときだけ" note="避難や断水など、急ぎのもの" />
                    </Fieldset>
                    <section class="consent"><h2>"お預かりする情報について"</h2><p>"登録した内容は、みほん市がお知らせを届けるためだけに使います。LINEの会社には渡りません。"<a href="/privacy">"くわしく"</a></p><Checkbox name="consent" checked=true>"同意する"<Required /></Checkbox></section>
                    <div class="liff-foot"><Button kind=Kind::Filled size=Size::Large submit=true wide=true>"次へ"</Button><Button kind=Kind::Plain>"登録しないで閉じる"</Button></div>
                </form>
            </main>
        </div>
    }
    .into_any()
}

pub fn sandbox() -> AnyView {
    let say = |key: &str, from, text: &str, time: &str| Entry {
        key: key.into(),
        from,
        message: json!({"type": "text", "text": text}),
        time: time.into(),
        read: from == From::Resident,
        date: (key == "1").then(|| "今日".into()),
    };
    let mut last = say("5", From::City, "届く情報をえらべます。", "17:30");
    last.message = json!({"type": "text", "text": "お住まいはどちらですか", "quickReply": {"items": [
        {"type": "action", "action": {"type": "postback", "label": "東地区", "data": "a"}},
        {"type": "action", "action": {"type": "postback", "label": "西地区", "data": "b"}},
        {"type": "action", "action": {"type": "postback", "label": "港地区", "data": "c"}}
    ]}});
    let entries = vec![
        say("1", From::City, "市バスの時刻表です。", "12:02"),
        say("2", From::Resident, "ごみの日", "17:29"),
        say(
            "3",
            From::City,
            "東町二丁目の 次のごみの日\n・21日（土）びん・缶\n・24日（火）燃やすごみ",
            "17:29",
        ),
        say(
            "4",
            From::City,
            "【断水のお知らせ】\n11月28日（土）9:00〜16:00、東町と旭ヶ丘の一部で断水します。\nhttps://mihon.example/d/28t",
            "17:30",
        ),
        last,
    ];
    view! {
        <div class="sandbox">
            <header class="sandbox-bar"><Mark size=28 /><PageTitle title="ためしのスマートフォン" /><PurposeTag purpose=Purpose::Test /><span class="grow">"本物のLINEには、何も送られません。住民はみな架空の人です。"</span><span class="sub">"擬似LINE 127.0.0.1:3001 接続中"</span><Button size=Size::Small>"はじめに戻す"</Button></header>
            <section class="sandbox-left" aria-label="住民">
                <h2>"住民 "<span class="sub dense">"5,000人のうち 5人"</span></h2>
                <SearchBox action="/phone" label="名前・属性" />
                <button class="resident-card" aria-pressed="true"><span class="avatar">"田"</span><span class="grow"><strong>"田村 悠"</strong><span class="sub">"東町二丁目・30代"</span></span><span class="unread">"1"</span></button>
                <button class="resident-card" aria-pressed="false"><span class="avatar">"小"</span><span class="grow"><strong>"小林 ひな"</strong><span class="sub">"旭ヶ丘・40代"</span></span></button>
            </section>
            <main id="main" class="sandbox-mid">
                <div><h2>"田村 悠"</h2><Phone city="みほん市" label="田村 悠のスマートフォン" foot=|| view! { <MenuBar /> }><Talk entries on_action=|_| () /></Phone></div>
                <div><h2>"新しい友だち"</h2><Phone city="みほん市" label="新しい友だちのスマートフォン" sheet=|| view! { <LiffSheet title="受け取る情報の登録"><div class="liff-body"><p class="step-bar"><i class="on"></i><i></i><span>"1 / 2"</span></p><CheckCard name="t" value="a" title="ごみの日" icon=IconName::Trash checked=true /></div></LiffSheet> }><p></p></Phone></div>
            </main>
            <section class="sandbox-right" aria-label="起きたこと"><h2>"起きたこと"</h2><ol class="events"><li><time>"17:31:08"</time><div><strong>"LIFFをひらいた"</strong><span class="sub">"新しい友だち・/liff/register"</span></div></li></ol></section>
        </div>
    }
    .into_any()
}
