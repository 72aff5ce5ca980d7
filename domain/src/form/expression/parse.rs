//! Reading a formula.

use super::{Expression, FUNCTIONS, Operator};
use std::str::FromStr;

/// Longest formula, in bytes.
pub const TEXT_MAX: usize = 500;
/// Most brackets and functions within each other.
const DEPTH_MAX: usize = 24;

/// Why a formula is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// At which byte.
    pub at: usize,
    /// Plain Japanese: what is wrong there.
    pub message: String,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, Unreadable>;

impl FromStr for Expression {
    type Err = Unreadable;

    fn from_str(text: &str) -> Read<Self> {
        let mut parser = Parser { text, at: 0 };
        if text.len() > TEXT_MAX {
            return parser.fail(format!("計算の式は、{TEXT_MAX}文字までにしてください"));
        }
        let read = parser.level(1, 0)?;
        parser.space();
        if parser.at < text.len() {
            return parser.fail("ここから先が読み取れません。記号が足りないか、多すぎます");
        }
        Ok(read)
    }
}

impl<'a> Parser<'a> {
    fn fail<T>(&self, message: impl Into<String>) -> Read<T> {
        Err(Unreadable { at: self.at, message: message.into() })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\n', '\t']).len();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// A word of letters, digits and `_`, not beginning with a digit.
    fn word(&mut self) -> Option<&'a str> {
        self.space();
        let rest = self.rest();
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let word = &rest[..length];
        if word.is_empty() || word.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        self.at += length;
        Some(word)
    }

    fn operator(&mut self, level: u8) -> Option<Operator> {
        use Operator::{
            And, AtLeast, AtMost, Equal, Greater, Less, Minus, Or, Over, Plus, Times, Unequal,
        };
        let of_level: &[Operator] = match level {
            1 => &[Or],
            2 => &[And],
            // The longer ones first.
            3 => &[AtMost, AtLeast, Unequal, Equal, Less, Greater],
            4 => &[Plus, Minus],
            _ => &[Times, Over],
        };
        let start = self.at;
        for operator in of_level {
            let sign = operator.sign();
            if level > 2 {
                if self.take(sign) {
                    return Some(*operator);
                }
            } else if self.word() == Some(sign) {
                return Some(*operator);
            }
            self.at = start;
        }
        None
    }

    fn level(&mut self, level: u8, depth: usize) -> Read<Expression> {
        if level == 6 {
            return self.single(depth);
        }
        let mut left = self.level(level + 1, depth)?;
        while let Some(operator) = self.operator(level) {
            let right = self.level(level + 1, depth)?;
            left = Expression::Binary(operator, left.into(), right.into());
            if level == 3 {
                break;
            }
        }
        Ok(left)
    }

    fn single(&mut self, depth: usize) -> Read<Expression> {
        if depth > DEPTH_MAX {
            return self.fail("かっこが深すぎます。計算の質問を分けてください");
        }
        if self.take("-") {
            return Ok(Expression::Negate(self.single(depth + 1)?.into()));
        }
        if self.take("(") {
            let inner = self.level(1, depth + 1)?;
            return if self.take(")") {
                Ok(inner)
            } else {
                self.fail("「)」で閉じてください")
            };
        }
        if self.take("\"") {
            let Some((key, _)) = self.rest().split_once('"') else {
                return self.fail("「\"」で閉じてください");
            };
            if key.is_empty()
                || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
            {
                return self.fail("「\"」の間には、選択肢のキーを書いてください");
            }
            self.at += key.len() + 1;
            return Ok(Expression::Word(key.to_owned()));
        }
        self.space();
        let digits = self.rest().bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        if digits > 0 {
            let Ok(number) = self.rest()[..digits].parse() else {
                return self.fail("数が読み取れません。小数点より下は6けたまでです");
            };
            self.at += digits;
            return Ok(Expression::Number(number));
        }
        let start = self.at;
        match self.word() {
            None => self.fail("ここに、数か質問のキーが必要です"),
            Some("not") => Ok(Expression::Not(self.single(depth + 1)?.into())),
            Some("and" | "or") => {
                self.at = start;
                self.fail("ここに、数か質問のキーが必要です")
            }
            Some(word) if self.take("(") => self.call(word, start, depth),
            Some(group) if self.rest().starts_with('.') => {
                self.at += 1;
                match self.word() {
                    Some(key) => Ok(Expression::Each(group.to_owned(), key.to_owned())),
                    None => self.fail("「.」のあとに、質問のキーが必要です"),
                }
            }
            Some(key) => Ok(Expression::Question(key.to_owned())),
        }
    }

    fn call(&mut self, word: &str, start: usize, depth: usize) -> Read<Expression> {
        let Some((_, function, least, most)) = FUNCTIONS.iter().find(|f| f.0 == word) else {
            self.at = start;
            return self.fail(format!("「{word}」という計算はありません"));
        };
        let mut list = Vec::new();
        if !self.take(")") {
            loop {
                list.push(self.level(1, depth + 1)?);
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    return self.fail("「,」か「)」が必要です");
                }
            }
        }
        if !(*least..=*most).contains(&list.len()) {
            self.at = start;
            return self.fail(format!("「{word}」に渡す数が、多いか足りません"));
        }
        Ok(Expression::Call(*function, list))
    }
}
