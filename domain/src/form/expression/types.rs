//! What a formula comes to, before anybody has answered.

use super::{Expression, Function, Operator};
use crate::form::condition::Scope;
use crate::form::definition::{Ask, Question};

/// What kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Number,
    /// True or not.
    Truth,
    /// A day.
    Day,
}

impl Type {
    /// 「数」.
    pub fn words(self) -> &'static str {
        match self {
            Self::Number => "数",
            Self::Truth => "はい・いいえ",
            Self::Day => "日付",
        }
    }
}

fn of_question(question: &Question) -> Result<Type, String> {
    match question.ask {
        Ask::Number { .. } | Ask::Scale { .. } | Ask::Year { .. } | Ask::Calculation { .. } => {
            Ok(Type::Number)
        }
        Ask::Date { .. } => Ok(Type::Day),
        Ask::Consent { .. } => Ok(Type::Truth),
        _ => Err(format!(
            "「{}」（{}）は、そのままでは計算に使えません",
            question.label,
            question.ask.words()
        )),
    }
}

fn known<'a>(scope: &Scope<'a>, key: &str) -> Result<&'a Question, String> {
    scope.question(key).ok_or_else(|| format!("「{key}」という質問はありません"))
}

fn each<'a>(scope: &Scope<'a>, group: &str, key: &str) -> Result<&'a Question, String> {
    let inner = known(scope, group)?.inner();
    inner
        .iter()
        .find(|q| q.key == key)
        .ok_or_else(|| format!("くり返し「{group}」の中に「{key}」という質問はありません"))
}

impl Expression {
    /// What it comes to.
    ///
    /// # Errors
    /// In plain Japanese, what does not fit.
    pub fn type_of(&self, scope: &Scope<'_>) -> Result<Type, String> {
        let need = |x: &Self, needed: Type| match x.type_of(scope)? {
            found if found == needed => Ok(()),
            found => Err(format!(
                "「{x}」は{}ですが、ここには{}が必要です",
                found.words(),
                needed.words()
            )),
        };
        match self {
            Self::Number(_) => Ok(Type::Number),
            Self::Question(key) => of_question(known(scope, key)?),
            Self::Each(group, key) => {
                each(scope, group, key)?;
                Err(format!("「{group}.{key}」は、sum・min・max の中で使ってください"))
            }
            Self::Word(key) => Err(format!("「\"{key}\"」は、chosen の中で使ってください")),
            Self::Negate(x) => need(x, Type::Number).map(|()| Type::Number),
            Self::Not(x) => need(x, Type::Truth).map(|()| Type::Truth),
            Self::Binary(operator, a, b) => match operator {
                Operator::Or | Operator::And => {
                    need(a, Type::Truth)?;
                    need(b, Type::Truth).map(|()| Type::Truth)
                }
                Operator::Plus | Operator::Minus | Operator::Times | Operator::Over => {
                    need(a, Type::Number)?;
                    need(b, Type::Number).map(|()| Type::Number)
                }
                _ => {
                    let left = a.type_of(scope)?;
                    if left == Type::Truth {
                        return Err(format!("「{a}」は、大きさをくらべられません"));
                    }
                    need(b, left).map(|()| Type::Truth)
                }
            },
            Self::Call(function, list) => call(*function, list, scope, &need),
        }
    }
}

fn call(
    function: Function,
    list: &[Expression],
    scope: &Scope<'_>,
    need: &dyn Fn(&Expression, Type) -> Result<(), String>,
) -> Result<Type, String> {
    let question = |x: &Expression| match x {
        Expression::Question(key) => known(scope, key),
        other => Err(format!("「{other}」は質問ではありません。質問のキーを書いてください")),
    };
    match (function, list) {
        (Function::If, [condition, then, otherwise]) => {
            need(condition, Type::Truth)?;
            let found = then.type_of(scope)?;
            need(otherwise, found)?;
            Ok(found)
        }
        (Function::OrElse, [first, second]) => {
            let found = first.type_of(scope)?;
            need(second, found)?;
            Ok(found)
        }
        (Function::Min | Function::Max | Function::Sum, list) => {
            for x in list {
                match x {
                    Expression::Each(group, key) => {
                        let inner = each(scope, group, key)?;
                        let points = inner.ask.options().iter().any(|o| o.points.is_some());
                        if !points && of_question(inner)? != Type::Number {
                            return Err(format!("「{group}.{key}」は数ではありません"));
                        }
                    }
                    x => need(x, Type::Number)?,
                }
            }
            Ok(Type::Number)
        }
        (Function::Round | Function::Floor | Function::Ceil | Function::Abs, list) => {
            list.iter().try_for_each(|x| need(x, Type::Number))?;
            Ok(Type::Number)
        }
        (Function::Age | Function::Days, list) => {
            list.iter().try_for_each(|x| need(x, Type::Day))?;
            Ok(Type::Number)
        }
        (Function::Today, _) => Ok(Type::Day),
        (Function::Count, [x]) => match question(x)?.ask {
            Ask::Group { .. } | Ask::Many { .. } | Ask::Photo { .. } | Ask::File { .. } => {
                Ok(Type::Number)
            }
            _ => Err(format!(
                "「{x}」は数えられません。くり返しか、いくつでも選ぶ質問にしてください"
            )),
        },
        (Function::Points, [x]) => {
            let found = question(x)?;
            if found.ask.options().iter().any(|o| o.points.is_some()) {
                Ok(Type::Number)
            } else {
                Err(format!("「{}」の選択肢に、計算に使う値がありません", found.label))
            }
        }
        (Function::Chosen, [x, Expression::Word(key)]) => {
            let found = question(x)?;
            if found.ask.options().iter().any(|o| o.key == *key) {
                Ok(Type::Truth)
            } else {
                Err(format!("「{}」に「{key}」という選択肢はありません", found.label))
            }
        }
        (Function::Answered, [x]) => question(x).map(|_| Type::Truth),
        (function, _) => Err(format!("「{}」の使い方が違います", function.name())),
    }
}
