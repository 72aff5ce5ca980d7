//! Exact decimal numbers: money and measures are never floats.
//!
//! Six places after the point, up to ±1,000,000,000,000. Sums and differences are exact;
//! products and quotients are rounded half away from zero at the sixth place.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const UNIT: i64 = 1_000_000;
const PLACES: u32 = 6;
const MAX: i64 = 1_000_000_000_000 * UNIT;

/// A number with at most six places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

/// No number that can be kept: other characters, too large, or more than six places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDecimal;

impl Decimal {
    /// 0.
    pub const ZERO: Self = Self(0);
    /// The smallest step: 0.000001.
    pub const STEP: Self = Self(1);

    fn of(units: i128) -> Option<Self> {
        i64::try_from(units).ok().filter(|u| u.unsigned_abs() <= MAX.unsigned_abs()).map(Self)
    }

    /// A whole number; nothing beyond ±10¹².
    pub fn whole(n: i64) -> Option<Self> {
        Self::of(i128::from(n) * i128::from(UNIT))
    }

    /// Of a small whole number.
    pub fn small(n: i32) -> Self {
        Self(i64::from(n) * UNIT)
    }

    /// The whole number, if it is one.
    pub fn as_whole(self) -> Option<i64> {
        (self.0 % UNIT == 0).then_some(self.0 / UNIT)
    }

    /// The sum; nothing if it is too large.
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::of(i128::from(self.0) + i128::from(other.0))
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Option<Self> {
        Self::of(i128::from(self.0) - i128::from(other.0))
    }

    /// The product, rounded.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::of(divide(i128::from(self.0) * i128::from(other.0), i128::from(UNIT)))
    }

    /// The quotient, rounded; nothing if divided by zero.
    pub fn over(self, other: Self) -> Option<Self> {
        if other.0 == 0 {
            return None;
        }
        Self::of(divide(i128::from(self.0) * i128::from(UNIT), i128::from(other.0)))
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Rounded half away from zero (四捨五入) to so many places; as it is from six on.
    #[must_use]
    pub fn rounded(self, places: u8) -> Self {
        let step = step(places);
        Self::of(divide(self.0.into(), step.into()) * i128::from(step)).unwrap_or(self)
    }

    /// The greatest number of so many places that is not greater (切り捨て).
    #[must_use]
    pub fn floor(self, places: u8) -> Self {
        let step = step(places);
        Self::of(i128::from(self.0.div_euclid(step)) * i128::from(step)).unwrap_or(self)
    }

    /// The smallest number of so many places that is not smaller (切り上げ).
    #[must_use]
    pub fn ceil(self, places: u8) -> Self {
        self.negated().floor(places).negated()
    }

    /// How many whole `step`s lie between `from` and this; nothing if it is not on a step.
    pub fn steps_from(self, from: Self, step: Self) -> Option<i64> {
        let away = i128::from(self.0) - i128::from(from.0);
        let step = i128::from(step.0);
        (step > 0 && away % step == 0).then(|| i64::try_from(away / step).ok())?
    }

    /// 「1,234.5」.
    pub fn words(self) -> String {
        let plain = self.to_string();
        let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), ""), |(w, r)| (w, r));
        let grouped = crate::time::thousands(whole.trim_start_matches('-').parse().unwrap_or(0));
        let sign = if self.0 < 0 { "-" } else { "" };
        if rest.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{rest}") }
    }
}

/// `a ÷ b`, half away from zero.
fn divide(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    if rest.abs() * 2 >= b.abs() {
        quotient + if (a < 0) == (b < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}

fn step(places: u8) -> i64 {
    10i64.pow(PLACES.saturating_sub(u32::from(places)))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.abs() / UNIT, self.0.abs() % UNIT);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if rest != 0 {
            let digits = format!("{rest:06}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl FromStr for Decimal {
    type Err = NoDecimal;

    /// Plain ASCII: `-12.5`. What people type goes through `normal::number` first.
    fn from_str(text: &str) -> Result<Self, NoDecimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
        let all = |t: &str, max: usize| {
            !t.is_empty() && t.len() <= max && t.bytes().all(|b| b.is_ascii_digit())
        };
        if !all(whole, 15) || !all(rest, PLACES as usize) {
            return Err(NoDecimal);
        }
        let whole: i128 = whole.parse().map_err(|_| NoDecimal)?;
        let rest: i128 = format!("{rest:0<6}").parse().map_err(|_| NoDecimal)?;
        let units = whole * i128::from(UNIT) + rest;
        Self::of(if negative { -units } else { units }).ok_or(NoDecimal)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    /// From `"12.5"`, or a whole JSON number; fractions as JSON numbers are refused, since
    /// they pass through floats.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("invalid decimal");
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => text.parse().map_err(|NoDecimal| wrong()),
            serde_json::Value::Number(n) => n.as_i64().and_then(Self::whole).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(d("0.1").plus(d("0.2")), Some(d("0.3")));
        assert_eq!(d("1.1").times(d("1.1")), Some(d("1.21")));
        assert_eq!(d("2").over(d("3")), Some(d("0.666667")));
        assert_eq!(d("-2").over(d("3")), Some(d("-0.666667")));
        assert_eq!(d("1").over(Decimal::ZERO), None);
        assert_eq!(d("1000000000000").plus(Decimal::STEP), None);
        assert_eq!(d("-2.5").rounded(0), d("-3"));
        assert_eq!((d("-2.5").floor(0), d("-2.5").ceil(0)), (d("-3"), d("-2")));
        assert_eq!(d("1234567.5").words(), "1,234,567.5");
        assert_eq!(d("-0.5").words(), "-0.5");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in ["", "-", ".5", "5.", "1e3", "+1", "1.1234567", "1000000000001", "１", " 1"] {
            assert_eq!(bad.parse::<Decimal>(), Err(NoDecimal), "{bad}");
        }
        assert!(serde_json::from_str::<Decimal>("1.5").is_err());
        assert_eq!(serde_json::from_str::<Decimal>("3").unwrap(), d("3"));
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(units in -MAX..=MAX) {
            let n = Decimal(units);
            prop_assert_eq!(n.to_string().parse(), Ok(n));
        }

        #[test]
        fn sums_can_be_undone(a in -MAX/2..MAX/2, b in -MAX/2..MAX/2) {
            let (a, b) = (Decimal(a), Decimal(b));
            prop_assert_eq!(a.plus(b).and_then(|s| s.minus(b)), Some(a));
        }

        #[test]
        fn products_are_total(a in -MAX..=MAX, b in -MAX..=MAX, places in 0u8..9) {
            let (a, b) = (Decimal(a), Decimal(b));
            let _total = (a.times(b), a.over(b), a.rounded(places), a.floor(places), a.ceil(places));
            prop_assert!(a.floor(places) <= a && a <= a.ceil(places));
        }
    }
}
