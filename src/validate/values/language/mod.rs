//! Language tags (BCP 47, code system `urn:ietf:bcp:47`): their shape by RFC 5646 and that their subtags are registered,
//! which the reference's terminology server asks as well. It must not say which language is meant.

mod registry;

use registry::{GRANDFATHERED, is_area, is_language, is_region, is_script, is_variant};

/// Why a text is not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("is not a language tag: expected letters and digits in groups of up to eight, joined by hyphens")]
    Signs,
    #[error("is not a language tag: its parts are not in the order language, script, region, variants, extensions")]
    Order,
    #[error("is not a language tag: its first part is not a registered language")]
    Language,
    #[error("is not a language tag: its extended language is not registered")]
    Extended,
    #[error("is not a language tag: its script is not registered")]
    Script,
    #[error("is not a language tag: its region is not registered (the United Kingdom is GB)")]
    Region,
    #[error("is not a language tag: its variant is not registered")]
    Variant,
    #[error("is not a language tag: a part of it is there twice")]
    Twice,
    #[error("is not a language tag: an extension or private part has nothing in it")]
    Unfinished,
}

impl Fault {
    /// The rule's stable id.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Signs | Self::Order | Self::Unfinished => "language-shape",
            Self::Twice => "language-twice",
            Self::Language | Self::Extended | Self::Script | Self::Region | Self::Variant => "language-registered",
        }
    }
}

/// Checks a tag such as `en-GB`. Letter case does not matter (RFC 5646, section 2.1.1).
///
/// # Errors
/// The first part that is wrong.
pub fn check(tag: &str) -> Result<(), Fault> {
    let short = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if !tag.split('-').all(short) {
        return Err(Fault::Signs);
    }
    if GRANDFATHERED.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
        return Ok(());
    }
    let mut parts = tag.split('-').peekable();
    let first = parts.next().unwrap_or_default();
    if first.eq_ignore_ascii_case("x") {
        return parts.next().map_or(Err(Fault::Unfinished), |_| Ok(()));
    }
    if !is_language(first) {
        return Err(Fault::Language);
    }
    let letters = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_alphabetic());
    for _ in 0..3 {
        if let Some(part) = parts.next_if(|part| letters(part, 3))
            && !is_language(part)
        {
            return Err(Fault::Extended);
        }
    }
    if let Some(part) = parts.next_if(|part| letters(part, 4))
        && !is_script(part)
    {
        return Err(Fault::Script);
    }
    let digits = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    if let Some(part) = parts.next_if(|part| letters(part, 2) || digits(part))
        && !(is_region(part) || is_area(part))
    {
        return Err(Fault::Region);
    }
    variants_and_after(tag, parts)
}

/// What may follow the region: variants, then extensions, then private parts.
fn variants_and_after<'a>(
    tag: &str,
    mut parts: std::iter::Peekable<impl Iterator<Item = &'a str>>,
) -> Result<(), Fault> {
    let of_variant = |part: &str| part.len() >= 5 || part.len() == 4 && part.starts_with(|c: char| c.is_ascii_digit());
    while let Some(part) = parts.next_if(|part| of_variant(part)) {
        if !is_variant(part) {
            return Err(Fault::Variant);
        }
        if occurs_twice(tag, part) {
            return Err(Fault::Twice);
        }
    }
    while let Some(singleton) = parts.next_if(|part| part.len() == 1) {
        if singleton.eq_ignore_ascii_case("x") {
            return parts.next().map_or(Err(Fault::Unfinished), |_| Ok(()));
        }
        if occurs_twice(tag, singleton) {
            return Err(Fault::Twice);
        }
        let mut any = false;
        while parts.next_if(|part| part.len() > 1).is_some() {
            any = true;
        }
        if !any {
            return Err(Fault::Unfinished);
        }
    }
    parts.next().map_or(Ok(()), |_| Err(Fault::Order))
}

/// Whether a part is in a tag twice, its private parts aside.
fn occurs_twice(tag: &str, part: &str) -> bool {
    tag.split('-')
        .take_while(|other| !other.eq_ignore_ascii_case("x"))
        .filter(|other| other.eq_ignore_ascii_case(part))
        .nth(1)
        .is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Fault, check};

    #[test]
    fn tags_in_use_pass() {
        let right = [
            "en",
            "en-GB",
            "en-us",
            "cy",
            "cy-GB",
            "pa-Guru",
            "zh-Hans-CN",
            "zh-yue-HK",
            "es-419",
            "sl-rozaj-biske",
            "de-CH-1901",
            "de-1996",
            "de-DE-u-co-phonebk",
            "en-a-bbb-x-a-ccc",
            "x-private",
            "qaa-Qaaa-QM",
            "i-klingon",
            "en-GB-oed",
            "sgn-BE-FR",
            "bfi",
            "rom",
            "en-GB-x-cmht",
            "hy-Latn-IT-arevela",
            "aaa",
        ];
        for tag in right {
            assert_eq!(check(tag), Ok(()), "{tag}");
        }
    }

    #[test]
    fn each_part_must_be_registered_and_in_its_place() {
        let wrong = [
            ("", Fault::Signs),
            ("en_GB", Fault::Signs),
            ("en-", Fault::Signs),
            ("-en", Fault::Signs),
            ("en GB", Fault::Signs),
            ("englishes", Fault::Signs),
            ("français", Fault::Signs),
            ("english", Fault::Language),
            ("zz", Fault::Language),
            ("zzz", Fault::Language),
            ("1", Fault::Language),
            ("zh-zzz", Fault::Extended),
            ("en-Zyxw", Fault::Script),
            ("en-UK", Fault::Region),
            ("en-999", Fault::Region),
            ("en-abcde", Fault::Variant),
            ("de-1901-1901", Fault::Twice),
            ("en-u-aa-u-bb", Fault::Twice),
            ("en-u", Fault::Unfinished),
            ("en-x", Fault::Unfinished),
            ("x", Fault::Unfinished),
            ("en-GB-Latn", Fault::Order),
            ("en-GB-US", Fault::Order),
        ];
        for (tag, expected) in wrong {
            assert_eq!(check(tag), Err(expected), "{tag}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_check_panic(tag in any::<String>(), likely in "[a-zA-Z0-9-]{0,30}") {
            let _ = check(&tag);
            prop_assert_eq!(check(&likely), check(&likely.to_ascii_uppercase()));
        }
    }
}
