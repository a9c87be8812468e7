//! Parts of documents as FHIR resources, whichever document they stand in. Deterministic: every id is derived from the
//! seed and the role a resource has in its bundle.

pub(in crate::map) mod clinical;
pub(in crate::map) mod consent;
mod contact;
pub(in crate::map) mod datatypes;
pub(in crate::map) mod parties;
mod person;
pub(in crate::map) mod statement;

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::fhir::build::{self, Names, reference};
use crate::fhir::codes;
use crate::model::DataCategory;

/// Collects the entries of a bundle; knows how to name them.
pub(in crate::map) struct Entries {
    /// What all ids derive from: two senders may use the same document id.
    names: Names,
    list: Vec<Value>,
    /// fullUrls of the resources that carry content, in order.
    items: Vec<String>,
}

impl Entries {
    /// No entries yet. The seed tells documents of different senders apart.
    pub(in crate::map) fn new(seed: &str) -> Self {
        Self { names: Names::of(seed), list: Vec::new(), items: Vec::new() }
    }

    /// Id of the resource with this role, or of the bundle itself.
    pub(in crate::map) fn id(&self, role: &str) -> String {
        self.names.uuid(role).hyphenated().to_string()
    }

    /// The entries.
    pub(in crate::map) fn into_list(self) -> Vec<Value> {
        self.list
    }

    /// fullUrls of the content resources added since the last call.
    pub(in crate::map) fn take_items(&mut self) -> Vec<String> {
        std::mem::take(&mut self.items)
    }

    /// fullUrl of the resource with this role in the bundle.
    pub(in crate::map) fn url(&self, role: &str) -> String {
        build::urn(self.names.uuid(role))
    }

    pub(in crate::map) fn refer(&self, role: &str) -> Value {
        reference(&self.url(role))
    }

    /// Begins a resource; `profiled` says whether UK Core has a profile for it.
    pub(in crate::map) fn resource<S: AsRef<str>>(
        &self,
        kind: &str,
        role: &str,
        profiled: bool,
        category: Option<DataCategory>,
        lines: &[S],
    ) -> Map<String, Value> {
        let profile = profiled.then(|| codes::ukcore(kind));
        build::resource(kind, self.names.uuid(role), profile.as_deref(), category, lines)
    }

    /// What a resource is, by its fullUrl.
    pub(in crate::map) fn by_url(&self) -> HashMap<&str, &Value> {
        let entries = self.list.iter();
        entries.filter_map(|entry| Some((entry.get("fullUrl")?.as_str()?, entry.get("resource")?))).collect()
    }

    pub(in crate::map) fn push(&mut self, role: &str, resource: Map<String, Value>) {
        self.list.push(build::entry(&self.url(role), resource));
    }

    /// Adds a resource under a name of its own.
    pub(in crate::map) fn push_at(&mut self, url: &str, resource: Value) {
        let mut entry = Map::new();
        entry.insert("fullUrl".to_owned(), url.into());
        entry.insert("resource".to_owned(), resource);
        self.list.push(Value::Object(entry));
    }

    /// fullUrls of the entries there are.
    pub(in crate::map) fn urls(&self) -> impl Iterator<Item = String> {
        self.list.iter().filter_map(|entry| entry.get("fullUrl")?.as_str().map(str::to_owned))
    }

    /// Adds a resource that carries content of the document.
    pub(in crate::map) fn push_item(&mut self, role: &str, resource: Map<String, Value>) {
        self.items.push(self.url(role));
        self.push(role, resource);
    }
}
