//! Dates and times in words, for letters that people read.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A year, month, day or moment in words: "2 April 2025, 23:15". The clock is that of the place where it was written down.
/// What is no date stays as it is.
pub(super) fn spoken(moment: &str) -> String {
    words(moment).unwrap_or_else(|| moment.to_owned())
}

fn words(moment: &str) -> Option<String> {
    let (date, time) = moment.split_once('T').map_or((moment, None), |(date, time)| (date, time.get(..5)));
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let Some(month) = parts.next() else { return Some(year.to_owned()) };
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let Some(day) = parts.next() else { return Some(format!("{month} {year}")) };
    let day: u8 = day.parse().ok()?;
    let time = time.map(|time| format!(", {time}")).unwrap_or_default();
    Some(format!("{day} {month} {year}{time}"))
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_date_is_said_as_precisely_as_it_is_known() {
        for (written, said) in [
            ("2025", "2025"),
            ("2027-02", "February 2027"),
            ("2026-12-02", "2 December 2026"),
            ("2025-04-02T23:15:00+01:00", "2 April 2025, 23:15"),
            ("2026-03-29T00:59:59.999Z", "29 March 2026, 00:59"),
            ("2026-13-01", "2026-13-01"),
            ("soon", "soon"),
        ] {
            assert_eq!(spoken(written), said);
        }
    }
}
