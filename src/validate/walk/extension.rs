//! Extensions: known by their address or not, modifying or not, with a value or with extensions
//! (<https://hl7.org/fhir/R4/extensibility.html>). Where they may stand is in `context`.

use std::sync::Arc;

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::structure::{Rule, Structure, Type, Wanted};

/// FHIR's own extensions are defined below this address.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Addresses whose extensions are taken although nobody has them: HL7's tools, DICOM, and those of examples.
const TAKEN: [&str; 4] = ["http://hl7.org/fhir/tools/StructureDefinition/", "nema.org", "example.org", "acme.com"];

/// Extensions of later versions of FHIR that have long been used in R4 (HL7's validator knows them too).
const LATER: [&str; 4] =
    ["structuredefinition-expression", "elementdefinition-type-must-support", "instance-name", "instance-description"];

impl<'t> Walk<'t, '_> {
    /// Everything that is said of an extension whatever slice it is in; `within` and `rule` are what its place is part
    /// of. Gives its own definition, where that is known.
    pub(super) fn extension(&mut self, node: Node<'t>, within: &Structure, rule: &Rule) -> Option<Arc<Structure>> {
        // without an address there is nothing to look up; that it is missing is said with the cardinalities
        let url = node.text(Name::URL).filter(|url| !url.is_empty())?;
        if !is_absolute(url) {
            if !self.again {
                self.part(node, url, within, rule);
            }
            return None;
        }
        let (plain, version) = url.split_once('|').map_or((url, None), |(plain, version)| (plain, Some(version)));
        let own = self.registry.extension(plain);
        if self.again {
            return own;
        }
        if version.is_some() {
            self.versioned(node, own.is_some());
        }
        let Some(own) = own else {
            self.unknown_extension(node, url);
            return None;
        };
        self.modifying(node, &own);
        self.has_value(node, &own);
        self.context(node, &own);
        Some(own)
    }

    /// A part of a complex extension, which has a name for an address.
    fn part(&mut self, node: Node<'t>, url: &str, within: &Structure, rule: &Rule) {
        let outer = node.parent().filter(|outer| matches!(outer.name(), Name::EXTENSION | Name::MODIFIER_EXTENSION));
        let Some(outer) = outer else {
            let text = format!("The address of an extension must be absolute, and {} is not.", shown(url));
            return self.error(node, IssueCode::Invalid, "extension-url", text);
        };
        if rule.slice.is_none() && outer.text(Name::URL) == Some(&within.url) && !has_part(within, url) {
            let text = format!("The extension {} has no part {}.", within.url, shown(url));
            self.error(node, IssueCode::Invalid, "extension-part", text);
            self.detail(within, None, Some(shown(url)));
        }
    }

    fn versioned(&mut self, node: Node<'t>, known: bool) {
        let text = "The address of an extension has no version: leave out the | and what follows it.".to_owned();
        if known {
            self.error(node, IssueCode::Invalid, "extension-version", text);
        } else {
            self.warning(node, IssueCode::Invalid, "extension-version", text);
        }
    }

    fn unknown_extension(&mut self, node: Node<'t>, url: &str) {
        let later = url.strip_prefix(HL7).is_some_and(|name| LATER.contains(&name));
        if later || TAKEN.iter().any(|part| if part.contains(':') { url.starts_with(part) } else { url.contains(part) })
        {
            return;
        }
        if let Some(version) = other_version(url) {
            return self.other_version(node, url, version);
        }
        if node.name() == Name::MODIFIER_EXTENSION {
            let text =
                format!("The modifier extension {} is not known, so what it changes cannot be told.", shown(url));
            return self.error(node, IssueCode::NotSupported, "extension-known", text);
        }
        if url.starts_with(HL7) {
            let text = format!("There is no extension {} in FHIR. Check its spelling.", shown(url));
            return self.error(node, IssueCode::NotFound, "extension-known", text);
        }
        if self.options.unknown_extensions {
            let text = format!("The extension {} is not known; its content was not checked.", shown(url));
            return self.information(node, IssueCode::NotFound, "extension-known", text);
        }
        let text =
            format!("The extension {} is not known. Add the package that defines it, or leave it out.", shown(url));
        self.error(node, IssueCode::NotFound, "extension-known", text);
    }

    /// An element of another version of FHIR as an extension (<http://hl7.org/fhir/versions.html#extensions>).
    fn other_version(&mut self, node: Node<'t>, url: &str, version: &str) {
        if matches!(version, "1.0" | "3.0" | "4.0" | "4.3" | "5.0") {
            let text = format!("{} stands for an element of FHIR {version}; its content was not checked.", shown(url));
            return self.information(node, IssueCode::NotSupported, "extension-other-version", text);
        }
        let text = format!("{} names a version of FHIR that there is not ({}).", shown(url), shown(version));
        self.error(node, IssueCode::NotFound, "extension-other-version", text);
    }

    /// Extensions that change the meaning of what they stand in are named so, and only those.
    fn modifying(&mut self, node: Node<'t>, own: &Structure) {
        let modifies = own.root().is_modifier;
        if modifies == (node.name() == Name::MODIFIER_EXTENSION) {
            return;
        }
        let text = if modifies {
            format!("{} changes the meaning of what it stands in, so it belongs in `modifierExtension`.", own.url)
        } else {
            format!("{} does not change the meaning of what it stands in, so it belongs in `extension`.", own.url)
        };
        self.error(node, IssueCode::Structure, "extension-modifier", text);
        self.detail(own, None, None);
    }

    /// An extension whose definition allows a value has one, whatever else is in it.
    fn has_value(&mut self, node: Node<'t>, own: &Structure) {
        let root = own.root();
        let value = root.children.iter().map(|id| own.rule(*id)).find(|rule| rule.stem.starts_with("value"));
        let Some(value) = value.filter(|value| value.max > 0 && !value.types.is_empty()) else { return };
        if node.children().any(|child| child.name().text().starts_with("value")) {
            return;
        }
        let text = if node.child(Name::EXTENSION).is_some() {
            format!("{} has a value and no extensions of its own.", own.url)
        } else {
            format!("{} needs a value.", own.url)
        };
        self.error(node, IssueCode::Structure, "extension-value", text);
        let types: Vec<_> = value.types.iter().map(|kind| kind.name.text()).collect();
        self.detail(own, Some(types.join(", ")), None);
    }

    /// An extension that no profile of its place describes: by its own definition, or as any extension.
    pub(super) fn undescribed(&mut self, node: Node<'t>, own: Option<&Arc<Structure>>, kind: &Type) {
        let registry = self.registry;
        if let Some(own) = own.or_else(|| kind.link.get(registry)) {
            self.rules_of(node, own, own.root());
        }
    }
}

/// Whether an address has a scheme, and something behind it.
fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

/// Whether the definition of a complex extension has a part of that name.
fn has_part(own: &Structure, name: &str) -> bool {
    own.rules.iter().any(|rule| {
        rule.stem == "url"
            && rule.id.starts_with("Extension.extension:")
            && rule.id.bytes().filter(|byte| *byte == b'.').count() == 2
            && rule.fixed.as_ref().and_then(Wanted::as_text) == Some(name)
    })
}

/// The version in `http://hl7.org/fhir/5.0/StructureDefinition/extension-Patient.contact`.
fn other_version(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://hl7.org/fhir/")?;
    let (version, name) = rest.split_once('/')?;
    let numbers =
        version.starts_with(|c: char| c.is_ascii_digit()) && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (numbers && name.starts_with("StructureDefinition/extension-")).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::{is_absolute, other_version};

    #[test]
    fn absolute_addresses_have_a_scheme() {
        for url in ["http://a.example/b", "urn:oid:1.2.3", "https://a"] {
            assert!(is_absolute(url), "{url}");
        }
        for url in ["", "ombCategory", "a/b", ":a", "http:", "4:a", "a b:c"] {
            assert!(!is_absolute(url), "{url}");
        }
    }

    #[test]
    fn addresses_of_other_versions_say_which() {
        let url =
            |version: &str| format!("http://hl7.org/fhir/{version}/StructureDefinition/extension-Patient.contact");
        assert_eq!(other_version(&url("5.0")), Some("5.0"));
        assert_eq!(other_version(&url("9.9")), Some("9.9"));
        assert_eq!(other_version(&url("uv")), None);
        assert_eq!(other_version("http://hl7.org/fhir/StructureDefinition/patient-birthTime"), None);
        assert_eq!(other_version("http://hl7.org/fhir/5.0/StructureDefinition/Patient"), None);
    }
}
