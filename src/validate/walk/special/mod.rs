//! What no definition says of resources as a whole: rules of the reference for every resource, and for those of single
//! types, each in a file of its own. Called once for each resource, when its elements have been looked at.

mod codes;
mod identity;
mod observation;
mod profiles;
mod search;
mod sets;
mod snapshot;

use super::Walk;
use crate::fhir::tree::{Name, Node};

impl<'t> Walk<'t, '_> {
    /// The rules for a resource of its type.
    pub(super) fn special(&mut self, node: Node<'t>) {
        self.resource_id(node);
        match node.resource_type().text() {
            "Observation" => self.observation(node),
            "CodeSystem" => self.code_system(node),
            "ValueSet" => self.value_set(node),
            "ConceptMap" => self.concept_map(node),
            "StructureDefinition" => self.structure_definition(node),
            "OperationDefinition" => self.operation_definition(node),
            "SearchParameter" => self.search_parameter(node),
            "CapabilityStatement" => self.capability_statement(node),
            "Questionnaire" => self.questionnaire(node),
            "QuestionnaireResponse" => self.questionnaire_response(node),
            _ => {}
        }
        if CANONICAL.contains(&node.resource_type().text()) {
            self.canonical_url(node);
        }
    }
}

/// Types that are known by an address of their own (<https://hl7.org/fhir/R4/resource.html#canonical>).
const CANONICAL: [&str; 28] = [
    "ActivityDefinition",
    "CapabilityStatement",
    "ChargeItemDefinition",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "EffectEvidenceSynthesis",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "Library",
    "Measure",
    "MessageDefinition",
    "OperationDefinition",
    "PlanDefinition",
    "Questionnaire",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "RiskEvidenceSynthesis",
    "SearchParameter",
    "StructureDefinition",
    "StructureMap",
    "TerminologyCapabilities",
    "TestScript",
    "ValueSet",
];

/// The first child of a name that has no constant.
pub(super) fn child<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.child(Name::of(name))
}

/// Its value, if it has one that is not empty.
pub(super) fn text<'t>(node: Node<'t>, name: &str) -> Option<&'t str> {
    child(node, name)?.value().filter(|text| !text.is_empty())
}
