//! Which policy decided: a digest of all its texts, and one of each rule, so that a later reader can say which rules have
//! changed since. Takes texts as they are; whether they are policies is for `load` to say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name under which the schema's digest stands among the rules'.
const SCHEMA: &str = "schema";
/// Hexadecimal digits of a rule's digest: enough to tell two texts apart, and short in every record.
const SHORT: usize = 16;

/// One state of the policy files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Edition {
    /// SHA-256 over every rule id with its text, and the schema, in the order of the ids.
    pub policy: String,
    /// For each rule the beginning of its text's SHA-256.
    pub rules: BTreeMap<String, String>,
}

impl Edition {
    /// The edition of policy files, given as (name, text), and their schema.
    pub(super) fn of(files: &[(&str, &str)], schema: &str) -> Self {
        let texts: BTreeMap<String, &str> =
            files.iter().map(|(name, text)| (id(text).unwrap_or(name).to_owned(), *text)).collect();
        let mut whole = Sha256::new();
        for (id, text) in texts.iter().map(|(id, text)| (id.as_str(), *text)).chain([(SCHEMA, schema)]) {
            // The lengths keep texts apart that could be cut in another place.
            whole.update(format!("{} {} ", id.len(), text.len()));
            whole.update(id);
            whole.update(text);
        }
        let mut rules: BTreeMap<String, String> = texts.into_iter().map(|(id, text)| (id, short(text))).collect();
        rules.insert(SCHEMA.to_owned(), short(schema));
        Self { policy: format!("{:x}", whole.finalize()), rules }
    }

    /// The rules in which another edition differs from this one: another text, added or taken away.
    pub(super) fn differences(&self, later: &Self) -> Vec<String> {
        let all: BTreeSet<&String> = self.rules.keys().chain(later.rules.keys()).collect();
        let told = all.into_iter().filter_map(|id| match (self.rules.get(id), later.rules.get(id)) {
            (Some(before), Some(after)) if before == after => None,
            (Some(_), Some(_)) => Some(format!("{id} changed")),
            (None, _) => Some(format!("{id} added")),
            (_, None) => Some(format!("{id} removed")),
        });
        told.collect()
    }
}

fn short(text: &str) -> String {
    let mut digest = format!("{:x}", Sha256::digest(text));
    digest.truncate(SHORT);
    digest
}

/// The id a policy text gives itself.
fn id(text: &str) -> Option<&str> {
    text.split_once("@id(\"")?.1.split_once('"').map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::Edition;

    #[test]
    fn an_edition_says_which_rules_another_changed_added_or_lacks() {
        let rule = |id: &str, text: &str| format!("@id(\"{id}\") {text}");
        let (one, two, three) = (rule("CS-01", "permit"), rule("CS-02", "forbid"), rule("CS-01", "forbid"));
        let before = Edition::of(&[("a", &one), ("b", &two)], "schema");
        let after = Edition::of(&[("x", &three), ("c", "no id at all")], "schema 2");
        assert_eq!(before.differences(&after), ["CS-01 changed", "CS-02 removed", "c added", "schema changed"]);
        assert_ne!(before.policy, after.policy);
        // Neither the order nor the names of files make another policy.
        assert_eq!(before, Edition::of(&[("z", &two), ("y", &one)], "schema"));
        assert!(before.differences(&before).is_empty());
    }
}
