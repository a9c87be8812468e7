//! The types of R4: which element of which type stands under which name, what a choice may be, what is a kind of what.
//! Read once from `fhir/r4-types.txt` (facts of the 4.0.1 structure definitions). Knows no documents and no expressions.

use std::sync::LazyLock;

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

/// A type an element may take, with the keys under which JSON holds it.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) key: String,
    /// The key of what stands beside a primitive: `_valueString`.
    pub(super) beside: String,
    pub(super) of: TypeId,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    base: TypeId,
    reading: Reading,
    /// JSON keys, sorted, with the type and, for one of a choice, its name (`value`).
    keys: Vec<(String, TypeId, Option<&'static str>)>,
    choices: Vec<(&'static str, Vec<Choice>)>,
}

/// What stands under a JSON key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) of: TypeId,
    /// The name of the element where the key is one of a choice.
    pub(super) choice: Option<&'static str>,
}

/// All types of R4.
#[derive(Debug)]
pub(super) struct Types {
    rows: Vec<Row>,
    resource: TypeId,
}

const TABLE: &str = include_str!("../../fhir/r4-types.txt");

static R4: LazyLock<Types> = LazyLock::new(|| Types::read(TABLE));

/// The table, read at first use.
pub(super) fn r4() -> &'static Types {
    &R4
}

impl Types {
    fn read(table: &'static str) -> Self {
        let lines = || table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let head = |line: &'static str| {
            let (head, elements) = line.split_once(' ').unwrap_or((line, ""));
            let (name, base) = head.split_once(':').unwrap_or((head, ""));
            (name, base, elements)
        };
        let names: Vec<&'static str> = lines().map(|line| head(line).0).collect();
        let find = |name: &str| find(&names, name);
        let rows = lines().map(head).map(|(name, base, elements)| {
            let mut row =
                Row { name, base: find(base), reading: Reading::Complex, keys: Vec::new(), choices: Vec::new() };
            for (element, types) in elements.split_whitespace().filter_map(|part| part.split_once('=')) {
                row.take(element, types, &find);
            }
            row.keys.sort_by(|a, b| a.0.cmp(&b.0));
            row
        });
        let mut all = Self { rows: rows.collect(), resource: find("Resource") };
        let readings: Vec<Reading> = (0..all.rows.len()).map(|at| all.classify(at)).collect();
        for (row, reading) in all.rows.iter_mut().zip(readings) {
            row.reading = reading;
        }
        all
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

    /// The type of a resource by its `resourceType`.
    pub(super) fn resource(&self, name: &str) -> TypeId {
        self.named(name).filter(|found| self.is_a(*found, self.resource)).unwrap_or(TypeId::UNKNOWN)
    }

    /// Whether resources of every type may stand where this type stands.
    pub(super) fn holds_resource(&self, of: TypeId) -> bool {
        of == self.resource
    }

    pub(super) fn name(&self, of: TypeId) -> &'static str {
        self.row(of).map_or("", |row| row.name)
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

    /// What stands in this type under a JSON key.
    pub(super) fn key(&self, mut of: TypeId, key: &str) -> Option<Held> {
        while let Some(row) = self.row(of) {
            if let Ok(at) = row.keys.binary_search_by(|held| held.0.as_str().cmp(key)) {
                return row.keys.get(at).map(|held| Held { of: held.1, choice: held.2 });
            }
            of = row.base;
        }
        None
    }

    /// The types a choice of this type may take.
    pub(super) fn choices(&self, mut of: TypeId, name: &str) -> Option<&[Choice]> {
        while let Some(row) = self.row(of) {
            if let Some((_, choices)) = row.choices.iter().find(|(known, _)| *known == name) {
                return Some(choices);
            }
            of = row.base;
        }
        None
    }
}

impl Row {
    fn take(&mut self, element: &'static str, types: &'static str, find: &impl Fn(&str) -> TypeId) {
        let Some(name) = element.strip_suffix("[x]") else {
            let of = if types == "." { find(&format!("{}.{element}", self.name)) } else { find(types) };
            self.keys.push((element.to_owned(), of, None));
            return;
        };
        let choices = types.split(',').map(|of| {
            let mut letters = of.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            let key: String = name.chars().chain(first).chain(letters).collect();
            Choice { beside: format!("_{key}"), key, of: find(of) }
        });
        let choices: Vec<Choice> = choices.collect();
        self.keys.extend(choices.iter().map(|choice| (choice.key.clone(), choice.of, Some(name))));
        self.choices.push((name, choices));
    }
}

fn find(names: &[&str], wanted: &str) -> TypeId {
    let at = names.binary_search(&wanted).ok().and_then(|at| u16::try_from(at).ok());
    at.map_or(TypeId::UNKNOWN, TypeId)
}

#[cfg(test)]
mod tests {
    use super::{Reading, TypeId, r4};

    #[test]
    fn every_type_named_in_the_table_has_a_row_and_rows_are_sorted() {
        let types = r4();
        assert!(types.rows.is_sorted_by(|a, b| a.name < b.name));
        for row in &types.rows {
            assert!(row.base != TypeId::UNKNOWN || matches!(row.name, "Element" | "Resource"), "{}", row.name);
            for (key, of, _) in &row.keys {
                assert!(*of != TypeId::UNKNOWN, "{}.{key}", row.name);
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
        assert_eq!(types.resource("HumanName"), TypeId::UNKNOWN);
    }

    #[test]
    fn keys_and_choices_have_their_types() {
        let types = r4();
        let observation = types.named("Observation").unwrap();
        let held = types.key(observation, "valueQuantity").unwrap();
        assert_eq!((types.name(held.of), held.choice), ("Quantity", Some("value")));
        assert_eq!(types.choices(observation, "value").unwrap().len(), 11);
        assert_eq!(types.name(types.key(observation, "id").unwrap().of), "id");
        assert!(types.key(observation, "value").is_none());
        for (name, reading) in [("positiveInt", Reading::Integer), ("uuid", Reading::Text), ("Age", Reading::Quantity)]
        {
            assert_eq!(types.reading(types.named(name).unwrap()), reading, "{name}");
        }
    }
}
