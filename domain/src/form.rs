//! Forms (フォーム): definitions that officials build, and the one evaluator for browser and
//! server (FORM-1).
//!
//! A definition ([`Form`]) is data, read strictly by [`read`]. [`evaluate`] says what is seen,
//! which answers count, what is to mend and how it ends; [`lint`] what stands against its
//! publication; [`migrate`] brings answers and drafts under another version; [`pack`] is the
//! file in which cities share forms; [`table`] and [`figure`] show the answers. The first form
//! is the registration (RES-2), made from the attributes by [`registration()`].

mod answer;
pub mod archive;
pub mod choice;
mod condition;
mod decimal;
mod definition;
pub mod difference;
pub mod edit;
pub mod eligible;
mod evaluate;
pub mod export;
pub mod expression;
pub mod figure;
mod free;
pub mod generate;
pub mod inbox;
pub mod kept;
mod kinds;
pub mod lint;
pub mod migrate;
pub mod mine;
pub mod normal;
pub mod pack;
mod read;
mod read_answer;
mod registration;
pub mod saved;
pub mod sheet;
pub mod table;
mod terms;

pub use answer::{Address, Answer, Answers, Name, Place, Submission, Values, time_words};
pub use condition::{Condition, Letters, Scope};
pub use decimal::{Decimal, NoDecimal};
pub use definition::{Ask, Check, FileType, Form, Opt, Page, Question, Stop};
pub use evaluate::{Asked, End, Outcome, evaluate, reevaluate};
pub use expression::Expression;
pub use free::{Parts, year_options};
pub use kinds::KINDS;
pub use read::{
    BYTES_MAX, GROUP_MAX, OPTIONS_MAX, PAGES_MAX, QUESTIONS_MAX, is_question_key, read, read_value,
};
pub use read_answer::SHORT_MAX;
pub use registration::{TALK_OPTIONS_MAX, registered, registration, talk_questions};
pub use terms::{ANSWERED_FOR, Door, Results, Status, Terms, receipt};

/// Key of the question 「届く回数」.
pub const RECEPTION: &str = "_reception";
/// Key of the question 「ことば」.
pub const LANGUAGE: &str = "_language";
/// The answer 「LINEの設定と同じ」: no choice of one's own.
pub const AS_LINE: &str = "line";
/// Key of the consent to the registration.
pub const CONSENT: &str = "_consent";
/// The answer 「同意する」.
pub const AGREED: &str = "yes";
/// The choice in a tree for those who live elsewhere, or do not want to say: clears the answer
/// of a registration.
pub const NOWHERE: &str = "_none";
/// The option that opens a line to write in (その他).
pub const OTHER: &str = "_other";

#[cfg(test)]
mod tests;
