//! `base64Binary` (<https://hl7.org/fhir/R4/datatypes.html#base64Binary>): its signs are counted as the reference counts
//! them. It must not decode: a letter of many megabytes costs one look at each byte.

use super::Wrong;

pub(super) fn findings(text: &str, report: &mut dyn FnMut(Wrong)) {
    let (mut signs, mut space, mut foreign, mut padding) = (0_usize, false, false, 0_usize);
    // white space stands between groups of four, as R4's pattern for the type has it
    let (mut run, mut parted) = (0_usize, false);
    for b in text.bytes() {
        let is_space = b == b' ' || matches!(b, 0x09..=0x0d);
        parted |= is_space && !run.is_multiple_of(4);
        run += usize::from(!is_space);
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                signs += 1;
                // padding is only that at the end
                foreign |= padding > 0;
            }
            b'=' => {
                signs += 1;
                padding += 1;
            }
            b' ' | 0x09..=0x0d => space = true,
            // of others see below
            _ => foreign |= b.is_ascii(),
        }
    }
    if !text.is_ascii() {
        // letters and digits of any script count for the reference, and white space of any kind is white space
        signs += text.chars().filter(|c| !c.is_ascii() && c.is_alphanumeric()).count();
        space |= text.contains(|c: char| !c.is_ascii() && c.is_whitespace());
        foreign |= text.contains(|c: char| !c.is_ascii() && !c.is_whitespace());
    }
    if parted || !signs.is_multiple_of(4) {
        report(Wrong::Base64Length);
    } else if space {
        // once it is none at all, its white space is not worth a word
        report(Wrong::Base64Space);
    }
    if foreign || padding > 2 {
        report(Wrong::Base64Sign);
    }
}

#[cfg(test)]
mod tests {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::{Wrong, findings};

    fn found(text: &str) -> Vec<Wrong> {
        let mut all = Vec::new();
        findings(text, &mut |wrong| all.push(wrong));
        all
    }

    #[test]
    fn signs_come_in_fours() {
        let rows: &[(&str, &[Wrong])] = &[
            ("Zm9v", &[]),
            ("Zm9vYg==", &[]),
            ("Zm9vYmE=", &[]),
            ("+/+/", &[]),
            ("Zm9", &[Wrong::Base64Length]),
            ("Zm9vY", &[Wrong::Base64Length]),
            ("Zm9v\nYmFy", &[Wrong::Base64Space]),
            ("Zm9vY\nmFy", &[Wrong::Base64Length]),
            ("Zm9v YmF", &[Wrong::Base64Length]),
            ("Zm9v*", &[Wrong::Base64Sign]),
            ("Zm-_", &[Wrong::Base64Length, Wrong::Base64Sign]),
            ("Zg==Zg==", &[Wrong::Base64Sign]),
            ("Z===", &[Wrong::Base64Sign]),
            ("Zm9é", &[Wrong::Base64Sign]),
            ("Zm9v\u{a0}", &[Wrong::Base64Space]),
        ];
        for (text, expected) in rows {
            assert_eq!(found(text), *expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_an_encoder_writes_passes(bytes in any::<Vec<u8>>()) {
            prop_assert!(found(&STANDARD.encode(&bytes)).is_empty());
        }

        #[test]
        fn what_passes_has_the_length_a_decoder_reads(text in "[A-Za-z0-9+/=*]{0,12}") {
            let read = STANDARD.decode(&text).is_ok();
            // a decoder also looks at the bits that padding leaves over
            prop_assert!(!read || found(&text).is_empty());
        }
    }
}
