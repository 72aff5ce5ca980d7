//! A formula as a sentence for officials.

use super::{Expression, Function, Operator};
use crate::form::condition::Scope;

impl Expression {
    /// 「『頭数』 × 550」.
    pub fn words(&self, scope: &Scope<'_>) -> String {
        let label = |key: &str| {
            scope.question(key).map_or_else(|| format!("「{key}」"), |q| format!("「{}」", q.label))
        };
        let inner = |x: &Self, least: u8| {
            if x.binds() < least { format!("（{}）", x.words(scope)) } else { x.words(scope) }
        };
        match self {
            Self::Number(n) => n.words(),
            Self::Question(key) => label(key),
            Self::Each(group, key) => {
                let found = scope.question(group);
                let of = found
                    .and_then(|g| g.inner().iter().find(|q| q.key == *key))
                    .map_or(key.as_str(), |q| &q.label);
                format!("{}ごとの「{of}」", label(group))
            }
            Self::Word(key) => format!("「{key}」"),
            Self::Negate(x) => format!("－{}", inner(x, 6)),
            Self::Not(x) => format!("（{}）ではない", x.words(scope)),
            Self::Binary(operator, a, b) => {
                let binds = operator.binds();
                let (a, b) = (inner(a, if binds == 3 { 4 } else { binds }), inner(b, binds + 1));
                match operator {
                    Operator::Or => format!("{a}、または{b}"),
                    Operator::And => format!("{a}、かつ{b}"),
                    Operator::Equal => format!("{a}が{b}と同じ"),
                    Operator::Unequal => format!("{a}が{b}と違う"),
                    Operator::Less => format!("{a}が{b}より小さい"),
                    Operator::AtMost => format!("{a}が{b}以下"),
                    Operator::Greater => format!("{a}が{b}より大きい"),
                    Operator::AtLeast => format!("{a}が{b}以上"),
                    Operator::Plus => format!("{a} ＋ {b}"),
                    Operator::Minus => format!("{a} － {b}"),
                    Operator::Times => format!("{a} × {b}"),
                    Operator::Over => format!("{a} ÷ {b}"),
                }
            }
            Self::Call(function, list) => {
                let words: Vec<String> = list.iter().map(|x| x.words(scope)).collect();
                let all = words.join("と");
                let places = || words.get(1).map_or_else(String::new, |p| format!("、小数{p}けた"));
                let first = words.first().map_or("", String::as_str);
                let second = words.get(1).map_or("", String::as_str);
                match function {
                    Function::If => format!(
                        "（{first}なら{second}、そうでなければ{}）",
                        words.get(2).map_or("", String::as_str)
                    ),
                    Function::Min => format!("{all}のうち最も小さい数"),
                    Function::Max => format!("{all}のうち最も大きい数"),
                    Function::Round => format!("（{first}を四捨五入{}）", places()),
                    Function::Floor => format!("（{first}を切り捨て{}）", places()),
                    Function::Ceil => format!("（{first}を切り上げ{}）", places()),
                    Function::Abs => format!("{first}の大きさ"),
                    Function::Sum => format!("{all}の合計"),
                    Function::Count => format!("{first}の数"),
                    Function::Age if list.len() > 1 => {
                        format!("{first}に生まれた人の{second}の年齢")
                    }
                    Function::Age => format!("{first}に生まれた人のきょうの年齢"),
                    Function::Days => format!("{first}から{second}までの日数"),
                    Function::Today => "きょう".into(),
                    Function::OrElse => format!("（{first}、答えがなければ{second}）"),
                    Function::Chosen => match list.as_slice() {
                        [Self::Question(key), Self::Word(option)] => {
                            let options = scope.question(key).map_or(&[][..], |q| q.ask.options());
                            let found = options.iter().find(|o| o.key == *option);
                            format!("{first}が「{}」", found.map_or(option.as_str(), |o| &o.label))
                        }
                        _ => format!("{first}が{second}"),
                    },
                    Function::Points => format!("{first}で選んだものの値"),
                    Function::Answered => format!("{first}に答えた"),
                }
            }
        }
    }
}
