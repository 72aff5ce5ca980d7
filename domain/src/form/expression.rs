//! Formulas (計算): a small language over the answers, with exact numbers.
//!
//! ```text
//! number × days:   people * days(from, to) * 300
//! choice:          if(chosen(plan, "full"), 3000, 1500)
//! group:           sum(dogs.fee) + count(dogs) * 550
//! ```
//!
//! Whatever is missing makes the result missing; `or_else(x, 0)` says what stands in for it.
//! A formula is text in a definition, checked for its types before it is published, and told
//! to officials as a sentence.

mod evaluate;
mod parse;
mod types;
mod words;

use super::decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

pub use parse::{TEXT_MAX, Unreadable};
pub use types::Type;

/// A formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A number that is not negative.
    Number(Decimal),
    /// The answer to a question.
    Question(String),
    /// The answers of each of a group: `dogs.fee`.
    Each(String, String),
    /// An option's key in quotes.
    Word(String),
    /// `-x`.
    Negate(Box<Self>),
    /// `not x`.
    Not(Box<Self>),
    /// `a + b`, `a >= b`, `a and b`.
    Binary(Operator, Box<Self>, Box<Self>),
    /// `round(x, 0)`.
    Call(Function, Vec<Self>),
}

/// What stands between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// または.
    Or,
    /// かつ.
    And,
    /// Equal.
    Equal,
    /// Not equal.
    Unequal,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
    /// Sum.
    Plus,
    /// Difference.
    Minus,
    /// Product.
    Times,
    /// Quotient.
    Over,
}

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `if(condition, then, else)`.
    If,
    /// The smallest.
    Min,
    /// The greatest.
    Max,
    /// 四捨五入 to so many places (none given: whole).
    Round,
    /// 切り捨て.
    Floor,
    /// 切り上げ.
    Ceil,
    /// Without sign.
    Abs,
    /// The sum of all that are answered.
    Sum,
    /// How many items a group has, or options or files an answer.
    Count,
    /// 満年齢 of a date, on today or on a second date.
    Age,
    /// Days from the first date to the second.
    Days,
    /// The day on which it is asked.
    Today,
    /// The first, or the second where it is missing.
    OrElse,
    /// Whether an option is chosen.
    Chosen,
    /// The points of the chosen options together.
    Points,
    /// Whether it is answered.
    Answered,
}

/// Name and number of arguments of each function.
const FUNCTIONS: [(&str, Function, usize, usize); 16] = [
    ("if", Function::If, 3, 3),
    ("min", Function::Min, 1, 10),
    ("max", Function::Max, 1, 10),
    ("round", Function::Round, 1, 2),
    ("floor", Function::Floor, 1, 2),
    ("ceil", Function::Ceil, 1, 2),
    ("abs", Function::Abs, 1, 1),
    ("sum", Function::Sum, 1, 10),
    ("count", Function::Count, 1, 1),
    ("age", Function::Age, 1, 2),
    ("days", Function::Days, 2, 2),
    ("today", Function::Today, 0, 0),
    ("or_else", Function::OrElse, 2, 2),
    ("chosen", Function::Chosen, 2, 2),
    ("points", Function::Points, 1, 1),
    ("answered", Function::Answered, 1, 1),
];

/// What a formula comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(Decimal),
    /// True or not.
    Truth(bool),
    /// A day, as days since 1970-01-01.
    Day(i64),
}

impl Function {
    /// Its name in a formula.
    pub fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|f| f.1 == self).map_or("", |f| f.0)
    }
}

impl Operator {
    /// Its sign in a formula.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
        }
    }

    /// How close it binds; comparisons do not chain.
    fn binds(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Plus | Self::Minus => 4,
            Self::Times | Self::Over => 5,
            _ => 3,
        }
    }
}

impl Expression {
    fn binds(&self) -> u8 {
        match self {
            Self::Binary(operator, ..) => operator.binds(),
            Self::Not(_) | Self::Negate(_) => 6,
            _ => 7,
        }
    }

    /// The keys of all questions that it names, in order and maybe repeated.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Question(key) | Self::Each(key, _) => vec![key.clone()],
            Self::Number(_) | Self::Word(_) => Vec::new(),
            Self::Negate(x) | Self::Not(x) => x.names(),
            Self::Binary(_, a, b) => [a.names(), b.names()].concat(),
            Self::Call(_, list) => list.iter().flat_map(Self::names).collect(),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let put = |f: &mut fmt::Formatter<'_>, x: &Self, least: u8| {
            if x.binds() < least { write!(f, "({x})") } else { write!(f, "{x}") }
        };
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Question(key) => f.write_str(key),
            Self::Each(group, key) => write!(f, "{group}.{key}"),
            Self::Word(key) => write!(f, "\"{key}\""),
            Self::Negate(x) => {
                f.write_str("-")?;
                put(f, x, 6)
            }
            Self::Not(x) => {
                f.write_str("not ")?;
                put(f, x, 6)
            }
            Self::Binary(operator, a, b) => {
                let binds = operator.binds();
                // Left to right; comparisons never chain.
                put(f, a, if binds == 3 { 4 } else { binds })?;
                write!(f, " {} ", operator.sign())?;
                put(f, b, binds + 1)
            }
            Self::Call(function, list) => {
                write!(f, "{}(", function.name())?;
                for (i, x) in list.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{x}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|why: Unreadable| {
            serde::de::Error::custom(format!("formula: {}", why.message))
        })
    }
}

#[cfg(test)]
mod tests;
