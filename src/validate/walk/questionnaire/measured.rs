//! Answers whose question names units, limits with units, types of resources or a list of words
//! (<https://hl7.org/fhir/R4/questionnaire-profilelist.html>; limits of quantities are SDC's). Looks up codes; finds no
//! targets of references.

use std::cmp::Ordering;

use super::form::Item;
use super::{Walk, text};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::TypeId;
use crate::validate::terminology::Answer;
use crate::validate::walk::quantity::{Measure, compared};

/// Extensions of SDC begin so.
const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";

impl<'t> Walk<'t, '_> {
    /// A quantity in one of the units asked for, and within the limits.
    pub(super) fn answer_quantity(&mut self, value: Node<'t>, asked: &Item<'_>) {
        for (name, wrong, words) in
            [("minQuantity", Ordering::Less, "at least"), ("maxQuantity", Ordering::Greater, "at most")]
        {
            if let Some(limit) = limit(asked, name) {
                self.quantity_limit(value, limit, wrong, words);
            }
        }
        let mut units = asked.says("questionnaire-unitOption").peekable();
        let fits = |unit: Node<'_>| {
            let same = |asked: Option<&str>, given: Option<&str>| asked.is_none() || asked == given;
            same(unit.text(Name::SYSTEM), value.text(Name::SYSTEM))
                && same(unit.text(Name::CODE), value.text(Name::CODE))
                && same(unit.text(Name::DISPLAY), value.text(Name::UNIT))
        };
        if units.peek().is_some() && !units.any(fits) {
            let says = "The unit is none of those the question asks for.";
            self.answer_wrong(value, IssueCode::Invariant, "response-unit", says.to_owned());
        }
        if let Some(url) = asked.says("questionnaire-unitValueSet").next().and_then(Node::value) {
            let code = value.text(Name::CODE);
            let member = code.map(|code| self.registry.terminology().member(url, value.text(Name::SYSTEM), code));
            if matches!(member, None | Some(Answer::No { .. })) {
                let says = format!("The unit is not in the value set {}.", shown(url));
                self.answer_wrong(value, IssueCode::Invariant, "response-unit", says);
            }
        }
    }

    fn quantity_limit(&mut self, value: Node<'t>, limit: Node<'_>, wrong: Ordering, words: &str) {
        if value.text(Name::VALUE).is_none() || limit.text(Name::VALUE).is_none() {
            return;
        }
        let unit = limit.text(Name::UNIT).or_else(|| limit.text(Name::CODE)).unwrap_or_default();
        let told = format!("{} {}", shown(limit.text(Name::VALUE).unwrap_or_default()), shown(unit));
        let (given, least) = (Measure::of(value), Measure::of(limit));
        let order = if given.has_unit() && least.has_unit() { compared(given, least) } else { None };
        let says = match order {
            None => format!(
                "The answer must be {words} {told}, and that cannot be told: both need a unit with system and code, and units of one kind."
            ),
            Some(order) if order == wrong => format!("The answer must be {words} {told}."),
            Some(_) => return,
        };
        self.answer_wrong(value, IssueCode::Invariant, "response-limit", says);
    }

    /// A reference to a resource of a type that FHIR has, and that the question asks for.
    pub(super) fn answer_reference(&mut self, value: Node<'t>, asked: &Item<'_>) {
        let Some(reference) = value.text(Name::REFERENCE) else { return };
        let Some(named) = type_named(reference) else { return };
        let allowed: Vec<&str> = asked.says("questionnaire-referenceResource").filter_map(Node::value).collect();
        let says = if allowed.is_empty() {
            if TypeId::of_resource(Name::of(named)) != TypeId::UNKNOWN {
                return;
            }
            format!("FHIR has no resource of the type {}.", shown(named))
        } else if allowed.contains(&named) {
            return;
        } else {
            let allowed: Vec<String> = allowed.into_iter().map(shown).collect();
            format!("The question asks for {}, and this is a {}.", allowed.join(" or "), shown(named))
        };
        self.answer_wrong(value, IssueCode::Invariant, "response-reference", says);
    }

    /// Words against the codes of a value set.
    pub(super) fn answer_listed_words(&mut self, value: Node<'t>, asked: &Item<'_>) {
        let Some((url, given)) = text(asked.node, "answerValueSet").zip(value.value()) else { return };
        if let Answer::No { .. } = self.registry.terminology().member(url, None, given) {
            let says = format!("The answer is no code of the value set {}.", shown(url));
            self.answer_wrong(value, IssueCode::Invariant, "response-option", says);
        }
    }
}

/// The quantity that an extension of SDC gives.
fn limit<'q>(asked: &Item<'q>, name: &str) -> Option<Node<'q>> {
    let is_named = |extension: &Node<'_>| {
        extension.text(Name::URL).and_then(|url| url.strip_prefix(SDC)).is_some_and(|rest| rest == name)
    };
    let extension = asked.node.all(Name::EXTENSION).find(is_named)?;
    extension.children().find(|child| child.name().text() == "valueQuantity")
}

/// The type that an address of the form `Type/id` names, be it a type of FHIR or not.
fn type_named(reference: &str) -> Option<&str> {
    let plain = reference.split_once("/_history/").map_or(reference, |(plain, _)| plain);
    let (rest, _) = plain.rsplit_once('/')?;
    let named = rest.rsplit('/').next()?;
    let is_name = named.starts_with(|c: char| c.is_ascii_uppercase()) && named.bytes().all(|b| b.is_ascii_alphabetic());
    is_name.then_some(named)
}
