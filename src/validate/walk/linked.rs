//! How the entries of documents and messages hang together: every reference from one entry to another is noted, and said
//! where it leads to none (<https://hl7.org/fhir/R4/documents.html#content>). `bundle` judges the whole.

use super::Walk;
use super::address::{self, Rest};
use super::resolve::{Led, like};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};

impl<'t> Walk<'t, '_> {
    /// What documents and messages ask beyond: their entries hang together. Notes the connection or says what is missing.
    pub(super) fn link(&mut self, node: Node<'t>, reference: &str, led: Led<'t>) {
        if self.again || self.depth > 0 || !self.bundle().is_some_and(|around| around.linked) {
            return;
        }
        let Some((from, entry)) = self.entry() else { return };
        // an entry says by its own address where relative references begin; from a urn there is no way on
        let reads_on = || {
            let rest = Rest::read(entry.url?)?;
            let resource = entry.resource?;
            (rest.kind == resource.resource_type() && resource.text(Name::ID) == Some(rest.id)).then_some(())
        };
        if let Led::Beside(_, Some(to)) = led
            && (address::is_absolute(reference) || reads_on().is_some())
        {
            // one of several connects nothing; that there are several has been said
            let several = address::versioned(reference).1.is_none() && self.shares_address(to);
            if !several {
                self.edge(from, to);
            }
            return;
        }
        let Some(around) = self.bundle() else { return };
        let index = around.index.clone();
        let (plain, _) = reference.split_once('#').unwrap_or((reference, ""));
        if plain.len() < reference.len()
            && let Some((to, _)) = index.at(plain).next()
        {
            return self.edge(from, to);
        }
        if like(&index, plain).is_some() {
            let text = format!(
                "{} leads to no entry: one is of that type and id, but its fullUrl is another. Refer to it by its fullUrl.",
                shown(reference)
            );
            return self.error(node, IssueCode::NotFound, "reference-in-bundle", text);
        }
        let rest = Rest::read(plain);
        let elsewhere = match rest {
            // definitions live elsewhere
            Some(rest) => address::is_absolute(plain) && is_canonical(rest.kind),
            None => !address::is_absolute(plain) && address::kind(plain).is_none(),
        };
        if elsewhere {
            return;
        }
        let asked = from == 0 && super::bundle::must_be_beside(node);
        let (severity, text) = if asked {
            (
                Severity::Error,
                format!("{} is in no entry; what this refers to must be in the bundle.", shown(reference)),
            )
        } else {
            (Severity::Information, format!("{} is in no entry of the bundle.", shown(reference)))
        };
        self.say(node, severity, IssueCode::NotFound, "reference-in-bundle", text);
    }

    /// Whether another entry has the same fullUrl as the one of this number.
    fn shares_address(&self, at: usize) -> bool {
        self.bundle().is_some_and(|around| {
            let url = around.index.entries().get(at).and_then(|entry| entry.url);
            url.is_some_and(|url| around.index.at(url).nth(1).is_some())
        })
    }

    fn edge(&mut self, from: usize, to: usize) {
        if let (Some(around), Ok(from), Ok(to)) =
            (self.bundles.iter_mut().rfind(|around| around.linked), u32::try_from(from), u32::try_from(to))
            && from != to
        {
            around.edges.push((from, to));
        }
    }

    /// A uri or url: where it is that of another entry, the two are connected.
    pub(super) fn link_uri(&mut self, node: Node<'t>, uri: &str) {
        let Some(around) = self.bundle().filter(|around| around.linked && self.depth == 0 && !self.again) else {
            return;
        };
        let is_name = matches!(node.name(), Name::SYSTEM | Name::FULL_URL)
            || node.name() == Name::URL
                && node
                    .parent()
                    .is_some_and(|parent| matches!(parent.name(), Name::EXTENSION | Name::MODIFIER_EXTENSION));
        if is_name {
            return;
        }
        let to = around.index.at(uri).next().map(|(to, _)| to);
        if let (Some(to), Some((from, _))) = (to, self.entry()) {
            self.edge(from, to);
        }
    }
}

/// Types that are known by a canonical, and stand elsewhere as a rule.
pub(super) fn is_canonical(kind: Name) -> bool {
    matches!(
        kind.text(),
        "ActivityDefinition"
            | "CapabilityStatement"
            | "ChargeItemDefinition"
            | "CodeSystem"
            | "CompartmentDefinition"
            | "ConceptMap"
            | "EffectEvidenceSynthesis"
            | "EventDefinition"
            | "Evidence"
            | "EvidenceVariable"
            | "ExampleScenario"
            | "GraphDefinition"
            | "ImplementationGuide"
            | "Library"
            | "Measure"
            | "MessageDefinition"
            | "NamingSystem"
            | "OperationDefinition"
            | "PlanDefinition"
            | "Questionnaire"
            | "ResearchDefinition"
            | "ResearchElementDefinition"
            | "RiskEvidenceSynthesis"
            | "SearchParameter"
            | "StructureDefinition"
            | "StructureMap"
            | "TerminologyCapabilities"
            | "TestScript"
            | "ValueSet"
    )
}
