//! XML files in the encodings that XML readers know besides UTF-8: UTF-16, and the two Latin alphabets that declare
//! themselves. For files alone: over HTTP, FHIR is in UTF-8 (<https://hl7.org/fhir/R4/http.html#mime-type>). Looks at the
//! XML declaration and at nothing else.

use std::borrow::Cow;

use super::source::syntax;
use crate::model::Issue;

/// What Windows puts where Latin-1 has control characters, from 0x80 on.
const WINDOWS: [char; 32] = [
    '€', '\u{FFFD}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{FFFD}', 'Ž', '\u{FFFD}', '\u{FFFD}',
    '‘', '’', '“', '”', '•', '–', '—', '\u{2DC}', '™', 'š', '›', 'œ', '\u{FFFD}', 'ž', 'Ÿ',
];

/// A declaration is no longer than this.
const DECLARATION: usize = 256;

/// The bytes of a file in UTF-8, the declaration saying so; as they are where it is no XML or is in UTF-8 already. Lines
/// and columns stay the same.
///
/// # Errors
/// It is in UTF-16 and breaks off within a character.
pub fn utf8(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Issue> {
    let wide = match bytes {
        [0xFF, 0xFE, b'<', 0, ..] => Some((bytes.get(2..), u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [b'<', 0, b'?' | b'A'..=b'Z', 0, ..] => Some((Some(bytes), u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xFE, 0xFF, 0, b'<', ..] => Some((bytes.get(2..), u16::from_be_bytes as fn([u8; 2]) -> u16)),
        [0, b'<', 0, b'?' | b'A'..=b'Z', ..] => Some((Some(bytes), u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    if let Some((body, unit)) = wide {
        let pairs = body.unwrap_or_default().as_chunks::<2>();
        let read = char::decode_utf16(pairs.0.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
        return match read {
            Ok(text) if pairs.1.is_empty() => Ok(Cow::Owned(said_in_utf8(text, &["utf-16", "utf-16le", "utf-16be"]))),
            _ => Err(syntax("This is XML in UTF-16 that is not whole: half a character stands by itself.")),
        };
    }
    let head = bytes.get(..bytes.len().min(DECLARATION)).unwrap_or_default();
    let declared = declared(&String::from_utf8_lossy(head)).map(|(_, name)| name.to_ascii_lowercase());
    let windows = match declared.as_deref() {
        Some("iso-8859-1" | "iso_8859-1" | "latin1") => false,
        Some("windows-1252" | "cp1252") => true,
        _ => return Ok(Cow::Borrowed(bytes)),
    };
    let letter = |byte: &u8| match byte {
        0x80..=0x9F if windows => {
            WINDOWS.get(usize::from(*byte) - 0x80).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        byte => char::from(*byte),
    };
    let text = bytes.iter().map(letter).collect();
    Ok(Cow::Owned(said_in_utf8(text, &["iso-8859-1", "iso_8859-1", "latin1", "windows-1252", "cp1252"])))
}

/// The encoding an XML declaration names, and where its name stands.
fn declared(text: &str) -> Option<(usize, String)> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (before, after) = declaration.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value.get(1..)?.split(quote).next()?;
    let at = "<?xml".len() + before.len() + "encoding".len() + after.len() - value.len() + 1;
    Some((at, name.to_owned()))
}

/// Puts UTF-8 into the declaration in the place of one of these, and as many spaces behind it as it is shorter.
fn said_in_utf8(text: String, was: &[&str]) -> Vec<u8> {
    let declared = declared(&text);
    let mut bytes = text.into_bytes();
    if let Some((at, name)) = declared
        && was.contains(&name.to_ascii_lowercase().as_str())
        && let Some(place) = bytes.get_mut(at..at + name.len() + 1)
    {
        let quote = place.last().copied().unwrap_or(b'"');
        let now = b"UTF-8".iter().copied().chain([quote]).chain(std::iter::repeat(b' '));
        for (byte, now) in place.iter_mut().zip(now) {
            *byte = now;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::utf8;

    fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn xml_in_utf_16_is_read_with_and_without_its_mark() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Patient>é😀</Patient>";
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><Patient>é😀</Patient>";
        let marked = format!("\u{FEFF}{text}");
        for bytes in [
            wide(text, u16::to_le_bytes),
            wide(text, u16::to_be_bytes),
            wide(&marked, u16::to_le_bytes),
            wide(&marked, u16::to_be_bytes),
        ] {
            assert_eq!(utf8(&bytes).unwrap(), expected.as_bytes());
            assert!(utf8(&bytes[..bytes.len() - 1]).is_err());
        }
    }

    #[test]
    fn the_latin_alphabets_are_read_where_they_are_declared() {
        let file = |name: &str, letters: &[u8]| {
            [format!("<?xml version='1.0' encoding='{name}'?><a>").as_bytes(), letters, b"</a>"].concat()
        };
        let read = |name: &str| String::from_utf8(utf8(&file(name, b"\xE9\x80")).unwrap().into_owned());
        assert_eq!(read("ISO-8859-1").unwrap(), "<?xml version='1.0' encoding='UTF-8'     ?><a>é\u{80}</a>");
        assert_eq!(read("windows-1252").unwrap(), "<?xml version='1.0' encoding='UTF-8'       ?><a>é€</a>");
        assert!(read("UTF-8").is_err() && read("EBCDIC-CP-GB").is_err(), "they are left as they are");
    }

    #[test]
    fn whatever_is_no_xml_is_left_alone() {
        for bytes in [&b"{}"[..], b"", b"<", b"<?xml", b"\xFF\xFE{\0}\0", b"<a encoding='latin1'>\xE9</a>"] {
            assert_eq!(utf8(bytes).unwrap(), bytes);
        }
    }
}
