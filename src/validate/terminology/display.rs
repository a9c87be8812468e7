//! Whether words given for a code are its words, compared as the reference validator does: case does not matter; other
//! white space is told apart from other words. Looks nothing up.

use std::sync::Arc;

/// How two wordings compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    Other,
    /// The same but for white space.
    Spaced,
    /// The same but for case.
    Same,
}

/// The best likeness of the words given with any of those expected.
pub(super) fn likeness(given: &str, expected: &[Arc<str>]) -> Likeness {
    let one = |words: &str| {
        if folded(given).eq(folded(words)) {
            Likeness::Same
        } else if spaced(given) == spaced(words) {
            Likeness::Spaced
        } else {
            Likeness::Other
        }
    };
    expected.iter().map(|words| one(words)).max().unwrap_or(Likeness::Other)
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn spaced(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Likeness, likeness};

    #[test]
    fn case_does_not_matter_and_white_space_is_told_apart() {
        let table = [
            ("Male", Likeness::Same),
            ("MALE", Likeness::Same),
            (" male", Likeness::Spaced),
            ("Not known", Likeness::Same),
            ("not   known ", Likeness::Spaced),
            ("notknown", Likeness::Other),
            ("", Likeness::Other),
        ];
        for (given, expected) in table {
            assert_eq!(likeness(given, &["Male".into(), "Not known".into()]), expected, "{given:?}");
        }
        assert_eq!(likeness("x", &[]), Likeness::Other);
    }
}
