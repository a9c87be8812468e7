//! The types of R4 as `r4-types.txt` has them, line by line: which elements a type has, in order, of which types, how
//! often. Knows how the file is written; what is made of it (names, places, FHIRPath types) is made elsewhere.

const TABLE: &str = include_str!("r4-types.txt");

/// A type: a primitive (`code`), a data type (`HumanName`), a backbone element (`Patient.contact`) or a resource.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    /// The type it specialises; empty for `Element` and `Resource`.
    pub base: &'static str,
    elements: &'static str,
}

/// An element that a type adds to those of its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Its name; of a choice without `[x]`.
    pub name: &'static str,
    pub is_choice: bool,
    pub required: bool,
    pub repeats: bool,
    /// As the file has it: types with commas between, or `.`.
    types: &'static str,
}

/// Every type, sorted by name.
pub fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let (head, elements) = line.split_once(' ').unwrap_or((line, ""));
        let (name, base) = head.split_once(':').unwrap_or((head, ""));
        Row { name, base, elements }
    })
}

impl Row {
    /// The elements it adds, in the order in which they stand in XML.
    pub fn elements(&self) -> impl Iterator<Item = Element> + use<> {
        self.elements.split(' ').filter_map(|part| part.split_once('=')).map(|(marked, types)| {
            let single = marked.strip_suffix('*');
            let optional = single.unwrap_or(marked).strip_suffix('!');
            let name = optional.or(single).unwrap_or(marked);
            let stem = name.strip_suffix("[x]");
            Element {
                name: stem.unwrap_or(name),
                is_choice: stem.is_some(),
                required: optional.is_some(),
                repeats: single.is_some(),
                types,
            }
        })
    }
}

impl Element {
    /// Its types by name: more than one only for a choice; none where its content is described in a row of its own,
    /// named after type and element with a dot between.
    pub fn types(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.types.split(',').filter(|of| *of != ".")
    }

    /// Writes the name that a choice has in JSON with one of its types: `value` and `string` make `valueString`.
    pub fn key(&self, of: &str, out: &mut String) {
        out.clear();
        out.push_str(self.name);
        let mut letters = of.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn marks_are_read_and_names_are_free_of_them() {
        let element = |of: &str, name: &str| {
            let row = rows().find(|row| row.name == of).unwrap();
            let found = row.elements().find(|element| element.name == name).unwrap();
            (found.is_choice, found.required, found.repeats, found.types().count())
        };
        assert_eq!(element("Patient", "name"), (false, false, true, 1));
        assert_eq!(element("Patient", "contact"), (false, false, true, 0));
        assert_eq!(element("Patient", "deceased"), (true, false, false, 2));
        assert_eq!(element("Patient.link", "other"), (false, true, false, 1));
        assert_eq!(element("MedicationStatement", "medication"), (true, true, false, 2));
        assert_eq!(element("AllergyIntolerance.reaction", "manifestation"), (false, true, true, 1));
    }

    #[test]
    fn names_hold_letters_and_digits_only() {
        for element in rows().flat_map(|row| row.elements()) {
            assert!(element.name.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", element.name);
        }
    }
}
