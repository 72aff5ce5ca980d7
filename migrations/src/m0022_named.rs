//! For which days of its rule an occurrence of a series was made.

/// `delivery.named`: the days that the rule of the series named, as a list of days since 1970;
/// `delivery.occurrence` is the day on which it came, which a day off may have moved. Of a series
/// itself, whose next occurrence is due: for which days, where the days off have changed since.
/// Nothing of what a former release made.
pub(crate) const SQL: &str = r"
ALTER TABLE delivery ADD COLUMN named TEXT;
";
