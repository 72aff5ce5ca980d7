//! The one family of line icons (24 grid, stroke 1.75, round caps), the mark 回
//! and the city's emblem. Icons are always accompanied by a word and therefore
//! hidden from assistive technology.

use leptos::prelude::*;

/// One icon of the family: its path on the 24 grid.
///
/// The names are associated constants and not an enum, so that the linker
/// leaves out every icon that a bundle does not use (LIFF pages use few).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IconName(&'static str);

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        #[expect(non_upper_case_globals, reason = "the names read as an enum's; see the type's documentation")]
        impl IconName {
            $( $(#[$doc])* #[doc = concat!("The icon ", stringify!($name), ".")] pub const $name: Self = Self($path); )*
        }
        /// Every icon with its name, for the sample sheet.
        pub const ALL: &[(&str, IconName)] = &[$((stringify!($name), IconName::$name)),*];
    };
}

icons! {
    Home = "M4 10.5 12 4l8 6.5V19a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 19zM9.5 20.5v-6h5v6";
    Send = "M21 3 10.5 13.5M21 3l-6.5 18-4-7.5L3 9.5z";
    Target = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M7 12a5 5 0 1 0 10 0a5 5 0 1 0-10 0M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0";
    /// A rich menu: a sheet with areas.
    Menu = "M5 4h14a1.5 1.5 0 0 1 1.5 1.5v13A1.5 1.5 0 0 1 19 20H5a1.5 1.5 0 0 1-1.5-1.5v-13A1.5 1.5 0 0 1 5 4zM3.5 9h17M3.5 14.5h17M9.2 9v11M14.8 9v11";
    Table = "M5 4h14a1.5 1.5 0 0 1 1.5 1.5v13A1.5 1.5 0 0 1 19 20H5a1.5 1.5 0 0 1-1.5-1.5v-13A1.5 1.5 0 0 1 5 4zM3.5 9.3h17M3.5 14.6h17M10 9.3V20";
    Scenario = "M3.5 4.5h6.5v6H3.5zM14 15.5a3 3 0 1 0 6 0a3 3 0 1 0-6 0M15 4.5h5.5V10H15zM10 7.5h5M6.7 10.5V13a2.5 2.5 0 0 0 2.5 2.5H14";
    Form = "M6 3h12a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 18 21H6a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 6 3zM7.8 8.3 9 9.5l2-2.3M7.8 14.8 9 16l2-2.3M13.5 8.5h3M13.5 15h3";
    Inbox = "M3.5 13.5 6 5.5h12l2.5 8V18a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18zM3.5 13.5h5l1.5 2.5h4l1.5-2.5h5";
    Calendar = "M5 5h14a1.5 1.5 0 0 1 1.5 1.5V19a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 19V6.5A1.5 1.5 0 0 1 5 5zM3.5 10h17M8 3v4M16 3v4";
    Booking = "M5 5h14a1.5 1.5 0 0 1 1.5 1.5V19a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 19V6.5A1.5 1.5 0 0 1 5 5zM3.5 10h17M8 3v4M16 3v4M8.8 15l2.2 2.2 4-4.2";
    Pin = "M12 21.5s-7-6.3-7-11.5a7 7 0 0 1 14 0c0 5.2-7 11.5-7 11.5zM9.5 10a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0";
    Map = "M3.5 6.5l5.5-2.5 6 2.5 5.5-2.5v13.5l-5.5 2.5-6-2.5-5.5 2.5zM9 4v13.5M15 6.5V20";
    /// A report from a resident: a place with something to say.
    Report = "M12 21.5s-7-6.3-7-11.5a7 7 0 0 1 14 0c0 5.2-7 11.5-7 11.5zM12 6.5v4.3M12 13.6v.01";
    Shield = "M12 3 4.5 6v5.5c0 4.6 3 7.7 7.5 9.5 4.5-1.8 7.5-4.9 7.5-9.5V6zM8.8 12l2.3 2.3 4.2-4.5";
    People = "M5.5 8a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M2.5 20v-1.5A4.5 4.5 0 0 1 7 14h4a4.5 4.5 0 0 1 4.5 4.5V20M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.3a4.5 4.5 0 0 1 3.5 4.2V20";
    Person = "M8 8a4 4 0 1 0 8 0a4 4 0 1 0-8 0M4.5 20.5v-1A5.5 5.5 0 0 1 10 14h4a5.5 5.5 0 0 1 5.5 5.5v1";
    Chart = "M3.5 3.5v17h17M8 16.5v-4M12.2 16.5v-9M16.4 16.5v-6";
    Gear = "M9.2 12a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0-5.6 0M6 12a6 6 0 1 0 12 0a6 6 0 1 0-12 0M12 2.8V6M12 18v3.2M2.8 12H6M18 12h3.2M5.5 5.5l2.3 2.3M16.2 16.2l2.3 2.3M5.5 18.5l2.3-2.3M16.2 7.8l2.3-2.3";
    Siren = "M6.5 17v-4.5a5.5 5.5 0 0 1 11 0V17M4 20.5v-2A1.5 1.5 0 0 1 5.5 17h13a1.5 1.5 0 0 1 1.5 1.5v2zM12 2.5v1.8M4.2 5.2l1.4 1.4M19.8 5.2l-1.4 1.4M12 11.5V17";
    Bell = "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 18v.5a2 2 0 0 0 4 0V18M12 3v2";
    Help = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M9.4 9.6a2.6 2.6 0 1 1 3.8 2.3c-.8.4-1.2.9-1.2 1.8M12 16.8v.01";
    Search = "M4 10.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M15.3 15.3 20.5 20.5";
    Filter = "M4 7h16M7 12h10M10 17h4";
    Trash = "M4 6.5h16M9 6.5V4h6v2.5M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6";
    Drop = "M12 3s6.5 6.3 6.5 11a6.5 6.5 0 0 1-13 0C5.5 9.3 12 3 12 3zM9 14.5a3.2 3.2 0 0 0 2.7 3";
    Child = "M5.5 9.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M9.7 9v.01M14.3 9v.01M9.5 12a3.4 3.4 0 0 0 5 0M12 3c-1 1.4-.2 2.4.8 2.3M8 15.5 5.5 21M16 15.5l2.5 5.5M8.5 20.5h7";
    Hospital = "M9 3.5h6V9h5.5v6H15v5.5H9V15H3.5V9H9z";
    Bus = "M4.5 6A2.5 2.5 0 0 1 7 3.5h10A2.5 2.5 0 0 1 19.5 6v11.5h-15zM4.5 12h15M8 14.8v.01M16 14.8v.01M7 17.5V20M17 17.5V20";
    Heart = "M12 20S3.5 15 3.5 9A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8.5 2c0 6-8.5 11-8.5 11z";
    Building = "M4.5 20.5v-16h9v16M13.5 9.5h6v11M2.5 20.5h19M7.8 8.5h2.4M7.8 12h2.4M7.8 15.5h2.4M16.5 13v.01M16.5 16.5v.01";
    Tree = "M12 3a5 5 0 0 0-4 8 4 4 0 0 0 1 5h6a4 4 0 0 0 1-5 5 5 0 0 0-4-8zM12 10.5V21M9 21h6";
    Dog = "M5.5 10 4 4.5 8.5 6h7L20 4.5 18.5 10v4a6 6 0 0 1-6 6h-1a6 6 0 0 1-6-6zM9.5 11v.01M14.5 11v.01M12 14.5v1.5M10.5 16h3";
    Yen = "M6 3.5l6 8.5 6-8.5M12 12v8.5M7.5 13h9M7.5 16.5h9";
    Phone = "M6.5 3.5h3l1.5 4.5-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z";
    Smartphone = "M8.5 2.5h7A1.5 1.5 0 0 1 17 4v16a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 20V4a1.5 1.5 0 0 1 1.5-1.5zM11 18.5h2";
    Camera = "M3.5 8.5A1.5 1.5 0 0 1 5 7h3l1.5-2.5h5L16 7h3a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5zM8.5 13a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0";
    Video = "M4.5 6h10A1.5 1.5 0 0 1 16 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-10A1.5 1.5 0 0 1 3 16.5v-9A1.5 1.5 0 0 1 4.5 6zM16 10.5l5-3v9l-5-3";
    Qr = "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM20 14v2.5M17.5 20H20M14 20v.01";
    Undo = "M8 4 3.5 8.5 8 13M3.5 8.5H15a5.5 5.5 0 0 1 0 11h-4";
    Redo = "M16 4l4.5 4.5L16 13M20.5 8.5H9a5.5 5.5 0 0 0 0 11h4";
    Grip = "M8.9 5.5a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M13.9 5.5a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M8.9 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M13.9 12a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M8.9 18.5a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0M13.9 18.5a.6.6 0 1 0 1.2 0a.6.6 0 1 0-1.2 0";
    Branch = "M4.5 5.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M4.5 18.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M15.5 8a2 2 0 1 0 4 0a2 2 0 1 0-4 0M6.5 7.5v9M17.5 10c0 4.5-11 1.5-11 6.5";
    Lock = "M6.5 10.5h11A1.5 1.5 0 0 1 19 12v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19v-7a1.5 1.5 0 0 1 1.5-1.5zM8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.5v2";
    Eye = "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0";
    EyeOff = "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0M4.5 19.5l15-15";
    Download = "M12 4v11M7.5 10.5 12 15l4.5-4.5M4.5 19.5h15";
    Upload = "M12 15V4M7.5 8.5 12 4l4.5 4.5M4.5 19.5h15";
    Print = "M7 8.5v-5h10v5M7 17H4.5a1 1 0 0 1-1-1V9.5a1 1 0 0 1 1-1h15a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1H17M7 14h10v6.5H7z";
    Plus = "M12 5v14M5 12h14";
    Minus = "M5 12h14";
    Check = "M5 12.5 10 17.5 19.5 7";
    Cross = "M6 6l12 12M18 6 6 18";
    ChevronUp = "M6 15l6-6 6 6";
    ChevronDown = "M6 9l6 6 6-6";
    ChevronLeft = "M15 6l-6 6 6 6";
    ChevronRight = "M9 6l6 6-6 6";
    ArrowRight = "M4.5 12h15M13.5 6l6 6-6 6";
    ArrowUpDown = "M8 19V5M4.5 8.5 8 5l3.5 3.5M16 5v14M12.5 15.5 16 19l3.5-3.5";
    Pencil = "M4 20l1-4.5L16.2 4.3a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.5L8.5 19zM14.3 6.2l3.5 3.5";
    Copy = "M9.5 8.5H19a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H9.5A1.5 1.5 0 0 1 8 19v-9a1.5 1.5 0 0 1 1.5-1.5zM8 15.5H5A1.5 1.5 0 0 1 3.5 14V5A1.5 1.5 0 0 1 5 3.5h9A1.5 1.5 0 0 1 15.5 5v3.5";
    Info = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 11v5.5M12 7.6v.01";
    Warning = "M12 4 2.8 20h18.4zM12 10v4.7M12 17.3v.01";
    /// A drill's sign: the triangle alone.
    Triangle = "M12 4.5 3 19.5h18z";
    External = "M14 4h6v6M20 4l-9 9M18 14v4.5A1.5 1.5 0 0 1 16.5 20h-11A1.5 1.5 0 0 1 4 18.5v-11A1.5 1.5 0 0 1 5.5 6H10";
    Keyboard = "M4.5 6h15A1.5 1.5 0 0 1 21 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16.5v-9A1.5 1.5 0 0 1 4.5 6zM7 10v.01M10.3 10v.01M13.7 10v.01M17 10v.01M8 14h8";
    Hamburger = "M4 6.5h16M4 12h16M4 17.5h16";
    Bubble = "M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9.5a1.5 1.5 0 0 1-1.5 1.5H11l-4.5 4v-4h-2A1.5 1.5 0 0 1 3 15.5V6a1.5 1.5 0 0 1 1.5-1.5zM7.5 9h9M7.5 12.5h5.5";
    Globe = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18";
    List = "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5v.01M4.5 12v.01M4.5 17.5v.01";
    Clock = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 7v5l3.5 2.5";
    More = "M5.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M11.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M17.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0";
    Link = "M10 14a4 4 0 0 0 5.7 0l3.6-3.6a4 4 0 0 0-5.7-5.7L12.5 5.8M14 10a4 4 0 0 0-5.7 0l-3.6 3.6a4 4 0 0 0 5.7 5.7l1.1-1.1";
    Text = "M5 7.5V5h14v2.5M12 5v14M9.5 19h5";
    Image = "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM7.5 9.5a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0M3.5 17l5-4 4 3 4-4 4 3.5";
    Variable = "M7 5c-4 4-4 10 0 14M17 5c4 4 4 10 0 14M9.5 9.5l5 5M14.5 9.5l-5 5";
    Emoji = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8.5 14a4.2 4.2 0 0 0 7 0M9 9.5v.01M15 9.5v.01";
    Key = "M3.5 15.5a4 4 0 1 0 8 0a4 4 0 1 0-8 0M10.4 12.6 19.5 3.5M15 8l3 3M17.5 5.5 20 8";
    Reload = "M20 5v5h-5M19.5 10a8 8 0 1 0 .3 4.5";
    Speaker = "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15 9a4.2 4.2 0 0 1 0 6M17.7 6.3a8 8 0 0 1 0 11.4";
    Desktop = "M4.5 4.5h15A1.5 1.5 0 0 1 21 6v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.5zM12 16.5v3.5M8 20h8";
    Stop = "M7 7h10v10H7z";
    /// A stamp of approval.
    Stamp = "M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0M4.2 9.5h15.6M4.2 14.5h15.6";
    SplitVertical = "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM12 3v3M12 8.5v2.5M12 13.5V16M12 18.5V21";
    SplitHorizontal = "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM2 12h3M7.5 12H10M12.5 12h3M18 12h4";
    Merge = "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM6.5 12h4M8.7 9.8l2 2.2-2 2.2M17.5 12h-4M15.3 9.8l-2 2.2 2 2.2";
    Document = "M6 3h8l5 5v11.5a1.5 1.5 0 0 1-1.5 1.5H6a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 6 3zM14 3v5h5";
    Car = "M4 12.5 6 7a2 2 0 0 1 2-1.5h8A2 2 0 0 1 18 7l2 5.5M3.5 12.5h17v5.5h-17zM7 15.3v.01M17 15.3v.01M5.5 18v2M18.5 18v2";
    Smile = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8.5 13.5a4 4 0 0 0 7 0zM9 9.3v.01M15 9.3v.01";
    Evacuate = "M12 3.5 3 11v9.5h18V11zM12 9.5v6M9.3 12.8 12 15.5l2.7-2.7";
    Wave = "M3 9c2-2 4-2 6 0s4 2 6 0 4-2 6 0M3 14c2-2 4-2 6 0s4 2 6 0 4-2 6 0M3 19c2-2 4-2 6 0s4 2 6 0 4-2 6 0";
    SignOut = "M10 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H10M9.5 12H20M15.5 7.5 20 12l-4.5 4.5";
    Tag = "M3.5 11.5v-7h7l10 10-7 7zM7.5 8.5v.01";
}

/// One icon, hidden from assistive technology: the word beside it speaks.
#[component]
pub fn Icon(
    /// Which icon.
    name: IconName,
    /// Edge in px: 20 beside text, 24–28 in lists.
    #[prop(default = 20)]
    size: u16,
) -> impl IntoView {
    view! {
        <svg class="icon" width=size height=size viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=name.0 />
        </svg>
    }
}

/// The product's mark: the character 回 drawn as a speech bubble.
#[component]
pub fn Mark(
    /// Edge in px.
    #[prop(default = 20)]
    size: u16,
) -> impl IntoView {
    view! {
        <svg class="icon mark" width=size height=size viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M5 2.8h14A2.7 2.7 0 0 1 21.7 5.5v10.5A2.7 2.7 0 0 1 19 18.7H11.5L6.8 22v-3.3H5A2.7 2.7 0 0 1 2.3 16V5.5A2.7 2.7 0 0 1 5 2.8zM9 7.2h6A1.5 1.5 0 0 1 16.5 8.7v4A1.5 1.5 0 0 1 15 14.2H9a1.5 1.5 0 0 1-1.5-1.5v-4A1.5 1.5 0 0 1 9 7.2z" />
        </svg>
    }
}

/// The city's emblem: mountains over waves in a circle.
#[component]
pub fn Emblem(
    /// Edge in px.
    #[prop(default = 40)]
    size: u16,
) -> impl IntoView {
    view! {
        <svg class="emblem" width=size height=size viewBox="0 0 40 40" aria-hidden="true" focusable="false">
            <circle cx="20" cy="20" r="18.2" />
            <path class="emblem-fill" d="M5.5 23.8 14.6 11l4.7 6.3L24.8 10l9.7 13.8c-2.7 1.4-5 .9-7.3-.6-2.4-1.6-4.8-1.6-7.2 0-2.4 1.6-4.8 1.6-7.2 0-2.3-1.5-4.6-1.3-7.3.6z" />
            <path d="M5.4 27.6c2.4-1.9 5-2.1 7.4-.4 2.4 1.6 4.8 1.6 7.2 0 2.4-1.6 4.8-1.6 7.2 0 2.4 1.7 5 1.5 7.4-.4M9.5 33c1.5-.6 2.7-.4 4 .4 2.2 1.3 4.3 1.3 6.5 0 2.2-1.3 4.3-1.3 6.5 0 1.3.8 2.5 1 4 .4" />
        </svg>
    }
}
