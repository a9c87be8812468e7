//! Addresses in a narrative: which characters and which kinds they may have. Follows none of them.

use super::Wrong;

/// Checks the address of a link or of a picture; `raw` is how it is written, `address` what it means.
pub(super) fn check<'a>(raw: &'a str, address: &str, picture: bool, report: &mut dyn FnMut(Wrong<'a>)) {
    if address.trim().is_empty() {
        return report(Wrong::EmptyLink);
    }
    if let Some(data) = address.strip_prefix("data:") {
        if !is_data(data) {
            report(Wrong::DataLink);
        }
    } else if !address.chars().all(|c| c.is_alphanumeric() || SIGNS.contains(c)) {
        report(Wrong::LinkCharacters(raw));
    }
    // browsers pass over white space and control characters in a scheme, so this does too
    let plain: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(32).collect();
    let scheme = plain.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if scheme.is_some_and(|scheme| matches!(scheme.as_str(), "javascript" | "vbscript")) {
        return report(Wrong::ActiveLink);
    }
    if picture {
        return;
    }
    let Some((scheme, rest)) = raw.split_once(':').filter(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
    else {
        return;
    };
    if rest.contains(' ') {
        return;
    }
    match scheme {
        "http" | "https" | "tel" | "mailto" | "data" => {}
        "urn" | "cid" => report(Wrong::LiteralLink(scheme)),
        _ => report(Wrong::UnknownScheme(scheme)),
    }
}

/// What may stand in an address beside letters and digits.
const SIGNS: &str = ";?:@&=+$.,/%-_~#[]!'()*|";

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'))
}

/// `image/png;base64,AAAA`: one comma, a media type or none, and base64 where it says so.
fn is_data(data: &str) -> bool {
    let Some((kind, content)) = data.split_once(',') else { return false };
    let (kind, coded) = kind.strip_suffix(";base64").map_or((kind, false), |kind| (kind, true));
    let kind = kind.trim();
    let typed = kind.is_empty()
        || kind
            .split(';')
            .next()
            .and_then(|kind| kind.split_once('/'))
            .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let signs = content.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
    let good = signs % 4 == 0
        && content.trim_end().trim_end_matches('=').bytes().all(|byte| byte.is_ascii_whitespace() || of_base64(byte));
    typed && !content.is_empty() && !content.contains(',') && (!coded || good)
}
