//! The shapes of telephone numbers, addresses and codes in an entry. Shapes only: whether there is such a thing is nobody's
//! to say here.

pub(super) fn is_telephone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (3..=20).contains(&digits) && text.len() <= 40 && text.bytes().all(|b| b.is_ascii_digit() || b" +()-".contains(&b))
}

pub(super) fn is_email(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(local, host)| !local.is_empty() && !host.contains('@'));
    let host = parts.is_some_and(|(_, host)| host.contains('.') && !host.starts_with('.') && !host.ends_with('.'));
    host && text.len() <= 254 && text.bytes().all(|b| b.is_ascii_graphic())
}

pub(super) fn is_website(text: &str) -> bool {
    let url = url::Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    url.is_some_and(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
        && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Outward and inward code with one space between, in capitals (Royal Mail's way of writing).
pub(super) fn is_postcode(text: &str) -> bool {
    let Some((outward, inward)) = text.split_once(' ') else { return false };
    let capitals = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let letter = u8::is_ascii_uppercase;
    let inward_fits = matches!(inward.as_bytes(), [d, a, b] if d.is_ascii_digit() && letter(a) && letter(b));
    (2..=4).contains(&outward.len())
        && capitals(outward)
        && outward.starts_with(|c: char| c.is_ascii_uppercase())
        && inward_fits
}

/// Shape of an SDS job role code.
pub(super) fn is_job_role(text: &str) -> bool {
    text.len() == 5 && text.strip_prefix('R').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{is_email, is_job_role, is_postcode, is_telephone, is_website};

    #[test]
    fn each_shape_takes_what_people_write_and_nothing_else() {
        let holds = |fits: fn(&str) -> bool, good: &[&str], bad: &[&str]| {
            assert!(good.iter().all(|text| fits(text)), "{good:?}");
            assert!(!bad.iter().any(|text| fits(text)), "{bad:?}");
        };
        holds(is_telephone, &["0116 496 0000", "+44 (0)116 496 0000", "111"], &["ring us", "", "0116;496", "12"]);
        holds(is_email, &["a@b.example"], &["a", "a@b", "a b@c.example", "@c.example", "a@b@c.example"]);
        let elsewhere = ["a.example", "ftp://a.example", "https://u:p@a.example/", "https://"];
        holds(is_website, &["https://a.example/x"], &elsewhere);
        holds(is_postcode, &["LE1 9ZZ", "SW1A 1AA"], &["le1 9zz", "LE19ZZ", "LE1 9Z", "1E1 9ZZ", ""]);
        holds(is_job_role, &["R0010"], &["R10", "0010R", "r0010", ""]);
    }
}
