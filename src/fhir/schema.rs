//! The R4 element tree: which elements stand where, in which order, of which type, and which must be there.
//! Facts only, from `r4-types.txt`: reads no documents and refuses nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::facts::{self, Row};
use super::tree::Name;

/// A place in the type tree where elements may stand: a resource (`Patient`), a data type (`HumanName`) or a
/// backbone element (`Patient.contact`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u16);

/// What a value without children looks like in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Integer,
    Decimal,
    Text,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An element with children.
    Complex(Place),
    /// A whole resource: `contained`, `Bundle.entry.resource`.
    Resource,
    /// A value that may carry `id` and `extension`.
    Primitive(Primitive),
    /// A bare string that is an attribute in XML: `id` of an element, `url` of an extension.
    Attribute,
    /// The XHTML of a narrative.
    Xhtml,
}

/// A child element of a [`Place`]; of a choice there is one for each type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) name: &'static str,
    /// The element: the same, but `value` for `valueString`.
    pub(super) element: &'static str,
    /// Whether it may repeat, and so is an array in JSON.
    pub(super) many: bool,
    /// The type by name (`code`, `HumanName`); empty for a backbone element.
    pub(super) of: &'static str,
    pub(super) shape: Shape,
}

/// What the tree knows of one place.
#[derive(Debug)]
struct Facts {
    name: &'static str,
    is_resource: bool,
    /// In the order XML demands, inherited ones first.
    children: Vec<Child>,
    /// Indices of the children, sorted by name.
    by_name: Vec<u16>,
    /// Elements that must be there, and whether each is a choice.
    required: Vec<(&'static str, bool)>,
}

/// The places by number and the numbers by name.
#[derive(Debug)]
struct Schema {
    places: Vec<Facts>,
    numbers: HashMap<&'static str, Place>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::read);

impl Schema {
    fn read() -> Self {
        let mut rows: Vec<Row> = facts::rows().collect();
        // those with a number that code knows come first, in its order
        rows.sort_by_key(|row| FIXED.iter().position(|name| *name == row.name).unwrap_or(FIXED.len()));
        let number = |(at, row): (usize, &Row)| Some((row.name, Place(u16::try_from(at).ok()?)));
        let numbers: HashMap<_, _> = rows.iter().enumerate().filter_map(number).collect();
        let lines = Lines { rows: &rows, numbers: &numbers };
        let places = rows.iter().map(|row| lines.place(row)).collect();
        Self { places, numbers }
    }
}

/// Names of the places that have a constant, in the order of their numbers.
const FIXED: [&str; 2] = ["Element", "Extension"];

/// The rows of the table while places are made of them.
struct Lines<'a> {
    rows: &'a [Row],
    numbers: &'a HashMap<&'static str, Place>,
}

impl Lines<'_> {
    fn row(&self, name: &str) -> Option<&Row> {
        self.rows.get(usize::from(self.numbers.get(name)?.0))
    }

    /// A row and those it builds on, the lowest first.
    fn line(&self, row: &Row) -> Vec<Row> {
        let mut line: Vec<Row> = std::iter::successors(Some(*row), |row| self.row(row.base).copied()).collect();
        line.reverse();
        line
    }

    fn place(&self, row: &Row) -> Facts {
        let line = self.line(row);
        let is_resource = line.first().is_some_and(|root| root.name == "Resource");
        let mut children = Vec::new();
        let mut required = Vec::new();
        let mut key = String::new();
        for (from, element) in line.iter().flat_map(|row| row.elements().map(|element| (row.name, element))) {
            if element.required {
                required.push((element.name, element.is_choice));
            }
            let mut child = |name: &'static str, of: &'static str, shape: Shape| {
                children.push(Child { name, element: element.name, many: element.repeats, of, shape });
            };
            if element.is_choice {
                for of in element.types() {
                    element.key(of, &mut key);
                    child(Name::of(&key).text(), of, self.shape(of));
                }
            } else if let Some(of) = element.types().next() {
                let attribute = matches!((from, element.name), ("Element", "id") | ("Extension", "url"));
                child(element.name, of, if attribute { Shape::Attribute } else { self.shape(of) });
            } else {
                child(element.name, "", self.shape(&format!("{from}.{}", element.name)));
            }
        }
        let mut by_name: Vec<u16> = (0..children.len()).filter_map(|at| u16::try_from(at).ok()).collect();
        by_name.sort_unstable_by_key(|at| children.get(usize::from(*at)).map(|child| child.name));
        Facts { name: row.name, is_resource, children, by_name, required }
    }

    fn shape(&self, of: &str) -> Shape {
        match of {
            "xhtml" => Shape::Xhtml,
            "Resource" => Shape::Resource,
            "boolean" => Shape::Primitive(Primitive::Boolean),
            "decimal" => Shape::Primitive(Primitive::Decimal),
            "integer" | "unsignedInt" | "positiveInt" => Shape::Primitive(Primitive::Integer),
            name if name.starts_with(char::is_lowercase) => Shape::Primitive(Primitive::Text),
            name => self.numbers.get(name).map_or(Shape::Primitive(Primitive::Text), |place| Shape::Complex(*place)),
        }
    }
}

impl Place {
    /// The place of an R4 resource type, if there is one of that name.
    pub(super) fn resource(name: &str) -> Option<Self> {
        let place = *SCHEMA.numbers.get(name)?;
        let concrete = !matches!(name, "Resource" | "DomainResource");
        (concrete && place.is_resource()).then_some(place)
    }

    /// What may stand beside a primitive value: `id` and `extension`.
    pub(super) const ELEMENT: Self = Self(0);

    /// Data type of extensions.
    pub(super) const EXTENSION: Self = Self(1);

    fn facts(self) -> Option<&'static Facts> {
        SCHEMA.places.get(usize::from(self.0))
    }

    /// Its name in the tree: `Patient`, `HumanName`, `Patient.contact`.
    pub(super) fn name(self) -> &'static str {
        self.facts().map_or("", |facts| facts.name)
    }

    pub(super) fn is_resource(self) -> bool {
        self.facts().is_some_and(|facts| facts.is_resource)
    }

    /// The children, in the order XML demands (<https://hl7.org/fhir/R4/xml.html>).
    pub(super) fn children(self) -> &'static [Child] {
        self.facts().map_or(&[], |facts| &facts.children)
    }

    /// One child by name; `None` when no such element stands here.
    pub(super) fn child(self, name: &str) -> Option<&'static Child> {
        let facts = self.facts()?;
        let child = |at: &u16| facts.children.get(usize::from(*at));
        let at = facts.by_name.binary_search_by(|at| child(at).map_or("", |child| child.name).cmp(name)).ok()?;
        child(facts.by_name.get(at)?)
    }

    /// The elements that must stand here, in order; of each whether it is a choice.
    pub(super) fn required(self) -> &'static [(&'static str, bool)] {
        self.facts().map_or(&[], |facts| &facts.required)
    }
}

#[cfg(test)]
mod tests {
    use super::{FIXED, Place, Primitive, SCHEMA, Shape};

    fn place(name: &str) -> Place {
        SCHEMA.numbers[name]
    }

    #[test]
    fn places_with_a_constant_have_the_number_it_says() {
        assert_eq!(FIXED.map(place), [Place::ELEMENT, Place::EXTENSION]);
        assert_eq!(Place::EXTENSION.name(), "Extension");
    }

    #[test]
    fn resources_are_told_from_data_types() {
        for resource in ["Patient", "Bundle", "Parameters", "Binary", "MessageHeader"] {
            assert!(Place::resource(resource).is_some(), "{resource}");
        }
        for other in ["HumanName", "Patient.contact", "Resource", "DomainResource", "Meta", "patient", ""] {
            assert!(Place::resource(other).is_none(), "{other}");
        }
    }

    #[test]
    fn children_have_the_shape_the_specification_gives_them() {
        let shape = |at: &str, name: &str| place(at).child(name).map(|c| (c.many, c.shape));
        assert_eq!(shape("Patient", "active"), Some((false, Shape::Primitive(Primitive::Boolean))));
        assert_eq!(shape("Patient", "name"), Some((true, Shape::Complex(place("HumanName")))));
        assert_eq!(shape("Patient", "contact"), Some((true, Shape::Complex(place("Patient.contact")))));
        assert_eq!(shape("Patient", "contained"), Some((true, Shape::Resource)));
        assert_eq!(shape("Patient", "text"), Some((false, Shape::Complex(place("Narrative")))));
        assert_eq!(shape("CodeableConcept", "text"), Some((false, Shape::Primitive(Primitive::Text))));
        assert_eq!(shape("Narrative", "div"), Some((false, Shape::Xhtml)));
        assert_eq!(shape("Extension", "url"), Some((false, Shape::Attribute)));
        assert_eq!(shape("Bundle.link", "url"), Some((false, Shape::Primitive(Primitive::Text))));
        assert_eq!(shape("Bundle.entry", "link"), Some((true, Shape::Complex(place("Bundle.link")))));
        assert_eq!(shape("Bundle.entry", "resource"), Some((false, Shape::Resource)));
        assert_eq!(shape("Quantity", "value"), Some((false, Shape::Primitive(Primitive::Decimal))));
        assert_eq!(shape("HumanName", "given"), Some((true, Shape::Primitive(Primitive::Text))));
        assert_eq!(shape("Patient", "surname"), None);
    }

    #[test]
    fn children_stand_in_the_order_of_xml_inherited_ones_first() {
        let names = |at: &str| place(at).children().iter().map(|child| child.name).collect::<Vec<_>>();
        assert_eq!(names("Age"), ["id", "extension", "value", "comparator", "unit", "system", "code"]);
        let patient = ["id", "meta", "implicitRules", "language", "text", "contained", "extension"];
        assert_eq!(names("Patient")[..7], patient);
        assert_eq!(names("Patient.link"), ["id", "extension", "modifierExtension", "other", "type"]);
    }

    #[test]
    fn required_elements_and_choices_are_known() {
        assert_eq!(place("Flag").required(), [("status", false), ("code", false), ("subject", false)]);
        assert_eq!(place("MedicationStatement").required()[1], ("medication", true));
        let child = place("Extension").child("valueDateTime").unwrap();
        assert_eq!((child.element, child.of, child.many), ("value", "dateTime", false));
    }

    #[test]
    fn every_element_of_r4_has_a_known_shape_and_is_found_by_its_name() {
        for facts in &SCHEMA.places {
            for child in &facts.children {
                let full = format!("{}.{}", facts.name, child.name);
                assert_eq!(place(facts.name).child(child.name), Some(child), "{full}");
                let primitive = child.of.starts_with(char::is_lowercase);
                assert_eq!(matches!(child.shape, Shape::Complex(_) | Shape::Resource), !primitive, "{full}");
                assert!(!child.name.is_empty(), "{full}");
            }
        }
    }
}
