//! Condition in a plan or letter: which question it answers stands in `category`, since `code` is the condition itself.

use super::Carried;
use crate::documents::parts::Diagnosis;
use crate::fhir::build::concept;
use crate::map::read::Subject;
use crate::map::read::clinical::diagnosis;
use crate::map::read::datatypes::code_of;
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

impl Carried for Diagnosis {
    const RESOURCE: &'static str = "Condition";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        out.condition(role, self, vec![concept(asked.system, asked.key, asked.title)], asked.category);
    }

    /// Nothing, and unread, where the Condition has no code.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self> {
        at.source.value(place).get("code")?;
        let mut element = at.source.open(place);
        element.ignore(&["subject"]);
        for mut category in element.children("category") {
            code_of(&mut category, system, |_| Some(()));
        }
        diagnosis(&mut element)
    }
}
