//! The icons of cells: drawn for this on a grid of 48, in strokes of one width, so that they
//! can be told apart at 32 pixels.

use serde::{Deserialize, Serialize};

/// The side of the grid.
pub const GRID: u32 = 48;
/// The width of every stroke.
pub const STROKE: u32 = 3;

macro_rules! icons {
    ($($name:ident, $key:literal, $label:literal, $drawing:literal;)*) => {
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

            /// SVG shapes on the grid: strokes without fill.
            pub fn drawing(self) -> &'static str {
                match self { $(Self::$name => $drawing,)* }
            }
        }
    };
}

icons! {
    Garbage, "garbage", "ごみ",
        "<path d='M7 12h34M18 12V6h12v6M12 12l2.5 30h19L36 12M20.5 20l.8 14M27.5 20l-.8 14'/>";
    Disaster, "disaster", "防災",
        "<path d='M4 33h40v7H4zM19 23V10a2 2 0 0 1 2-2h6a2 2 0 0 1 2 2v13M19 12.5A17 18 0 0 0 8 29v4M29 12.5A17 18 0 0 1 40 29v4'/>";
    Childcare, "childcare", "子育て",
        "<path d='M9 23h31a15 15 0 0 1-15 12h-2A14 12 0 0 1 9 23zM25 23V7a15 16 0 0 1 15 16M9 23l-2-8H3'/><circle cx='17' cy='40' r='3'/><circle cx='32' cy='40' r='3'/>";
    Booking, "booking", "予約",
        "<rect x='6' y='9' width='36' height='33' rx='4'/><path d='M6 19h36M16 5v8M32 5v8'/><path d='M16 30l6 6 11-11'/>";
    Report, "report", "通報",
        "<path d='M24 44S8 30.5 8 20a16 16 0 0 1 32 0c0 10.5-16 24-16 24zM24 11v11M24 28.5v.01'/>";
    Application, "application", "申請",
        "<path d='M33 18V13l-8-8H8v38h13M25 5v8h8M15 21h9M15 29h7M28 36l11-11 5 5-11 11-6 1z'/>";
    Consultation, "consultation", "相談",
        "<path d='M5 7h26v18H18l-7 6v-6H5zM36 16h7v18h-5v6l-7-6H19v-4M12 14h12M12 19h7'/>";
    Living, "living", "くらし",
        "<path d='M4 23L24 6l20 17M10 19v23h28V19M19 42V29h10v13'/>";
    Sightseeing, "sightseeing", "観光",
        "<path d='M5 15h9l4-6h12l4 6h9v26H5z'/><circle cx='24' cy='27' r='7.5'/>";
    Health, "health", "健康",
        "<path d='M24 42S5 31 5 18a10 10 0 0 1 19-4 10 10 0 0 1 19 4c0 13-19 24-19 24zM11 25h8l3-6 5 11 3-5h7'/>";
    Welfare, "welfare", "福祉",
        "<circle cx='20' cy='7' r='3'/><path d='M20 14v14h12l5 12h5M20 20h10M15.5 21.5a11 11 0 1 0 15 14'/>";
    Tax, "tax", "税",
        "<circle cx='24' cy='24' r='19'/><path d='M15 12l9 11 9-11M24 23v14M16 25h16M16 31h16'/>";
    Residence, "residence", "住民票",
        "<rect x='8' y='4' width='32' height='40' rx='3'/><circle cx='24' cy='15.5' r='5'/><path d='M14 30a10 9 0 0 1 20 0zM15 37h18'/>";
    Library, "library", "図書館",
        "<path d='M24 12C19 8 12 8 4 9v30c8-1 15-1 20 3 5-4 12-4 20-3V9c-8-1-15-1-20 3zM24 12v30'/>";
    School, "school", "学校",
        "<path d='M4 42V24h11V16l9-7 9 7v8h11v18zM24 9V3h7v4h-7M20 42v-8h8v8M10 31v4M38 31v4'/><circle cx='24' cy='22' r='3'/>";
    Bus, "bus", "バス",
        "<rect x='9' y='5' width='30' height='34' rx='5'/><path d='M9 25h30M17 11h14M14 39v4M34 39v4M16 32v.01M32 32v.01M4 17v7M44 17v7'/>";
    Road, "road", "道路",
        "<path d='M17 6L6 42M31 6l11 36M24 6v7M24 20v8M24 35v7'/>";
    Water, "water", "水道",
        "<path d='M4 18h13v-3h12v3h3a10 10 0 0 1 10 10v3h-9v-2a2 2 0 0 0-2-2H4zM23 15V7M14 7h18M37.5 36.5c-2.5 3-3.5 4.5-3.5 6a3.5 3.5 0 0 0 7 0c0-1.5-1-3-3.5-6z'/>";
    Park, "park", "公園",
        "<circle cx='16' cy='15' r='11'/><path d='M16 15v28M16 25l5-5M28 27h15M26 33h19M29 33v10M42 33v10M4 43h41'/>";
    Event, "event", "イベント",
        "<rect x='6' y='9' width='36' height='33' rx='4'/><path d='M6 19h36M16 5v8M32 5v8'/><path d='M24.0 21.0L26.5 26.5L32.6 27.2L28.1 31.3L29.3 37.3L24.0 34.3L18.7 37.3L19.9 31.3L15.4 27.2L21.5 26.5z'/>";
    News, "news", "お知らせ",
        "<path d='M5 19v10h8l20 10V9L13 19zM13 30l3 12h7l-3-9M39 18a8 8 0 0 1 0 12'/>";
    Inquiry, "inquiry", "問い合わせ",
        "<path d='M5 7h38v28H25l-10 8v-8H5zM18.5 17a5.5 5.5 0 1 1 8 4.900c-1.800.9-2.5 1.800-2.5 3.600M24 30v.01'/>";
    Map, "map", "地図",
        "<path d='M4 12l13-6 14 6 13-6v30l-13 6-14-6-13 6zM17 6v30M31 12v30'/>";
    Shelter, "shelter", "避難所",
        "<path d='M4 22L24 5l20 17M9 18v25h30V18M18 43v-5a6 6 0 0 1 12 0v5'/><circle cx='24' cy='26' r='3.5'/>";
    Phone, "phone", "電話",
        "<path d='M10 5h7l5 11-5 4a25 25 0 0 0 11 11l4-5 11 5v7a5 5 0 0 1-5 5A33 33 0 0 1 5 10a5 5 0 0 1 5-5z'/>";
    Aed, "aed", "AED",
        "<path d='M24 42S5 31 5 18a10 10 0 0 1 19-4 10 10 0 0 1 19 4c0 13-19 24-19 24zM27 15l-7 9h8l-5 9'/>";
    Weather, "weather", "天気",
        "<path d='M14 42a8.5 8.5 0 0 1 0-17 11.5 11.5 0 0 1 22-1 9 9 0 0 1-1 18zM9 19a9 9 0 0 1 15-7M17 2.5v2.5M5.5 6.5l2 2M2.5 17h2.5M29 6.5l-2 2'/>";
    Farming, "farming", "農業",
        "<path d='M24 43V18M24 24C24 14 17 8 6 8c0 10 6 16 18 16zM24 32c0-9 6-14 18-14 0 9-6 14-18 14zM8 43h32'/>";
    Work, "work", "仕事",
        "<rect x='4' y='15' width='40' height='27' rx='3'/><path d='M16 15V7h16v8M4 27h40M24 24v6'/>";
    MyPage, "my_page", "マイページ",
        "<circle cx='24' cy='24' r='20'/><circle cx='24' cy='18.5' r='6.5'/><path d='M11.5 39.5a13 12 0 0 1 25 0'/>";
    Settings, "settings", "設定",
        "<path d='M20.3 10.0L20.7 4.8L27.3 4.8L27.7 10.0L31.3 11.5L35.3 8.1L39.9 12.7L36.5 16.7L38.0 20.3L43.2 20.7L43.2 27.3L38.0 27.7L36.5 31.3L39.9 35.3L35.3 39.9L31.3 36.5L27.7 38.0L27.3 43.2L20.7 43.2L20.3 38.0L16.7 36.5L12.7 39.9L8.1 35.3L11.5 31.3L10.0 27.7L4.8 27.3L4.8 20.7L10.0 20.3L11.5 16.7L8.1 12.7L12.7 8.1L16.7 11.5z'/><circle cx='24' cy='24' r='6'/>";
    Language, "language", "言葉",
        "<circle cx='24' cy='24' r='20'/><ellipse cx='24' cy='24' rx='8.5' ry='20'/><path d='M4 24h40M7 14h34M7 34h34'/>";
    Hospital, "hospital", "病院",
        "<path d='M17 5h14v12h12v14H31v12H17V31H5V17h12z'/>";
}

impl Icon {
    /// The icon of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|icon| icon.name() == name)
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
