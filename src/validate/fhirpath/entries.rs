//! The resources that stand side by side in a bundle (or in Parameters), found by address
//! (<https://hl7.org/fhir/R4/bundle.html#references>). Read once, each question answered in one step; says nothing about
//! what may stand where.

use std::collections::HashMap;

use super::scope::Host;
use crate::fhir::tree::{Name, Node};

/// The entries of a bundle, or the resources of Parameters, by `fullUrl` and by type and id.
#[derive(Debug, Default)]
pub struct InBundle<'a> {
    around: Option<Node<'a>>,
    entries: Vec<Entry<'a>>,
    urls: HashMap<&'a str, u32>,
    ids: HashMap<(Name, &'a str), u32>,
    /// By `fullUrl` and version; only where several entries share a `fullUrl`.
    versions: HashMap<(&'a str, &'a str), u32>,
}

/// One entry.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub node: Node<'a>,
    pub resource: Option<Node<'a>>,
    pub url: Option<&'a str>,
    /// `meta.versionId` of the resource.
    pub version: Option<&'a str>,
    next_of_url: Option<u32>,
    next_of_id: Option<u32>,
}

impl<'a> InBundle<'a> {
    /// Reads the entries of a bundle once.
    #[must_use]
    pub fn of(bundle: Node<'a>) -> Self {
        let mut out = Self { around: Some(bundle), ..Self::default() };
        for node in bundle.all(Name::ENTRY) {
            out.put(node, node.text(Name::FULL_URL));
        }
        out.index();
        out
    }

    /// Reads the resources that Parameters carry, in parts too. They have no address but type and id.
    #[must_use]
    pub fn of_parameters(parameters: Node<'a>) -> Self {
        let mut out = Self { around: Some(parameters), ..Self::default() };
        let mut open: Vec<_> = parameters.all(Name::PARAMETER).collect();
        while let Some(node) = open.pop() {
            out.put(node, None);
            open.extend(node.all(Name::PART));
        }
        out.index();
        out
    }

    fn put(&mut self, node: Node<'a>, url: Option<&'a str>) {
        let resource = node.child(Name::RESOURCE);
        let version = resource.and_then(|resource| resource.child(Name::META)?.text(version_id()));
        self.entries.push(Entry { node, resource, url, version, next_of_url: None, next_of_id: None });
    }

    /// Backwards, so that the first of several is found first and knows the next.
    fn index(&mut self) {
        let mut shared = false;
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        for (entry, at) in self.entries.iter_mut().rev().zip((0..count).rev()) {
            let Some(resource) = entry.resource else { continue };
            if let Some(url) = entry.url {
                entry.next_of_url = self.urls.insert(url, at);
                shared |= entry.next_of_url.is_some();
            }
            let kind = resource.resource_type();
            if let Some(id) = resource.text(Name::ID).filter(|_| kind.is_known()) {
                entry.next_of_id = self.ids.insert((kind, id), at);
            }
        }
        if shared {
            let versioned = self.entries.iter().rev().zip((0..count).rev());
            self.versions = versioned.filter_map(|(entry, at)| Some(((entry.url?, entry.version?), at))).collect();
        }
    }

    /// The Bundle or Parameters these are the entries of.
    #[must_use]
    pub const fn around(&self) -> Option<Node<'a>> {
        self.around
    }

    /// All entries in their order, those without a resource too.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The entries with a resource and this `fullUrl`, with their numbers, in their order.
    pub fn at<'s>(&'s self, url: &str) -> impl Iterator<Item = (usize, Entry<'a>)> + use<'s, 'a> {
        self.chain(self.urls.get(url).copied(), |entry| entry.next_of_url)
    }

    /// The first entry with this `fullUrl` and version.
    #[must_use]
    pub fn version(&self, url: &str, version: &str) -> Option<(usize, Entry<'a>)> {
        if self.versions.is_empty() {
            return self.at(url).next().filter(|(_, entry)| entry.version == Some(version));
        }
        self.chain(self.versions.get(&(url, version)).copied(), |_| None).next()
    }

    /// The entries whose resource has this type and id, whatever their `fullUrl`.
    pub fn of_id<'s>(&'s self, kind: Name, id: &str) -> impl Iterator<Item = (usize, Entry<'a>)> + use<'s, 'a> {
        self.chain(self.ids.get(&(kind, id)).copied(), |entry| entry.next_of_id)
    }

    fn chain<'s>(
        &'s self,
        first: Option<u32>,
        next: fn(&Entry<'a>) -> Option<u32>,
    ) -> impl Iterator<Item = (usize, Entry<'a>)> + use<'s, 'a> {
        let found = std::iter::successors(first, move |at| next(self.entries.get(*at as usize)?));
        found.filter_map(|at| Some((at as usize, *self.entries.get(at as usize)?)))
    }
}

impl<'a> Host<'a> for InBundle<'a> {
    /// As FHIRPath's `resolve()` finds it: by address, else by type and id whatever the address of the entry.
    fn resolve(&self, reference: &str) -> Option<Node<'a>> {
        let reference = reference.split_once("/_history/").map_or(reference, |(plain, _)| plain);
        let found = self.at(reference).next().or_else(|| {
            let (kind, id) = reference.rsplit_once('/')?;
            // an absolute address means that server's resource, not one that happens to have the same id
            if kind.contains('/') || kind.contains(':') {
                return None;
            }
            self.of_id(Name::of(kind), id).next()
        });
        found?.1.resource
    }
}

fn version_id() -> Name {
    static NAME: std::sync::LazyLock<Name> = std::sync::LazyLock::new(|| Name::of("versionId"));
    *NAME
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Host, InBundle, Name};
    use crate::fhir::tree::Tree;

    #[test]
    fn entries_are_found_by_address_by_version_and_by_id() {
        let patient =
            |id: &str, version: &str| json!({"resourceType": "Patient", "id": id, "meta": {"versionId": version}});
        let tree = Tree::of_value(&json!({"resourceType": "Bundle", "entry": [
            {"fullUrl": "http://a.example/Patient/1", "resource": patient("1", "1")},
            {"fullUrl": "http://a.example/Patient/1", "resource": patient("1", "2")},
            {"fullUrl": "urn:uuid:x", "resource": patient("2", "1")},
            {"fullUrl": "http://a.example/Patient/3"},
        ]}))
        .unwrap();
        let bundle = InBundle::of(tree.root());
        let numbers = |url: &str| bundle.at(url).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(numbers("http://a.example/Patient/1"), [0, 1]);
        assert_eq!(numbers("urn:uuid:x"), [2]);
        assert_eq!(numbers("http://a.example/Patient/3"), [0; 0], "there is no resource");
        assert_eq!(bundle.version("http://a.example/Patient/1", "2").map(|(at, _)| at), Some(1));
        assert_eq!(bundle.version("http://a.example/Patient/1", "3").map(|(at, _)| at), None);
        assert_eq!(bundle.version("urn:uuid:x", "1").map(|(at, _)| at), Some(2));
        assert_eq!(bundle.of_id(Name::PATIENT, "1").map(|(at, _)| at).collect::<Vec<_>>(), [0, 1]);
        assert!(bundle.resolve("Patient/2").is_some() && bundle.resolve("http://b.example/Patient/2").is_none());
        assert_eq!(bundle.entries().len(), 4);
    }

    #[test]
    fn parameters_are_found_in_parts_too() {
        let tree = Tree::of_value(&json!({"resourceType": "Parameters", "parameter": [
            {"name": "a", "part": [{"name": "b", "resource": {"resourceType": "Patient", "id": "1"}}]},
        ]}))
        .unwrap();
        let inside = InBundle::of_parameters(tree.root());
        assert_eq!(inside.of_id(Name::PATIENT, "1").count(), 1);
    }
}
