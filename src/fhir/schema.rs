//! The R4 element tree, as fhirbolt's tables hold it: which elements stand where, in which order, of which type.
//! Facts only: reads no documents and refuses nothing.

use std::borrow::Cow;

use fhirbolt_shared::element_map::r4::ELEMENT_MAP;
use fhirbolt_shared::type_hints::r4::TYPE_HINTS;

/// A place in the type tree where elements may stand: a resource (`Patient`), a data type (`HumanName`) or a
/// backbone element (`Patient.contact`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(Cow<'static, str>);

/// What a value without children looks like in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Integer,
    Decimal,
    Text,
}

/// What stands under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A child element of a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) name: &'static str,
    /// Whether it may repeat, and so is an array in JSON.
    pub(super) many: bool,
    pub(super) shape: Shape,
}

impl Place {
    /// The place of an R4 resource type, if there is one of that name.
    pub(super) fn resource(name: &str) -> Option<Self> {
        let (name, children) = ELEMENT_MAP.get_entry(name)?;
        let concrete = !matches!(*name, "Resource" | "DomainResource");
        (concrete && children.contains("implicitRules")).then_some(Self(Cow::Borrowed(name)))
    }

    /// What may stand beside a primitive value: `id` and `extension`.
    pub(super) const ELEMENT: Self = Self(Cow::Borrowed("Element"));

    /// Data type of extensions.
    pub(super) const EXTENSION: Self = Self(Cow::Borrowed("Extension"));

    /// Its name in the tree: `Patient`, `HumanName`, `Patient.contact`.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    pub(super) fn is_resource(&self) -> bool {
        self.names().any(|name| name == "implicitRules") && !self.0.contains('.')
    }

    /// Names of the children, in the order XML demands (<https://hl7.org/fhir/R4/xml.html>).
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        // the tables have no `Element` of its own; `string` is one with a value
        let bare = *self == Self::ELEMENT;
        let entry = if bare { "string" } else { &*self.0 };
        let names = ELEMENT_MAP.get(entry).into_iter().flat_map(|set| set.iter().copied());
        names.filter(move |name| !(bare && *name == "value"))
    }

    /// The children, in order.
    pub(super) fn children(&self) -> impl Iterator<Item = Child> {
        self.names().filter_map(|name| self.child(name))
    }

    /// One child by name; `None` when no such element stands here.
    pub(super) fn child(&self, name: &str) -> Option<Child> {
        let name: &'static str = if *self == Self::ELEMENT {
            self.names().find(|known| *known == name)?
        } else {
            ELEMENT_MAP.get(&*self.0)?.get_key(name)?
        };
        let path = format!("{}.{name}", self.0);
        let many = matches!(name, "extension" | "modifierExtension")
            || (name == "contained" && self.is_resource())
            || TYPE_HINTS.array_paths.contains(&path);
        Some(Child { name, many, shape: self.shape(name, path) })
    }

    fn shape(&self, name: &'static str, path: String) -> Shape {
        if let Some(shape) = self.common(name) {
            return shape;
        }
        if TYPE_HINTS.all_primitives_paths.contains(&path) {
            return Shape::Primitive(primitive(&path));
        }
        match TYPE_HINTS.type_paths.get(&path) {
            Some(&"Resource") => Shape::Resource,
            Some(data_type) => Shape::Complex(Self(Cow::Borrowed(data_type))),
            None => match TYPE_HINTS.content_reference_paths.get(&path) {
                Some(target) => Shape::Complex(Self(Cow::Borrowed(target))),
                None if ELEMENT_MAP.contains_key(&path) => Shape::Complex(Self(Cow::Owned(path))),
                None => Shape::Primitive(Primitive::Text),
            },
        }
    }

    /// Elements that every resource or element has, which the tables leave out.
    fn common(&self, name: &str) -> Option<Shape> {
        let of_resource = self.is_resource();
        match (name, of_resource) {
            ("extension" | "modifierExtension", _) => Some(Shape::Complex(Self::EXTENSION)),
            ("id", false) => Some(Shape::Attribute),
            ("id" | "implicitRules" | "language", true) => Some(Shape::Primitive(Primitive::Text)),
            ("meta", true) => Some(Shape::Complex(Self(Cow::Borrowed("Meta")))),
            ("text", true) => Some(Shape::Complex(Self(Cow::Borrowed("Narrative")))),
            ("contained", true) => Some(Shape::Resource),
            ("url", false) if *self == Self::EXTENSION => Some(Shape::Attribute),
            ("div", false) if self.0 == "Narrative" => Some(Shape::Xhtml),
            _ => None,
        }
    }
}

fn primitive(path: &str) -> Primitive {
    let hints = &TYPE_HINTS;
    if hints.boolean_paths.contains(path) {
        Primitive::Boolean
    } else if hints.decimal_paths.contains(path) {
        Primitive::Decimal
    } else if [&hints.integer_paths, &hints.unsigned_integer_paths, &hints.positive_integer_paths]
        .iter()
        .any(|set| set.contains(path))
    {
        Primitive::Integer
    } else {
        Primitive::Text
    }
}

#[cfg(test)]
mod tests {
    use super::{ELEMENT_MAP, Place, Primitive, Shape, TYPE_HINTS};
    use std::borrow::Cow;

    fn place(path: &'static str) -> Place {
        Place(Cow::Borrowed(path))
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
        let shape = |at: &'static str, name: &str| place(at).child(name).map(|c| (c.many, c.shape));
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
    fn every_element_of_r4_has_a_known_shape() {
        for path in ELEMENT_MAP.keys() {
            for child in place(path).children() {
                let full = format!("{path}.{}", child.name);
                let guessed = child.shape == Shape::Primitive(Primitive::Text)
                    && !TYPE_HINTS.all_primitives_paths.contains(&full)
                    && place(path).common(child.name).is_none();
                // Primitive types describe themselves with `value`; nothing looks that up.
                let self_described = child.name == "value" && path.starts_with(char::is_lowercase);
                assert!(!guessed || self_described, "{full}");
            }
        }
    }
}
