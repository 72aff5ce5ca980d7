//! Small closed sets whose members have a word in addresses and in the database.

/// `worded! { Order: Newest "newest", Oldest "oldest" }`: every member, its word, and what a
/// word means. A member without a word does not compile.
macro_rules! worded {
    ($of:ident: $($member:ident $word:literal),+ $(,)?) => {
        impl $of {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// The word in addresses and in the database.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)+
                }
            }

            /// What a word means; nothing if it is none of them.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.name() == name)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_read_as_what_it_is_written_for() {
        macro_rules! check {
            ($($of:ty),+) => {
                $(
                    let words: BTreeSet<&str> = <$of>::ALL.iter().map(|of| of.name()).collect();
                    assert_eq!(words.len(), <$of>::ALL.len(), "a word stands twice");
                    for of in <$of>::ALL {
                        assert_eq!(<$of>::parse(of.name()), Some(*of));
                    }
                    assert_eq!(<$of>::parse("; DROP"), None);
                )+
            };
        }
        check!(
            crate::delivery::Order,
            crate::form::inbox::Order,
            crate::form::inbox::Shown,
            crate::form::kept::Mailing,
            crate::form::kept::Order,
            crate::form::export::Kind,
            crate::form::export::State
        );
    }
}
