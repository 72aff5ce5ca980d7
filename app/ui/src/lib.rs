//! The design system of Kairan: tokens (in `style/`), icons, fields, the shell,
//! states, charts, the certificate's paper, and the renderer of LINE's messages
//! that the console's preview and `/phone` share.
//!
//! Everything is native first (`<a>`, `<form>`, `<details>`, `<dialog>`,
//! popover), so that a page reads and works before wasm arrives. No component
//! writes an inline `style`: the content security policy forbids it.
#![warn(missing_docs)]
// Views are deep types; the compiler has to walk them.
#![recursion_limit = "256"]

pub mod address;
pub mod button;
pub mod certificate;
pub mod chart;
pub mod choice;
pub mod cut;
pub mod dialog;
pub mod error;
pub mod field;
pub mod focus;
pub mod form;
pub mod icon;
pub mod mosaic;
pub mod page;
pub mod password;
pub mod phone;
pub mod purpose;
#[cfg(feature = "ssr")]
pub mod server;
pub mod shell;
pub mod signin;
pub mod states;
pub mod status;
pub mod table;
pub mod time;
pub mod toast;

pub use error::AppError;

/// What the window is told before the router follows the browser's arrows; whoever prevents it
/// has the page stay.
pub const LEAVING: &str = "kairan-leaving";

/// Everything that a page needs.
pub mod prelude {
    pub use crate::button::{Button, IconButton, Kind, LinkButton, Size};
    pub use crate::certificate::{
        Approval, ApprovalCell, Certificate, Stamp, StampData, SumCheck, SumPart, SumRow,
    };
    pub use crate::chart::{
        Bar, BarList, Breakdown, ChartPanel, DataTable, LineChart, Narrowing, Note, Point,
    };
    pub use crate::choice::{
        CheckCard, Checkbox, ErrorSummary, Fieldset, Radio, RadioCard, SummaryItem,
    };
    pub use crate::cut::CutCanvas;
    pub use crate::dialog::{ConfirmDialog, open_while};
    pub use crate::error::AppError;
    pub use crate::field::{FieldError, Required, Select, TextArea, TextField};
    pub use crate::focus::{focus_soon, keep_focus, keep_focus_after};
    pub use crate::form::{FormQuestion, FreeControls};
    pub use crate::icon::{Emblem, Icon, IconName, Mark};
    pub use crate::mosaic::{CallMosaic, CallState};
    pub use crate::page::{Banner, Page, PageTitle, Panel, Tone};
    pub use crate::password::Password;
    pub use crate::phone::{
        Entry, LiffSheet, LockScreenNotice, MenuBar, Phone, PhonePreview, QuickReplies, RichMenu,
        SheetHeight, Talk,
    };
    pub use crate::purpose::{Purpose, PurposeBar, PurposeLook, PurposeTag};
    pub use crate::shell::{
        ConsoleShell, Counter, CounterMark, EditorBar, NavGroup, NavItem, OnEmergency, OverPages,
        Who,
    };
    pub use crate::signin::TileField;
    pub use crate::states::{
        Aged, EmptyState, ErrorPage, JobProgress, NoMatch, ProgressBar, Skeleton,
    };
    pub use crate::status::{Status, StatusMark, StatusShape};
    pub use crate::table::{
        FilterChip, FilterOption, Pager, RowMenu, SearchBox, Segment, Segmented, SegmentedRadio,
        Sort, SortHeader, Tabs,
    };
    pub use crate::time::{ago, count, most, share, things, thousands};
    pub use crate::toast::{ToastRegion, provide_toasts, use_offers, use_toasts};
}
