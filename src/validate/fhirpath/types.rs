//! The types of R4: which element of which type stands under which name, what a choice may be, what is a kind of what.
//! Read once from `fhir/r4-types.txt` (facts of the 4.0.1 structure definitions). Knows no documents and no expressions.

use std::ops::Range;
use std::sync::LazyLock;

use crate::fhir::facts::{self, Element};
use crate::fhir::tree::Name;

/// A type of R4: a primitive (`code`), a data type (`HumanName`), a backbone element (`Patient.contact`) or a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeId(u16);

impl TypeId {
    /// What stands where the table knows nothing.
    pub const UNKNOWN: Self = Self(u16::MAX);
}

/// How the value of a primitive is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Boolean,
    Integer,
    Decimal,
    Text,
    Date,
    DateTime,
    Time,
    /// Not a primitive.
    Complex,
    /// A quantity, or a specialisation of it.
    Quantity,
    /// Unknown type: read by its JSON shape.
    Unknown,
}

/// What may stand in a type under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// The name as JSON has it (`valueString`).
    pub(super) name: Name,
    pub(super) of: TypeId,
    /// The name of the element where it is one of a choice (`value`), else unknown.
    pub(super) stem: Name,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    base: TypeId,
    reading: Reading,
    /// Its fields, inherited ones too, in `Types::fields`: sorted by name.
    fields: Range<usize>,
}

/// All types of R4.
#[derive(Debug)]
pub(super) struct Types {
    rows: Vec<Row>,
    fields: Vec<Field>,
    /// By the number of a name: the type of a resource that is called so.
    resources: Vec<TypeId>,
    /// By the number of a name that is one of a choice (`valueString`): what the choice is called (`value`).
    stems: Vec<Name>,
    resource: TypeId,
    pub(super) extension: TypeId,
}

static R4: LazyLock<Types> = LazyLock::new(Types::read);

/// The table, read at first use.
pub(super) fn r4() -> &'static Types {
    &R4
}

impl TypeId {
    /// The type of that name; the name is exact (`Patient.contact`, `code`). Unknown for a name R4 does not have.
    pub fn named(name: &str) -> Self {
        r4().named(name).unwrap_or(Self::UNKNOWN)
    }

    /// The type of a resource by the name it gives itself.
    pub fn of_resource(name: Name) -> Self {
        r4().resources.get(name.index()).copied().unwrap_or(Self::UNKNOWN)
    }

    /// Its name, empty where unknown.
    pub fn name(self) -> &'static str {
        r4().row(self).map_or("", |row| row.name)
    }

    /// Whether it is that type or a specialisation of it.
    pub fn is_a(self, wanted: Self) -> bool {
        r4().is_a(self, wanted)
    }

    /// The type of what stands in it under a name as JSON has it (`valueString`); `Resource` where any resource may.
    pub fn child(self, name: Name) -> Option<Self> {
        r4().field(self, name).map(|field| field.of)
    }
}

impl Types {
    fn read() -> Self {
        let names: Vec<&'static str> = facts::rows().map(|row| row.name).collect();
        let find = |name: &str| find(&names, name);
        let mut own: Vec<Vec<Field>> = Vec::with_capacity(names.len());
        let mut all = Self {
            rows: Vec::with_capacity(names.len()),
            fields: Vec::new(),
            resources: vec![TypeId::UNKNOWN; Name::count()],
            stems: vec![Name::UNKNOWN; Name::count()],
            resource: find("Resource"),
            extension: find("Extension"),
        };
        for row in facts::rows() {
            own.push(row.elements().flat_map(|element| fields(row.name, element, &find)).collect());
            all.rows.push(Row { name: row.name, base: find(row.base), reading: Reading::Complex, fields: 0..0 });
        }
        (0..all.rows.len()).for_each(|at| all.settle(at, &own));
        all
    }

    /// Completes a row from its own fields and those of its bases.
    fn settle(&mut self, at: usize, own: &[Vec<Field>]) {
        let first = self.fields.len();
        let mut of = u16::try_from(at).map_or(TypeId::UNKNOWN, TypeId);
        let id = of;
        while let Some(row) = self.row(of) {
            let base = row.base;
            self.fields.extend_from_slice(own.get(usize::from(of.0)).map_or(&[][..], Vec::as_slice));
            of = base;
        }
        if let Some(fields) = self.fields.get_mut(first..) {
            fields.sort_unstable_by_key(|field| field.name);
        }
        for field in own.get(at).into_iter().flatten().filter(|field| field.stem.is_known()) {
            if let Some(place) = self.stems.get_mut(field.name.index()) {
                *place = field.stem;
            }
        }
        let reading = self.classify(at);
        let fields = first..self.fields.len();
        let is_resource = self.is_a(id, self.resource);
        if let Some(row) = self.rows.get_mut(at) {
            (row.reading, row.fields) = (reading, fields);
            let name = Name::of(row.name);
            if let Some(place) = self.resources.get_mut(name.index()).filter(|_| is_resource) {
                *place = id;
            }
        }
    }

    fn classify(&self, at: usize) -> Reading {
        let Some(row) = self.rows.get(at) else { return Reading::Unknown };
        match row.name {
            "boolean" => Reading::Boolean,
            "decimal" => Reading::Decimal,
            "date" => Reading::Date,
            "dateTime" | "instant" => Reading::DateTime,
            "time" => Reading::Time,
            "Quantity" => Reading::Quantity,
            "integer" => Reading::Integer,
            name if name.starts_with(char::is_lowercase) => match self.row(row.base).map(|base| base.name) {
                Some("integer") => Reading::Integer,
                _ => Reading::Text,
            },
            _ => match self.row(row.base).map(|base| base.name) {
                Some("Quantity") => Reading::Quantity,
                _ => Reading::Complex,
            },
        }
    }

    fn row(&self, of: TypeId) -> Option<&Row> {
        self.rows.get(usize::from(of.0))
    }

    /// The type of that name; the name is exact (`Patient.contact`, `code`).
    pub(super) fn named(&self, name: &str) -> Option<TypeId> {
        let at = self.rows.binary_search_by(|row| row.name.cmp(name)).ok()?;
        u16::try_from(at).ok().map(TypeId)
    }

    /// Whether resources of every type may stand where this type stands.
    pub(super) fn holds_resource(&self, of: TypeId) -> bool {
        of == self.resource
    }

    pub(super) fn reading(&self, of: TypeId) -> Reading {
        self.row(of).map_or(Reading::Unknown, |row| row.reading)
    }

    /// Whether the first is the second or a specialisation of it.
    pub(super) fn is_a(&self, mut of: TypeId, wanted: TypeId) -> bool {
        loop {
            if of == wanted {
                return of != TypeId::UNKNOWN;
            }
            match self.row(of) {
                Some(row) => of = row.base,
                None => return false,
            }
        }
    }

    /// What stands in this type under a name as JSON has it.
    pub(super) fn field(&self, of: TypeId, name: Name) -> Option<Field> {
        let fields = self.fields.get(self.row(of)?.fields.clone())?;
        let at = fields.binary_search_by_key(&name, |field| field.name).ok()?;
        fields.get(at).copied()
    }

    /// Whether some type has a choice of that name.
    pub(super) fn is_stem(&self, name: Name) -> bool {
        name.is_known() && self.stems.contains(&name)
    }

    /// Whether a name (`valueString`) is one of the choice of a name (`value`), in some type.
    pub(super) fn is_of_choice(&self, name: Name, stem: Name) -> bool {
        self.stems.get(name.index()).is_some_and(|of| *of == stem)
    }
}

/// The fields that one entry of the table stands for: one, or of a choice one for each type.
fn fields(row: &str, element: Element, find: &impl Fn(&str) -> TypeId) -> Vec<Field> {
    if !element.is_choice {
        let of = element.types().next().map_or_else(|| find(&format!("{row}.{}", element.name)), find);
        return vec![Field { name: Name::of(element.name), of, stem: Name::UNKNOWN }];
    }
    let mut key = String::with_capacity(64);
    let choices = element.types().map(|of| {
        element.key(of, &mut key);
        Field { name: Name::of(&key), of: find(of), stem: Name::of(element.name) }
    });
    choices.collect()
}

fn find(names: &[&str], wanted: &str) -> TypeId {
    let at = names.binary_search(&wanted).ok().and_then(|at| u16::try_from(at).ok());
    at.map_or(TypeId::UNKNOWN, TypeId)
}

#[cfg(test)]
mod tests {
    use super::{Reading, TypeId, r4};
    use crate::fhir::tree::Name;

    #[test]
    fn every_type_named_in_the_table_has_a_row_and_rows_are_sorted() {
        let types = r4();
        assert!(types.rows.is_sorted_by(|a, b| a.name < b.name));
        for row in &types.rows {
            assert!(row.base != TypeId::UNKNOWN || matches!(row.name, "Element" | "Resource"), "{}", row.name);
            let fields = &types.fields[row.fields.clone()];
            assert!(fields.is_sorted_by(|a, b| a.name < b.name), "{} has a name twice", row.name);
            for field in fields {
                assert!(field.of != TypeId::UNKNOWN && field.name.is_known(), "{}.{}", row.name, field.name.text());
                // a name is one of the same choice wherever it is one
                assert!(!field.stem.is_known() || types.is_of_choice(field.name, field.stem), "{}", field.name.text());
            }
        }
    }

    #[test]
    fn types_are_kinds_of_their_bases() {
        let types = r4();
        let is = |a: &str, b: &str| types.is_a(types.named(a).unwrap(), types.named(b).unwrap());
        for (a, b) in [("code", "string"), ("Age", "Quantity"), ("Patient", "Resource"), ("canonical", "uri")] {
            assert!(is(a, b) && !is(b, a), "{a} {b}");
        }
        assert!(!is("Bundle", "DomainResource") && is("Patient.contact", "BackboneElement"));
        assert_eq!(TypeId::of_resource(Name::of("HumanName")), TypeId::UNKNOWN);
        assert_eq!(TypeId::of_resource(Name::UNKNOWN), TypeId::UNKNOWN);
        assert_eq!(TypeId::of_resource(Name::PATIENT).name(), "Patient");
    }

    #[test]
    fn fields_and_choices_have_their_types() {
        let types = r4();
        let observation = types.named("Observation").unwrap();
        let field = types.field(observation, Name::of("valueQuantity")).unwrap();
        assert_eq!((field.of.name(), field.stem), ("Quantity", Name::VALUE));
        assert!(types.is_of_choice(field.name, Name::VALUE) && !types.is_of_choice(Name::CODE, Name::VALUE));
        assert_eq!(observation.child(Name::ID).map(TypeId::name), Some("id"));
        assert!(types.field(observation, Name::VALUE).is_none() && types.field(observation, Name::UNKNOWN).is_none());
        assert!(types.is_stem(Name::VALUE) && !types.is_stem(Name::ID) && !types.is_stem(Name::of("valueQuantity")));
        for (name, reading) in [("positiveInt", Reading::Integer), ("uuid", Reading::Text), ("Age", Reading::Quantity)]
        {
            assert_eq!(types.reading(types.named(name).unwrap()), reading, "{name}");
        }
    }
}
