//! Quantities: units of UCUM that there are.

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::values::ucum;

impl<'t> Walk<'t, '_> {
    /// The code of a quantity whose system is UCUM.
    pub(super) fn unit(&mut self, node: Node<'t>) {
        if node.text(Name::SYSTEM) != Some("http://unitsofmeasure.org") {
            return;
        }
        if let Some(code) = node.child(Name::CODE)
            && let Some(unit) = code.value()
            && let Err(fault) = ucum::check(unit)
        {
            let text = format!("\"{}\" is no unit of UCUM: {fault}.", shown(unit));
            self.error(code, IssueCode::CodeInvalid, "ucum", text);
        }
    }
}
