//! Text from elsewhere made safe to set: no character that draws over others, hides, or turns the direction of a line.
//! Changes no word: what was visible stays, what cannot be shown is shown as U+FFFD.

/// Stands where a control character stood.
const UNSHOWABLE: char = '\u{FFFD}';

/// A text of several lines. Every kind of line end becomes a line feed; blanks go from the end of lines and from both ends
/// of the text, and more than one empty line in a row is one.
pub(super) fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            c if is_invisible(c) => {}
            c if is_unshowable(c) => out.push(UNSHOWABLE),
            other => out.push(other),
        }
        after_return = c == '\r';
    }
    let mut kept: Vec<&str> = Vec::new();
    for line in out.split('\n').map(str::trim_end) {
        if !(line.is_empty() && kept.last().is_none_or(|last| last.is_empty())) {
            kept.push(line);
        }
    }
    kept.join("\n").trim().to_owned()
}

/// A text on one line.
pub(super) fn line(text: &str) -> String {
    lines(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters without a shape that only steer others: directions (<https://www.unicode.org/reports/tr9/#Explicit_Formatting_Characters>),
/// marks of byte order, breaks without width, tags. The joiners U+200C and U+200D stay: Indic scripts and Persian are
/// misspelt without them.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

const fn is_unshowable(c: char) -> bool {
    c.is_ascii_control()
        || matches!(c, '\u{80}'..='\u{9F}' | '\u{FDD0}'..='\u{FDEF}')
        // the last two places of every plane are no characters
        || (c as u32) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::{line, lines};

    #[test]
    fn every_kind_of_line_end_is_one_line_feed_and_blank_lines_do_not_pile_up() {
        assert_eq!(lines("a\r\nb\rc\u{2028}d\n\n\n\ne  \n\n"), "a\nb\nc\nd\n\ne");
        assert_eq!(line(" a\r\n  b\t c "), "a b c");
    }

    #[test]
    fn what_turns_or_hides_text_goes_and_control_characters_are_seen() {
        assert_eq!(lines("abc\u{202E}def\u{200B}\u{2066}g\u{FEFF}\u{E0041}"), "abcdefg");
        assert_eq!(lines("a\u{0}b\u{1B}[31mc\u{9B}\u{FFFE}"), "a\u{FFFD}b\u{FFFD}[31mc\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn joiners_accents_and_every_script_stay_as_they_are() {
        let text = "Zoë Nguyễn ક્ષ क\u{94D}\u{200D}ष نمی\u{200C}خواهم 李小龙 👩\u{200D}⚕\u{FE0F}";
        assert_eq!(lines(text), text);
    }
}
