//! Where a line may end: as Unicode has it (<https://www.unicode.org/reports/tr14/>), but not inside a telephone or NHS
//! number, which people read out and copy digit by digit, nor after a hyphen, which whatever takes the text out of a PDF
//! holds for a word cut in two.

use unicode_linebreak::BreakOpportunity;

/// Longest stretch of groups of digits that is kept on one line, in bytes.
const LONGEST_NUMBER: usize = 16;

/// A place where a line may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Break {
    pub(super) at: usize,
    /// It ends here whether it is full or not.
    pub(super) must: bool,
}

/// The places in a text, the last of them its end.
pub(super) fn breaks(text: &str) -> Vec<Break> {
    let mut out: Vec<Break> = Vec::new();
    // where the number began that the last word belongs to, if it goes on
    let mut number_from: Option<usize> = None;
    let mut from = 0;
    for (at, opportunity) in unicode_linebreak::linebreaks(text) {
        let word = text.get(from..at).unwrap_or_default();
        let after = text.get(at..).unwrap_or_default();
        let start = number_from.unwrap_or(from);
        let within = word.ends_with(' ')
            && word.trim_end().ends_with(|c: char| c.is_ascii_digit())
            && after.starts_with(|c: char| c.is_ascii_digit());
        let must = opportunity == BreakOpportunity::Mandatory;
        let next = at + after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        if !must && word.ends_with(['-', '\u{2010}']) && at < text.len() {
            number_from = number_from.or(Some(from));
            from = at;
            continue;
        }
        if within && !must && next - start <= LONGEST_NUMBER {
            number_from = Some(start);
        } else {
            out.push(Break { at, must });
            number_from = None;
        }
        from = at;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::breaks;

    fn cut(text: &str) -> Vec<&str> {
        let mut from = 0;
        let pieces = breaks(text).into_iter().map(|b| &text[std::mem::replace(&mut from, b.at)..b.at]);
        pieces.collect()
    }

    #[test]
    fn numbers_stay_whole_and_words_do_not_stick_together() {
        assert_eq!(cut("ring 0116 496 0123 or"), ["ring ", "0116 496 0123 ", "or"]);
        assert_eq!(cut("number 999 071 8423."), ["number ", "999 071 8423."]);
        assert_eq!(cut("at 9 on 12 March"), ["at ", "9 ", "on ", "12 ", "March"]);
        assert_eq!(cut("a\nb"), ["a\n", "b"]);
        assert_eq!(cut("an NHS-funded well-being group"), ["an ", "NHS-funded ", "well-being ", "group"]);
    }

    #[test]
    fn a_long_row_of_numbers_may_still_be_broken() {
        let row = "12 34 56 78 90 ".repeat(10);
        assert!(cut(&row).len() >= 10);
        assert_eq!(cut(&row).concat(), row);
    }
}
