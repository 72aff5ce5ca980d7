//! The icons of cells: drawn for this on a grid of 48, in strokes of one width, so that they
//! can be told apart at 32 pixels.

use crate::attribute::fold;
use serde::{Deserialize, Serialize};

/// The side of the grid.
pub const GRID: u32 = 48;
/// The width of every stroke.
pub const STROKE: u32 = 3;

macro_rules! icons {
    ($($name:ident, $key:literal, $label:literal, $words:literal, $drawing:literal;)*) => {
        /// An icon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Icon {
            $(#[doc = $label] #[serde(rename = $key)] $name,)*
        }

        impl Icon {
            /// Every icon, in the order in which staff are offered them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in JSON and addresses.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// In words.
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            /// What staff may call it when they look for it, apart by spaces.
            fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }

            /// SVG shapes on the grid: strokes without fill.
            pub fn drawing(self) -> &'static str {
                match self { $(Self::$name => $drawing,)* }
            }
        }
    };
}

icons! {
    Garbage, "garbage", "ごみ",
        "ごみ 塵 廃棄 収集 分別 リサイクル 資源 再利用 粗大 燃える 燃やす 不燃 可燃 プラスチック 清掃 環境 クリーンセンター",
        "<path d='M7 12h34M18 12V6h12v6M12 12l2.5 30h19L36 12M20.5 20l.8 14M27.5 20l-.8 14'/>";
    Disaster, "disaster", "防災",
        "防災 災害 緊急 非常 警報 警戒 サイレン 地震 津波 台風 大雨 洪水 水害 土砂 ハザード 備え 危機",
        "<path d='M4 33h40v7H4zM19 23V10a2 2 0 0 1 2-2h6a2 2 0 0 1 2 2v13M19 12.5A17 18 0 0 0 8 29v4M29 12.5A17 18 0 0 1 40 29v4'/>";
    Childcare, "childcare", "子育て",
        "子育て こども 子ども 子供 児童 育児 赤ちゃん 乳児 乳幼児 ベビー 妊娠 出産 母子 保育 保育園 保育所 幼稚園 こども園 学童 一時預かり ひとり親",
        "<path d='M9 23h31a15 15 0 0 1-15 12h-2A14 12 0 0 1 9 23zM25 23V7a15 16 0 0 1 15 16M9 23l-2-8H3'/><circle cx='17' cy='40' r='3'/><circle cx='32' cy='40' r='3'/>";
    Booking, "booking", "予約",
        "予約 申込み 申し込み よやく 施設 会議室 カレンダー 日程 受付",
        "<rect x='6' y='9' width='36' height='33' rx='4'/><path d='M6 19h36M16 5v8M32 5v8'/><path d='M16 30l6 6 11-11'/>";
    Report, "report", "通報",
        "通報 不具合 道路の穴 街灯 こわれ 壊れ 故障 場所 位置 現場 不法投棄 レポート",
        "<path d='M24 44S8 30.5 8 20a16 16 0 0 1 32 0c0 10.5-16 24-16 24zM24 11v11M24 28.5v.01'/>";
    Application, "application", "申請",
        "申請 申込み 申し込み 手続き 届出 届け 書類 書く 記入 様式 フォーム アンケート 助成 補助 オンライン 電子",
        "<path d='M33 18V13l-8-8H8v38h13M25 5v8h8M15 21h9M15 29h7M28 36l11-11 5 5-11 11-6 1z'/>";
    Consultation, "consultation", "相談",
        "相談 悩み 窓口 会話 話す チャット 面談 カウンセリング 聞く",
        "<path d='M5 7h26v18H18l-7 6v-6H5zM36 16h7v18h-5v6l-7-6H19v-4M12 14h12M12 19h7'/>";
    Living, "living", "くらし",
        "くらし 暮らし 生活 住まい 住宅 家 自宅 引っ越し 引越し 転入 転出 転居 空き家 ホーム トップ",
        "<path d='M4 23L24 6l20 17M10 19v23h28V19M19 42V29h10v13'/>";
    Sightseeing, "sightseeing", "観光",
        "観光 旅行 名所 見どころ カメラ 写真 文化財 宿 温泉 魅力 移住",
        "<path d='M5 15h9l4-6h12l4 6h9v26H5z'/><circle cx='24' cy='27' r='7.5'/>";
    Health, "health", "健康",
        "健康 健診 検診 医療 保健 がん 体 からだ 体操 心臓 ハート 保険 国保 メンタル",
        "<path d='M24 42S5 31 5 18a10 10 0 0 1 19-4 10 10 0 0 1 19 4c0 13-19 24-19 24zM11 25h8l3-6 5 11 3-5h7'/>";
    Welfare, "welfare", "福祉",
        "福祉 障害 障がい 車いす 車椅子 バリアフリー 介護 支援 手帳",
        "<circle cx='20' cy='7' r='3'/><path d='M20 14v14h12l5 12h5M20 20h10M15.5 21.5a11 11 0 1 0 15 14'/>";
    Tax, "tax", "税",
        "税 税金 納税 市税 住民税 固定資産税 お金 円 料金 支払い 納付 年金 手数料 ふるさと納税 会計",
        "<circle cx='24' cy='24' r='19'/><path d='M15 12l9 11 9-11M24 23v14M16 25h16M16 31h16'/>";
    Residence, "residence", "住民票",
        "住民票 マイナンバー マイナンバーカード 個人番号 身分証 本人確認 戸籍 印鑑登録 転入 転出 名簿",
        "<rect x='8' y='4' width='32' height='40' rx='3'/><circle cx='24' cy='15.5' r='5'/><path d='M14 30a10 9 0 0 1 20 0zM15 37h18'/>";
    Library, "library", "図書館",
        "図書館 図書 本 読書 貸出 絵本 書籍 学習 資料 教科書",
        "<path d='M24 12C19 8 12 8 4 9v30c8-1 15-1 20 3 5-4 12-4 20-3V9c-8-1-15-1-20 3zM24 12v30'/>";
    School, "school", "学校",
        "学校 小学校 中学校 高校 教育 入学 給食 通学 校舎 幼稚園 大学",
        "<path d='M4 42V24h11V16l9-7 9 7v8h11v18zM24 9V3h7v4h-7M20 42v-8h8v8M10 31v4M38 31v4'/><circle cx='24' cy='22' r='3'/>";
    Bus, "bus", "バス",
        "バス 交通 乗り物 公共交通 デマンド 時刻表 路線 電車 駅 タクシー",
        "<rect x='9' y='5' width='30' height='34' rx='5'/><path d='M9 25h30M17 11h14M14 39v4M34 39v4M16 32v.01M32 32v.01M4 17v7M44 17v7'/>";
    Road, "road", "道路",
        "道路 道 工事 通行止め 土木 除雪 雪 駐車場 車 橋",
        "<path d='M17 6L6 42M31 6l11 36M24 6v7M24 20v8M24 35v7'/>";
    Water, "water", "水道",
        "水道 上下水道 下水 断水 漏水 水 蛇口 検針",
        "<path d='M4 18h13v-3h12v3h3a10 10 0 0 1 10 10v3h-9v-2a2 2 0 0 0-2-2H4zM23 15V7M14 7h18M37.5 36.5c-2.5 3-3.5 4.5-3.5 6a3.5 3.5 0 0 0 7 0c0-1.5-1-3-3.5-6z'/>";
    Park, "park", "公園",
        "公園 遊び場 広場 緑 木 ベンチ 遊具 スポーツ 運動",
        "<circle cx='16' cy='15' r='11'/><path d='M16 15v28M16 25l5-5M28 27h15M26 33h19M29 33v10M42 33v10M4 43h41'/>";
    Event, "event", "イベント",
        "イベント 行事 催し 祭り まつり 講座 教室 文化 芸術 スポーツ 募集 カレンダー",
        "<rect x='6' y='9' width='36' height='33' rx='4'/><path d='M6 19h36M16 5v8M32 5v8'/><path d='M24.0 21.0L26.5 26.5L32.6 27.2L28.1 31.3L29.3 37.3L24.0 34.3L18.7 37.3L19.9 31.3L15.4 27.2L21.5 26.5z'/>";
    News, "news", "お知らせ",
        "お知らせ ニュース 広報 新着 情報 発表 通知 メガホン 放送 募集",
        "<path d='M5 19v10h8l20 10V9L13 19zM13 30l3 12h7l-3-9M39 18a8 8 0 0 1 0 12'/>";
    Inquiry, "inquiry", "問い合わせ",
        "問い合わせ 質問 疑問 よくある質問 はてな ヘルプ わからない 案内 ご意見 意見",
        "<path d='M5 7h38v28H25l-10 8v-8H5zM18.5 17a5.5 5.5 0 1 1 8 4.900c-1.800.9-2.5 1.800-2.5 3.600M24 30v.01'/>";
    Map, "map", "地図",
        "地図 マップ 場所 案内 施設 ハザードマップ 地域 アクセス 所在地",
        "<path d='M4 12l13-6 14 6 13-6v30l-13 6-14-6-13 6zM17 6v30M31 12v30'/>";
    Shelter, "shelter", "避難所",
        "避難所 避難 避難場所 ひなん 防災 災害 ハザード 地震 津波 家",
        "<path d='M4 22L24 5l20 17M9 18v25h30V18M18 43v-5a6 6 0 0 1 12 0v5'/><circle cx='24' cy='26' r='3.5'/>";
    Phone, "phone", "電話",
        "電話 連絡 連絡先 でんわ コール 通話 ダイヤル 番号 119 110",
        "<path d='M10 5h7l5 11-5 4a25 25 0 0 0 11 11l4-5 11 5v7a5 5 0 0 1-5 5A33 33 0 0 1 5 10a5 5 0 0 1 5-5z'/>";
    Aed, "aed", "AED",
        "AED 救命 心臓 除細動器 救急 電気 応急",
        "<path d='M24 42S5 31 5 18a10 10 0 0 1 19-4 10 10 0 0 1 19 4c0 13-19 24-19 24zM27 15l-7 9h8l-5 9'/>";
    Weather, "weather", "天気",
        "天気 天候 気象 予報 雨 晴れ 曇り くもり 雲 熱中症 大雨 台風",
        "<path d='M14 42a8.5 8.5 0 0 1 0-17 11.5 11.5 0 0 1 22-1 9 9 0 0 1-1 18zM9 19a9 9 0 0 1 15-7M17 2.5v2.5M5.5 6.5l2 2M2.5 17h2.5M29 6.5l-2 2'/>";
    Farming, "farming", "農業",
        "農業 農地 畑 野菜 植物 農林 林業 自然 環境 芽 緑 花",
        "<path d='M24 43V18M24 24C24 14 17 8 6 8c0 10 6 16 18 16zM24 32c0-9 6-14 18-14 0 9-6 14-18 14zM8 43h32'/>";
    Work, "work", "仕事",
        "仕事 就職 求人 採用 雇用 働く 職員 産業 商工 事業者 企業 会社 入札 かばん",
        "<rect x='4' y='15' width='40' height='27' rx='3'/><path d='M16 15V7h16v8M4 27h40M24 24v6'/>";
    MyPage, "my_page", "マイページ",
        "マイページ 自分 登録 会員 本人 人 アカウント プロフィール 個人",
        "<circle cx='24' cy='24' r='20'/><circle cx='24' cy='18.5' r='6.5'/><path d='M11.5 39.5a13 12 0 0 1 25 0'/>";
    Settings, "settings", "設定",
        "設定 変更 歯車 受信 受け取る情報 登録内容",
        "<path d='M20.3 10.0L20.7 4.8L27.3 4.8L27.7 10.0L31.3 11.5L35.3 8.1L39.9 12.7L36.5 16.7L38.0 20.3L43.2 20.7L43.2 27.3L38.0 27.7L36.5 31.3L39.9 35.3L35.3 39.9L31.3 36.5L27.7 38.0L27.3 43.2L20.7 43.2L20.3 38.0L16.7 36.5L12.7 39.9L8.1 35.3L11.5 31.3L10.0 27.7L4.8 27.3L4.8 20.7L10.0 20.3L11.5 16.7L8.1 12.7L12.7 8.1L16.7 11.5z'/><circle cx='24' cy='24' r='6'/>";
    Language, "language", "言葉",
        "言葉 言語 外国語 外国人 英語 多言語 国際 翻訳 やさしい日本語 世界 English language ホームページ",
        "<circle cx='24' cy='24' r='20'/><ellipse cx='24' cy='24' rx='8.5' ry='20'/><path d='M4 24h40M7 14h34M7 34h34'/>";
    Hospital, "hospital", "病院",
        "病院 医院 診療所 クリニック 医療 救急 休日 夜間 当番医 医者 健診 検診 予防接種 薬 けが",
        "<path d='M17 5h14v12h12v14H31v12H17V31H5V17h12z'/>";
    Animal, "animal", "動物",
        "動物 犬 猫 ペット 鳥 狂犬病 飼い主 登録 迷子 野生 鳥獣 クマ",
        "<ellipse cx='9' cy='23' rx='4.5' ry='5.5'/><ellipse cx='18.5' cy='11.5' rx='4.5' ry='6.5'/><ellipse cx='29.5' cy='11.5' rx='4.5' ry='6.5'/><ellipse cx='39' cy='23' rx='4.5' ry='5.5'/><path d='M24 24c-6 0-12 8-12 13.5 0 3.5 2.5 5.5 5.5 5.5 2.5 0 4-1.5 6.5-1.5s4 1.5 6.5 1.5c3 0 5.5-2 5.5-5.5 0-5.5-6-13.5-12-13.5z'/>";
    Money, "money", "お金",
        "お金 手当 児童手当 給付 給付金 助成 補助 補助金 支援金 年金 貸付 奨学金 料金 支払い 納付 税 商品券 クーポン",
        "<rect x='3' y='11' width='42' height='26' rx='3'/><circle cx='24' cy='24' r='6.5'/><path d='M10.5 24v.01M37.5 24v.01'/>";
    Certificate, "certificate", "証明書",
        "証明 証明書 書類 戸籍 住民票 謄本 抄本 印鑑証明 印鑑登録 課税証明 所得証明 免許 許可 認定 交付 発行 届出 コンビニ交付 パスポート 旅券",
        "<path d='M21 43H7V5h19l9 9v6M26 5v9h9M14 21h9M14 29h6'/><circle cx='34' cy='30' r='7'/><path d='M29.5 36v9l4.5-3 4.5 3v-9'/>";
    Vaccination, "vaccination", "予防接種",
        "予防接種 ワクチン 注射 接種 感染症 インフルエンザ コロナ 健診 検診 医療 保健",
        "<path d='M34.6 3.5L44.5 13.4M39.6 8.4L33.2 14.8M26.1 7.7L40.3 21.9M28.2 9.9L13.4 24.7L23.3 34.6L38.1 19.8M18.3 29.7L7 41M28.2 19.8L33.2 24.7M23.3 24.7L28.2 29.7'/>";
    Elderly, "elderly", "高齢者",
        "高齢者 高齢 お年寄り 老人 シニア 敬老 介護 介護保険 後期高齢者 年金 見守り 認知症 デイサービス 福祉",
        "<circle cx='21' cy='8' r='4.5'/><path d='M22 18c-6 1-9 5-9 12v13M15 31l8 4 2 8M22 18l5 8 9 2M36 43V26a3.5 3.5 0 0 1 7 0'/>";
    Fire, "fire", "消防",
        "消防 火事 火災 火 炎 消火 消防署 消防団 救急 119 防火 たき火",
        "<path d='M24 4c1 9 14 12 14 25a14 14 0 0 1-28 0c0-6 3-10 6-13 0 4 1 6 3 8 2-6-1-13 5-20zM24 25c2.5 3.5 4.5 5.5 4.5 8a4.5 4.5 0 0 1-9 0c0-2.5 2-4.5 4.5-8z'/>";
    Election, "election", "選挙",
        "選挙 投票 投票所 期日前 議会 議員 市政 市長 町長 村長 行政 請願 パブリックコメント アンケート",
        "<path d='M4 27h40v16H4zM4 27l5-8h4M44 27l-5-8h-4M13 27V5h22v22M18.5 15.5l4 4 7.5-8'/>";
}

impl Icon {
    /// The icon of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|icon| icon.name() == name)
    }

    /// Those that a search means, in their order; all of them if nothing is searched for. A word
    /// of theirs may hold what was typed, or stand in it: 「ゴミの日」 finds 「ごみ」.
    pub fn found(query: &str) -> Vec<Self> {
        let query = plain(query);
        let means = |word: &str| {
            let word = plain(word);
            // One letter alone is in too much that has nothing to do with it.
            word.contains(&query) || (word.chars().count() > 1 && query.contains(&word))
        };
        let fits = |icon: &Self| {
            let own = [icon.name(), icon.label()].into_iter();
            own.chain(icon.words().split_whitespace()).any(means)
        };
        let mut found: Vec<Self> = Self::ALL.iter().copied().filter(fits).collect();
        // 「本」 is 図書館 before it is 本人.
        found.sort_by_cached_key(|icon| {
            let named = icon.words().split_whitespace().any(|word| plain(word) == query);
            (plain(icon.label()) != query, !named)
        });
        found
    }

    /// The icon as an SVG of its own, in the colour of the words around it.
    pub fn svg(self) -> String {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {GRID} {GRID}' fill='none' \
             stroke='currentColor' stroke-width='{STROKE}' stroke-linecap='round' \
             stroke-linejoin='round' aria-hidden='true'>{}</svg>",
            self.drawing()
        )
    }
}

/// A text as icons are searched: besides [`fold`], katakana are hiragana, and there are no spaces.
fn plain(text: &str) -> String {
    let hiragana = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        other => other,
    };
    fold(text).chars().filter(|c| *c != ' ').map(hiragana).collect()
}
