//! Protected characteristics as they are kept with a request: bands and groups, too coarse to know anybody by. The exact
//! birth date and code stay in the document.

use jiff::civil::Date;

/// Of whom it is not known.
pub const UNKNOWN: &str = "unknown";

/// The ages at which a band begins, with its code.
const BANDS: &[(i16, &str)] =
    &[(65, "65-and-over"), (55, "55-64"), (45, "45-54"), (35, "35-44"), (25, "25-34"), (18, "18-24"), (0, "under-18")];

/// The band of somebody born on that day, month or year, on `today`; unknown where a year or month leaves it open.
#[must_use]
pub fn age_band(born: &str, today: Date) -> &'static str {
    let day = |text: &str| text.parse::<Date>().ok();
    let (first, last) = match born.len() {
        10 => (day(born), day(born)),
        7 => (day(&format!("{born}-01")), day(&format!("{born}-28"))),
        4 => (day(&format!("{born}-01-01")), day(&format!("{born}-12-31"))),
        _ => (None, None),
    };
    let band = |born: Option<Date>| {
        let age = age(born?, today);
        BANDS.iter().find(|(from, _)| age >= *from).map(|(_, code)| *code)
    };
    match (band(first), band(last)) {
        (Some(eldest), Some(youngest)) if eldest == youngest => eldest,
        _ => UNKNOWN,
    }
}

fn age(born: Date, today: Date) -> i16 {
    let had = (today.month(), today.day()) >= (born.month(), born.day());
    today.year() - born.year() - i16::from(!had)
}

/// The group of a national ethnic category (the letters of the 2001 census), never the category itself.
#[must_use]
pub fn ethnic_group(code: &str) -> &'static str {
    match code {
        "A" | "B" | "C" => "white",
        "D" | "E" | "F" | "G" => "mixed",
        "H" | "J" | "K" | "L" => "asian",
        "M" | "N" | "P" => "black",
        "R" | "S" => "other",
        "Z" => "not-stated",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{UNKNOWN, age_band, ethnic_group};

    #[test]
    fn a_band_changes_on_the_birthday_and_an_open_one_is_unknown() {
        let today = date(2026, 3, 1);
        assert_eq!(age_band("2008-03-01", today), "18-24");
        assert_eq!(age_band("2008-03-02", today), "under-18");
        assert_eq!(age_band("1990", today), "35-44");
        assert_eq!(age_band("1991", today), UNKNOWN, "34 or 35");
        assert_eq!(age_band("1961-03", today), UNKNOWN);
        assert_eq!(age_band("yesterday", today), UNKNOWN);
        assert_eq!(age_band("2027-01-01", today), UNKNOWN, "not born yet");
    }

    #[test]
    fn every_national_category_has_a_group() {
        let known = "ABCDEFGHJKLMNPRSZ".chars().map(|code| code.to_string());
        assert!(known.into_iter().all(|code| ethnic_group(&code) != UNKNOWN));
        assert_eq!((ethnic_group("99"), ethnic_group("Q")), (UNKNOWN, UNKNOWN));
    }
}
