//! Working a formula out. Never fails: what cannot be worked out is missing.

use super::{Expression, Function, Operator, Value};
use crate::form::answer::Answer;
use crate::form::condition::{Scope, number_of};
use crate::form::decimal::Decimal;
use crate::form::definition::Question;
use crate::time::Date;

/// The points of the chosen options together.
fn points(question: Option<&Question>, answer: &Answer) -> Option<Decimal> {
    let options = question?.ask.options();
    let keys = match answer {
        Answer::Chosen { keys, .. } => keys.as_slice(),
        Answer::Area(key) => std::slice::from_ref(key),
        _ => return None,
    };
    let of = |key: &String| options.iter().find(|o| o.key == *key).and_then(|o| o.points);
    let mut found = keys.iter().filter_map(of);
    let first = found.next()?;
    found.try_fold(first, Decimal::plus)
}

/// The days on which a formula can count: any that a date question accepts, and far around.
fn date(days: i64) -> Option<Date> {
    (-1_000_000..=3_000_000).contains(&days).then(|| Date::from_days(days))
}

impl Expression {
    /// What it comes to; nothing if an answer is missing, a number too large, something is
    /// divided by zero, or the types do not fit.
    pub fn value(&self, scope: &Scope<'_>) -> Option<Value> {
        match self {
            Self::Number(n) => Some(Value::Number(*n)),
            Self::Question(key) => match scope.answer(key)? {
                Answer::Date(date) => Some(Value::Day(date.days())),
                Answer::Agreed => Some(Value::Truth(true)),
                answer => number_of(answer).map(Value::Number),
            },
            Self::Each(..) | Self::Word(_) => None,
            Self::Negate(x) => x.number(scope).map(|n| Value::Number(n.negated())),
            Self::Not(x) => x.truth(scope).map(|t| Value::Truth(!t)),
            Self::Binary(operator, a, b) => binary(*operator, a, b, scope),
            Self::Call(function, list) => call(*function, list, scope),
        }
    }

    /// What it comes to, if that is a number.
    pub fn number(&self, scope: &Scope<'_>) -> Option<Decimal> {
        match self.value(scope)? {
            Value::Number(n) => Some(n),
            _ => None,
        }
    }

    fn truth(&self, scope: &Scope<'_>) -> Option<bool> {
        match self.value(scope)? {
            Value::Truth(t) => Some(t),
            _ => None,
        }
    }

    fn day(&self, scope: &Scope<'_>) -> Option<i64> {
        match self.value(scope)? {
            Value::Day(d) => Some(d),
            _ => None,
        }
    }

    /// All numbers that it stands for: of each of a group, those that are answered.
    fn numbers(&self, scope: &Scope<'_>) -> Vec<Option<Decimal>> {
        let Self::Each(group, key) = self else { return vec![self.number(scope)] };
        let Some(Answer::Group(items)) = scope.answer(group) else { return Vec::new() };
        let question = scope.question(group).and_then(|g| g.inner().iter().find(|q| q.key == *key));
        let answers = items.iter().filter_map(|item| item.get(key));
        answers.filter_map(|a| number_of(a).or_else(|| points(question, a))).map(Some).collect()
    }
}

fn binary(operator: Operator, a: &Expression, b: &Expression, scope: &Scope<'_>) -> Option<Value> {
    match operator {
        // What is decided by one side alone does not need the other.
        Operator::And | Operator::Or => {
            let (a, b) = (a.truth(scope), b.truth(scope));
            let decides = operator == Operator::Or;
            if a == Some(decides) || b == Some(decides) {
                return Some(Value::Truth(decides));
            }
            a.and(b).map(|_| Value::Truth(!decides))
        }
        Operator::Plus => a.number(scope)?.plus(b.number(scope)?).map(Value::Number),
        Operator::Minus => a.number(scope)?.minus(b.number(scope)?).map(Value::Number),
        Operator::Times => a.number(scope)?.times(b.number(scope)?).map(Value::Number),
        Operator::Over => a.number(scope)?.over(b.number(scope)?).map(Value::Number),
        _ => {
            let order = match (a.value(scope)?, b.value(scope)?) {
                (Value::Number(a), Value::Number(b)) => a.cmp(&b),
                (Value::Day(a), Value::Day(b)) => a.cmp(&b),
                _ => return None,
            };
            Some(Value::Truth(match operator {
                Operator::Equal => order.is_eq(),
                Operator::Unequal => order.is_ne(),
                Operator::Less => order.is_lt(),
                Operator::AtMost => order.is_le(),
                Operator::Greater => order.is_gt(),
                _ => order.is_ge(),
            }))
        }
    }
}

fn call(function: Function, list: &[Expression], scope: &Scope<'_>) -> Option<Value> {
    let answer = |x: &Expression| match x {
        Expression::Question(key) => scope.answer(key),
        _ => None,
    };
    let number = match (function, list) {
        (Function::If, [condition, then, otherwise]) => {
            return if condition.truth(scope)? {
                then.value(scope)
            } else {
                otherwise.value(scope)
            };
        }
        (Function::OrElse, [first, second]) => {
            return first.value(scope).or_else(|| second.value(scope));
        }
        (Function::Today, _) => return Some(Value::Day(scope.today.days())),
        (Function::Answered, [x]) => return Some(Value::Truth(answer(x).is_some())),
        (Function::Chosen, [x, Expression::Word(key)]) => {
            return Some(Value::Truth(match answer(x) {
                Some(Answer::Chosen { keys, .. }) => keys.contains(key),
                Some(Answer::Area(area)) => area == key,
                _ => false,
            }));
        }
        (Function::Min | Function::Max | Function::Sum, list) => {
            let all: Option<Vec<Decimal>> = list.iter().flat_map(|x| x.numbers(scope)).collect();
            let all = all?;
            match function {
                Function::Min => all.into_iter().min()?,
                Function::Max => all.into_iter().max()?,
                _ => all.into_iter().try_fold(Decimal::ZERO, Decimal::plus)?,
            }
        }
        (Function::Round | Function::Floor | Function::Ceil, [x, places @ ..]) => {
            let places = match places.first() {
                Some(places) => places.number(scope)?.as_whole()?.clamp(0, 6) as u8,
                None => 0,
            };
            let x = x.number(scope)?;
            match function {
                Function::Round => x.rounded(places),
                Function::Floor => x.floor(places),
                _ => x.ceil(places),
            }
        }
        (Function::Abs, [x]) => x.number(scope)?.abs(),
        (Function::Count, [x]) => Decimal::small(match answer(x) {
            Some(Answer::Group(items)) => items.len(),
            Some(Answer::Chosen { keys, .. }) => keys.len(),
            Some(Answer::Files(ids)) => ids.len(),
            _ => 0,
        } as i32),
        (Function::Points, [Expression::Question(key)]) => {
            points(scope.question(key), scope.answer(key)?)?
        }
        (Function::Age, [born, on @ ..]) => {
            let on = match on.first() {
                Some(on) => date(on.day(scope)?)?,
                None => scope.today,
            };
            Decimal::small(date(born.day(scope)?)?.age_on(on))
        }
        (Function::Days, [from, to]) => Decimal::whole(to.day(scope)? - from.day(scope)?)?,
        _ => return None,
    };
    Some(Value::Number(number))
}
