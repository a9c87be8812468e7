//! Attachments: that their data is base64, as long as they say, with the hash they say
//! (<https://hl7.org/fhir/R4/datatypes.html#Attachment>). Never keeps the data: it is looked at in small pieces.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Walk;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;

impl<'t> Walk<'t, '_> {
    /// An Attachment's size, hash and content.
    pub(super) fn attachment(&mut self, node: Node<'t>) {
        let (mut data, mut size, mut hash, mut something) = (None, None, None, false);
        for child in node.children() {
            match child.name() {
                Name::DATA => data = Some(child),
                Name::SIZE => size = Some(child),
                Name::HASH => hash = Some(child),
                _ => {}
            }
            something |= matches!(child.name(), Name::DATA | Name::URL | Name::CONTENT_TYPE | Name::LANGUAGE);
        }
        if !something {
            let text = "An attachment without data or url needs at least its contentType or language.";
            self.warning(node, IssueCode::Structure, "attachment-empty", text.to_owned());
        }
        let Some((data, encoded)) = data.and_then(|data| Some((data, data.value()?))) else { return };
        // what is not whole groups of four is told with the value itself
        if !signs(encoded).is_multiple_of(4) {
            return;
        }
        let Some(read) = read(encoded, hash.is_some()) else {
            let text = "This is not base64: it holds a sign that is none of it, or = elsewhere than at its end.";
            return self.error(data, IssueCode::Structure, "attachment-data", text.to_owned());
        };
        if let Some((at, stated)) = size.and_then(|size| Some((size, size.value()?)))
            && stated != read.bytes.to_string()
        {
            let text = format!("The data has {} bytes, and this says {}.", read.bytes, crate::fhir::shown(stated));
            self.error(at, IssueCode::Structure, "attachment-size", text);
        }
        if let (Some((at, stated)), Some(actual)) = (hash.and_then(|hash| Some((hash, hash.value()?))), read.sha1)
            && stated != STANDARD.encode(actual)
        {
            let text =
                "This is not the hash of the data (SHA-1, in base64): one of them was changed, or it is another hash.";
            self.error(at, IssueCode::Structure, "attachment-hash", text.to_owned());
        }
    }
}

/// What base64 holds.
struct Read {
    bytes: u64,
    sha1: Option<[u8; 20]>,
}

/// Signs that count: all but white space and what is neither letter, digit nor one of `+/=`, as the reference counts.
fn signs(encoded: &str) -> usize {
    if encoded.is_ascii() {
        return encoded.bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')).count();
    }
    encoded.chars().filter(|c| c.is_alphanumeric() || matches!(c, '+' | '/' | '=')).count()
}

/// Reads base64, passing over white space; padding may be left out, and the bits it leaves over say nothing. `None`: it
/// is none.
fn read(encoded: &str, with_hash: bool) -> Option<Read> {
    let mut hash = with_hash.then(sha1_smol::Sha1::new);
    let (mut bytes, mut bits, mut held, mut padding) = (0_u64, 0_u32, 0_u32, 0_u32);
    let mut piece = Vec::with_capacity(if with_hash { 3 * 1024 } else { 0 });
    for sign in encoded.bytes() {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b' ' | 0x09..=0x0d => continue,
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes += 1;
            if with_hash {
                piece.push((held >> bits & 0xff) as u8);
                if piece.len() == piece.capacity() {
                    if let Some(hash) = &mut hash {
                        hash.update(&piece);
                    }
                    piece.clear();
                }
            }
        }
    }
    // six bits left over are no byte; padding, if there is any, fills the last group
    let fits = match bits {
        0 => padding == 0,
        4 => matches!(padding, 0 | 2),
        2 => matches!(padding, 0 | 1),
        _ => false,
    };
    if let Some(hash) = &mut hash {
        hash.update(&piece);
    }
    fits.then(|| Read { bytes, sha1: hash.map(|hash| hash.digest().bytes()) })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::read;

    #[test]
    fn what_is_no_base64_is_not_read() {
        for bad in ["Zm9v!mFy", "Zm9vYg=", "Zg==Zg==", "Z", "Zm9=v", "====", "Zm9v=", "Zm-_", "Zmé="] {
            assert!(read(bad, true).is_none(), "{bad}");
        }
        for (good, bytes) in [("", 0), ("Zm9v", 3), ("Zm9v\r\n Yg==", 4), ("Zm9vYg", 4), ("Zm9vYmE=", 5), ("Zh==", 1)] {
            assert_eq!(read(good, false).map(|read| read.bytes), Some(bytes), "{good}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        let hash = read("Zm9v", true).and_then(|read| read.sha1).map(|hash| STANDARD.encode(hash));
        assert_eq!(hash.as_deref(), Some("C+7Hteo/D9vJXQ3UfzxbwnXaijM="));
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_with_their_number_and_hash(bytes in proptest::collection::vec(any::<u8>(), 0..10_000)) {
            let got = read(&STANDARD.encode(&bytes), true).unwrap();
            prop_assert_eq!(got.bytes, bytes.len() as u64);
            prop_assert_eq!(got.sha1, Some(sha1_smol::Sha1::from(&bytes).digest().bytes()));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = read(&text, true);
        }
    }
}
