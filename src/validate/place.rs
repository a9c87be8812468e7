//! From the path a finding tells to line and column of the text it is about. Looks at places only, never at values.

use crate::fhir::tree::Node;
use crate::model::Issue;

/// Findings that are given a position at most; each is a way through the tree.
const MOST: usize = 200;

/// Adds line and column, in the text a resource was read from, to findings that tell a path from it and no position.
/// What is missing is told at the last element on the way to it.
#[must_use]
pub fn located(mut issues: Vec<Issue>, resource: Node<'_>) -> Vec<Issue> {
    for issue in issues.iter_mut().filter(|issue| issue.position.is_none()).take(MOST) {
        issue.position = issue.path.as_deref().and_then(|path| position(resource, path));
    }
    issues
}

/// `None` for a path that begins elsewhere, or has anything but names and numbers in it.
fn position(resource: Node<'_>, path: &str) -> Option<(usize, usize)> {
    let mut steps = path.split('.');
    let mut at = resource;
    if steps.next() != Some(at.resource_type().text()) || path.contains(['(', '/']) {
        return None;
    }
    for step in steps {
        let (name, place) = step.split_once('[').unwrap_or((step, "0]"));
        let place: usize = place.strip_suffix(']')?.parse().ok()?;
        match at.children().filter(|child| child.written_name() == name).nth(place) {
            Some(child) => at = child,
            None => break,
        }
    }
    Some(at.position())
}

#[cfg(test)]
mod tests {
    use super::located;
    use crate::fhir::tree::Tree;
    use crate::fhir::{Format, Limits};
    use crate::model::{Issue, IssueCode};

    #[test]
    fn a_path_leads_to_the_line_it_speaks_of_in_json_and_in_xml() {
        let json = "{\n \"resourceType\": \"Bundle\",\n \"entry\": [\n  {},\n  {\"fullUrl\": \"urn:x\"}\n ]\n}";
        let xml =
            "<Bundle xmlns=\"http://hl7.org/fhir\">\n<entry/>\n<entry>\n <fullUrl value=\"urn:x\"/></entry></Bundle>";
        for (text, format, lines) in [(json, Format::Json, [5, 5, 1]), (xml, Format::Xml, [4, 3, 1])] {
            let tree = Tree::read(text.as_bytes(), format, &Limits::default()).unwrap();
            let line = |path: &str| {
                located(vec![Issue::error(IssueCode::Value, "x").at(path)], tree.root())
                    .remove(0)
                    .position
                    .map(|at| at.0)
            };
            assert_eq!(line("Bundle.entry[1].fullUrl"), Some(lines[0]));
            assert_eq!(line("Bundle.entry[1].resource.id"), Some(lines[1]), "of what is missing, where it should be");
            assert_eq!(line("Bundle.identifier"), Some(lines[2]));
            for elsewhere in ["Patient.id", "/entry/1", "Bundle.entry.resource.ofType(Patient)", ""] {
                assert_eq!(line(elsewhere), None, "{elsewhere}");
            }
        }
    }
}
