//! DIALOG (`cmht-documents.md` §2; L4261-4300): eleven areas of life and care, each from 1, totally dissatisfied, to 7,
//! totally satisfied, and whether more help is wanted. Answers may be partial. Nothing is added up and nothing follows
//! from a number here. The questions are in our own words; the codes and endings are facts (`codes.md` §4).

use serde::{Deserialize, Serialize};

use super::moment::spoken;

/// One survey.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialog {
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Who helped to fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helped_by: Option<String>,
    pub areas: DialogAreas,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// The answer for one area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialogAnswer {
    /// 1 to 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_help: Option<bool>,
}

/// One of the eleven areas.
pub struct DialogArea {
    /// Place in the survey, which is also the `linkId` of the question.
    pub number: u8,
    /// SNOMED CT code of its score.
    pub code: &'static str,
    /// How the display of that code ends.
    pub ending: &'static str,
    pub title: &'static str,
    pub get: fn(&DialogAreas) -> Option<DialogAnswer>,
    pub slot: fn(&mut DialogAreas) -> &mut Option<DialogAnswer>,
}

macro_rules! areas {
    ($($number:literal $field:ident $code:literal $ending:literal, $title:literal;)+) => {
        /// Answers by area.
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct DialogAreas {
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<DialogAnswer>,
            )+
        }

        impl DialogArea {
            /// The areas in the order of the survey.
            pub const ALL: &'static [Self] = &[$(
                Self {
                    number: $number,
                    code: $code,
                    ending: $ending,
                    title: $title,
                    get: |areas| areas.$field,
                    slot: |areas| &mut areas.$field,
                },
            )+];
        }
    };
}

areas! {
    1 mental_health "1037651000000100" "your mental health", "Mental health";
    2 physical_health "1037661000000102" "your physical health", "Physical health";
    3 job "1037671000000109" "your job situation", "Work";
    4 accommodation "1037681000000106" "your accommodation", "Home";
    5 leisure "1037691000000108" "your leisure activities", "Free time";
    6 friendships "1037701000000108" "your friendships", "Friends";
    7 family "1037711000000105" "your partner/family", "Partner and family";
    8 safety "1037721000000104" "your personal safety", "Feeling safe";
    9 medication "1037731000000102" "your medication", "Medicines";
    10 practical_help "1037741000000106" "the practical help you receive", "Practical help";
    11 meetings "1037751000000109" "consultations with mental health professionals", "Meetings with professionals";
}

impl DialogArea {
    /// Lowest and highest score (L4273-4274).
    pub const SCORES: std::ops::RangeInclusive<u8> = 1..=7;

    /// What SNOMED CT calls the score.
    #[must_use]
    pub fn display(&self) -> String {
        let Self { number, ending, .. } = self;
        format!("DIALOG patient rated outcome measure item {number} score - how satisfied are you with {ending}")
    }

    /// `linkId` of the question whether more help is wanted.
    #[must_use]
    pub fn help_link(&self) -> String {
        format!("{}-more-help", self.number)
    }
}

impl Dialog {
    /// The survey in words, in one text: when, then an area a line.
    #[must_use]
    pub fn in_words(&self) -> String {
        let date = self.date.as_deref().map_or_else(|| "No date given".to_owned(), spoken);
        let help = self.helped_by.as_ref().map(|name| format!(", filled in with {name}")).unwrap_or_default();
        let mut lines = vec![format!("{date}{help} (1 is totally dissatisfied, 7 totally satisfied)")];
        lines.extend(DialogArea::ALL.iter().filter_map(|area| {
            let answer = (area.get)(&self.areas)?;
            let score = answer.score.map_or_else(|| "no score".to_owned(), |score| format!("{score} of 7"));
            let help = match answer.more_help {
                Some(true) => ", wants more help",
                Some(false) => ", no more help wanted",
                None => "",
            };
            Some(format!("{}: {score}{help}", area.title))
        }));
        lines.extend(self.notes.clone());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialog, DialogAnswer, DialogArea, DialogAreas};

    #[test]
    fn the_eleven_areas_stand_in_their_order_each_with_a_code_of_its_own() {
        let numbers: Vec<u8> = DialogArea::ALL.iter().map(|area| area.number).collect();
        assert_eq!(numbers, (1..=11).collect::<Vec<u8>>());
        let mut codes: Vec<&str> = DialogArea::ALL.iter().map(|area| area.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 11);
    }

    #[test]
    fn getting_and_setting_an_area_are_about_the_same_area() {
        for area in DialogArea::ALL {
            let mut areas = DialogAreas::default();
            *(area.slot)(&mut areas) = Some(DialogAnswer { score: Some(area.number.min(7)), more_help: None });
            for other in DialogArea::ALL {
                assert_eq!((other.get)(&areas).is_some(), other.number == area.number);
            }
        }
    }

    #[test]
    fn a_survey_reads_out_what_was_answered_and_nothing_else() {
        let mut areas =
            DialogAreas { job: Some(DialogAnswer { score: Some(2), more_help: Some(true) }), ..DialogAreas::default() };
        areas.family = Some(DialogAnswer { score: None, more_help: Some(false) });
        let text = Dialog { date: Some("2026-11".to_owned()), areas, ..Dialog::default() }.in_words();
        let (when, answers) = text.split_once('\n').unwrap();
        assert_eq!(answers, "Work: 2 of 7, wants more help\nPartner and family: no score, no more help wanted");
        assert!(when.starts_with("November 2026 ("));
    }
}
