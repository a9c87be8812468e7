//! A letter as plain text, to be pasted anywhere: ASCII for everything that is ours, no line wider than 76 columns,
//! headings underlined. Must not lose, add or reorder a word.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::breaks::breaks;
use super::letter::{Block, Letter, Role};

/// Widest line, in columns of a terminal: what mail and GP systems show without folding.
const COLUMNS: usize = 76;

/// The letter as text. Ends with a line feed.
#[must_use]
pub fn text(letter: &Letter) -> String {
    let mut out = String::new();
    let mut before: Option<Role> = None;
    for block in letter.blocks() {
        if before.is_some_and(|before| apart(before, block.role)) {
            out.push('\n');
        }
        write(&block, &mut out);
        before = Some(block.role);
    }
    out
}

/// Whether an empty line stands between two blocks.
const fn apart(before: Role, after: Role) -> bool {
    !matches!(
        (before, after),
        (Role::Heading, _)
            | (Role::Item, Role::Item)
            | (Role::Sender | Role::SenderDetail, Role::SenderDetail)
            | (Role::Line, Role::Line | Role::LastLine)
    )
}

fn write(block: &Block, out: &mut String) {
    let (first, next) = if block.role == Role::Item { ("- ", "  ") } else { ("", "") };
    let mut widest = 0;
    for (place, line) in wrapped(&block.text, COLUMNS - first.len()).iter().enumerate() {
        if !line.is_empty() {
            out.push_str(if place == 0 { first } else { next });
        }
        out.push_str(line);
        out.push('\n');
        widest = widest.max(line.width());
    }
    let underline = match block.role {
        Role::Title => "=",
        Role::Heading => "-",
        _ => return,
    };
    out.push_str(&underline.repeat(widest));
    out.push('\n');
}

/// Lines of at most so many columns, broken where they may and, in a word wider than a line, between two characters.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut width) = (String::new(), 0);
        let mut from = 0;
        for to in breaks(paragraph) {
            let word = paragraph.get(from..to.at).unwrap_or_default();
            from = to.at;
            if width > 0 && width + word.trim_end().width() > columns {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                width = 0;
            }
            if word.trim_end().width() <= columns {
                line.push_str(word);
                width += word.width();
                continue;
            }
            for character in word.graphemes(true) {
                if width + character.width() > columns {
                    lines.push(std::mem::take(&mut line));
                    width = 0;
                }
                line.push_str(character);
                width += character.width();
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::{COLUMNS, text, wrapped};
    use crate::documents::parts::Section;
    use crate::render::Letter;

    fn plain(lines: Vec<String>) -> String {
        text(&Letter::plain("A plan", vec![Section { heading: "What helps".to_owned(), lines }]))
    }

    #[test]
    fn headings_are_underlined_and_several_lines_are_a_list() {
        let one = plain(vec!["Tea.".to_owned()]);
        assert_eq!(one, "A plan\n======\n\nWhat helps\n----------\nTea.\n");
        let two = plain(vec!["Tea.".to_owned(), "A walk,\nnot too long.".to_owned()]);
        assert!(two.ends_with("----------\n- Tea.\n- A walk,\n  not too long.\n"), "{two}");
    }

    #[test]
    fn no_line_is_wider_than_the_page_and_no_word_is_lost() {
        let long = "Łukasz 李小龙李小龙 ".repeat(40) + &"x".repeat(300) + " " + &"漢".repeat(100);
        let lines = wrapped(&long, COLUMNS);
        assert!(lines.iter().all(|line| line.width() <= COLUMNS), "{lines:?}");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&lines.concat()), squeezed(&long));
    }

    #[test]
    fn a_line_is_as_full_as_it_can_be() {
        assert_eq!(wrapped("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("a b-c d", 5), ["a b-c", "d"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
