//! All rules of routing in force: ours, with a site's rows in the place of ours of the same id. Read whole or refused
//! whole, with every fault at once. Opens no file: texts come in.

use super::Heading;
use super::areas::{Areas, DEMO_AREAS};
use super::row::Entry;
use super::rule::{self, By, CatchmentRule, DestinationRule, EligibilityRule, Occasion};
use crate::model::DocumentKind;
use crate::rule_file::RuleFault;

const DESTINATION: (&str, &str) = ("destination.toml", include_str!("../../profiles/rules/destination.toml"));
const CATCHMENT: (&str, &str) = ("catchment.toml", include_str!("../../profiles/rules/catchment.toml"));
const ELIGIBILITY: (&str, &str) = ("eligibility.toml", include_str!("../../profiles/rules/eligibility.toml"));
const AREAS: &str = "areas.csv";

/// Names of the files a site's rules folder may hold for routing; others in it are for others to read.
pub const FILES: &[&str] = &[DESTINATION.0, CATCHMENT.0, ELIGIBILITY.0, AREAS];

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub(super) destination: Vec<DestinationRule>,
    pub(super) catchment: Vec<CatchmentRule>,
    pub(super) eligibility: Vec<EligibilityRule>,
    pub(super) areas: Areas,
}

/// One rule as it is listed for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    pub file: &'static str,
    pub id: &'a str,
    pub sentence: &'a str,
    pub source: &'a str,
    /// No field of a referral tells, so a person judges it.
    pub judged_by_a_person: bool,
}

impl Rules {
    /// Our own rules, with the made-up area of the demonstration.
    ///
    /// # Errors
    /// They have faults, which a test rules out.
    pub fn built_in() -> Result<Self, Vec<RuleFault>> {
        Self::load(&[])
    }

    /// Our rules with a site's files, as (name, text); what is not one of [`FILES`] is passed over. A site's area table
    /// takes the place of ours whole, since ours is made up.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn load(site: &[(String, String)]) -> Result<Self, Vec<RuleFault>> {
        let mut faults = Vec::new();
        let text = |name: &str| site.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str());
        let destination = merged(DESTINATION, text(DESTINATION.0), rule::destination, |r| &r.heading, &mut faults);
        let catchment = merged(CATCHMENT, text(CATCHMENT.0), rule::catchment, |r| &r.heading, &mut faults);
        let eligibility = merged(ELIGIBILITY, text(ELIGIBILITY.0), rule::eligibility, |r| &r.heading, &mut faults);
        let areas = Areas::from_csv(AREAS, text(AREAS).unwrap_or(DEMO_AREAS));
        let areas = areas.unwrap_or_else(|wrong| {
            faults.extend(wrong);
            Areas::default()
        });
        // Only of files that could be read, or one fault would seem to be two.
        if faults.is_empty() {
            if !destination.iter().any(DestinationRule::serves_crisis) {
                let problem = "a crisis never waits behind triage: a row must send every referral with response crisis \
                               on, in the role crisis, whatever else holds";
                faults.push(RuleFault::new(DESTINATION.0, "RT-01", problem));
            }
            if !catchment.iter().any(|row| row.when.is_empty() && matches!(row.by, By::Fallback(_))) {
                let problem = "a row without conditions must name who places those whom nobody covers";
                faults.push(RuleFault::new(CATCHMENT.0, "CA-90", problem));
            }
        }
        if faults.is_empty() { Ok(Self { destination, catchment, eligibility, areas }) } else { Err(faults) }
    }

    /// The table of areas in force.
    #[must_use]
    pub const fn areas(&self) -> &Areas {
        &self.areas
    }

    /// Every rule, in the order in which they are tried.
    #[must_use]
    pub fn list(&self) -> Vec<Listed<'_>> {
        let destination = self.destination.iter().map(|row| listed(DESTINATION.0, &row.heading, false));
        let catchment = self.catchment.iter().map(|row| listed(CATCHMENT.0, &row.heading, false));
        let eligibility = self.eligibility.iter().map(|row| listed(ELIGIBILITY.0, &row.heading, row.when.is_none()));
        destination.chain(catchment).chain(eligibility).collect()
    }

    /// The destination rules that work upon this, in order.
    pub(super) fn upon(&self, occasion: Occasion) -> impl Iterator<Item = &DestinationRule> {
        self.destination.iter().filter(move |row| row.is_on(occasion))
    }

    /// Those that work upon a document of this kind.
    pub(super) fn upon_document(&self, kind: DocumentKind) -> impl Iterator<Item = &DestinationRule> {
        self.upon(Occasion::Document(kind))
    }
}

fn listed<'a>(file: &'static str, heading: &'a Heading, judged_by_a_person: bool) -> Listed<'a> {
    let Heading { id, reason, source, .. } = heading;
    Listed { file, id, sentence: reason, source, judged_by_a_person }
}

type Read<T> = fn(&str, &str, &mut Vec<RuleFault>) -> Vec<Entry<T>>;

/// Our rows with a site's in their place or beside them, in order.
fn merged<T>(
    (file, own): (&str, &str),
    site: Option<&str>,
    read: Read<T>,
    heading: fn(&T) -> &Heading,
    faults: &mut Vec<RuleFault>,
) -> Vec<T> {
    let mut rules: Vec<T> = Vec::new();
    let site = site.map(|text| read(&format!("site's {file}"), text, faults)).unwrap_or_default();
    for entry in read(file, own, faults).into_iter().chain(site) {
        match entry {
            Entry::Off(id) => rules.retain(|rule| heading(rule).id != id),
            Entry::Rule(rule) => match rules.iter_mut().find(|other| heading(other).id == heading(&rule).id) {
                Some(place) => *place = rule,
                None => rules.push(rule),
            },
        }
    }
    rules.sort_by_key(|rule| heading(rule).order);
    rules
}

#[cfg(test)]
mod tests {
    use super::{Areas, DEMO_AREAS, Rules};

    fn site(file: &str, text: &str) -> Vec<(String, String)> {
        vec![(file.to_owned(), text.to_owned())]
    }

    #[test]
    fn our_own_rules_are_sound_and_each_says_why_and_where_it_is_written() {
        let rules = Rules::built_in().unwrap();
        let list = rules.list();
        for id in ["RT-01", "RT-02", "RT-03", "RT-10", "RT-11", "RT-12", "RT-13", "CA-01", "CA-90", "EL-01"] {
            assert!(list.iter().any(|rule| rule.id == id), "{id}");
        }
        for rule in &list {
            assert!(rule.sentence.ends_with('.') && rule.source.contains('L'), "{}", rule.id);
        }
        assert!(Areas::from_csv("areas.csv", DEMO_AREAS).is_ok());
    }

    #[test]
    fn a_site_changes_a_row_by_its_id_adds_rows_and_switches_them_off() {
        let text = r#"
            [[rule]]
            id = "RT-05"
            reason = "Ours are seen by the maternity service."
            source = "site, L1"
            order = 22
            when = { pathway = "perinatal" }
            to = { team = "our-maternity" }
            role = "responsible"
            [[rule]]
            id = "RT-99"
            reason = "New."
            source = "site, L2"
            to = "access-point"
            role = "responsible"
            [[rule]]
            id = "RT-06"
            off = true
        "#;
        let rules = Rules::load(&site("destination.toml", text)).unwrap();
        let own = Rules::built_in().unwrap();
        let sentence =
            |id: &str| rules.list().into_iter().find(|rule| rule.id == id).map(|rule| rule.sentence.to_owned());
        assert_eq!(sentence("RT-05").as_deref(), Some("Ours are seen by the maternity service."));
        assert_eq!(sentence("RT-99").as_deref(), Some("New."));
        assert_eq!(sentence("RT-06"), None);
        assert_eq!(rules.list().len(), own.list().len());
    }

    #[test]
    fn every_fault_of_every_file_is_told_at_once() {
        let text = r#"
            [[rule]]
            id = "RT-05"
            source = "site"
            when = { pathway = "pregnant", colour = "red" }
            to = "moon"
            role = "responsible"
            [[rule]]
            id = "EL-01"
            reason = "x"
            source = "y"
            to = "gp"
            role = "boss"
            [other]
        "#;
        let mut files = site("destination.toml", text);
        files.extend(site("eligibility.toml", "[[rule]]\nid = \"EL-01\"\n"));
        files.extend(site("areas.csv", "what\n"));
        let faults = Rules::load(&files).unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        for wanted in [
            "destination.toml: other: no such section",
            "rule 1 (RT-05), reason: is required",
            "rule 1 (RT-05), when.pathway: must be of",
            "rule 1 (RT-05), when.colour: no such field",
            "rule 1 (RT-05), to: must be",
            "rule 2 (EL-01), id: must be RT-",
            "eligibility.toml: rule 1 (EL-01), reason: is required",
            "areas.csv: line 1",
        ] {
            assert!(told.iter().any(|line| line.contains(wanted)), "{wanted} in {told:#?}");
        }
    }

    #[test]
    fn no_site_can_put_a_crisis_behind_triage_or_leave_people_to_nobody() {
        for (file, text) in [
            (
                "destination.toml",
                "[[rule]]\nid = \"RT-01\"\nreason = \"x\"\nsource = \"y\"\nto = \"access-point\"\nrole = \"crisis\"\noff = true\n",
            ),
            (
                "destination.toml",
                "[[rule]]\nid = \"RT-01\"\nreason = \"x\"\nsource = \"y\"\nto = \"access-point\"\nrole = \"crisis\"\nwhen = { response = \"crisis\", origin = \"internal\" }\n",
            ),
            ("catchment.toml", "[[rule]]\nid = \"CA-90\"\nreason = \"x\"\nsource = \"y\"\nby = \"home\"\n"),
        ] {
            assert_eq!(Rules::load(&site(file, text)).unwrap_err().len(), 1, "{text}");
        }
    }
}
