//! Policy files to a checked policy set. Takes nothing that is not annotated, unique and valid against the schema,
//! and reports every fault at once. Reads no files: the texts are handed in.

use std::collections::BTreeMap;

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};

use super::error::PolicyFault;
use super::nesting;
use super::rule::{Rule, RuleId};

/// The policy that comes with the gateway, one rule a file.
pub(super) const EMBEDDED: &[(&str, &str)] = &[
    ("cs-01.cedar", include_str!("../../profiles/policy/cs-01.cedar")),
    ("cs-02.cedar", include_str!("../../profiles/policy/cs-02.cedar")),
    ("cs-03.cedar", include_str!("../../profiles/policy/cs-03.cedar")),
    ("cs-04.cedar", include_str!("../../profiles/policy/cs-04.cedar")),
    ("cs-05.cedar", include_str!("../../profiles/policy/cs-05.cedar")),
    ("cs-06.cedar", include_str!("../../profiles/policy/cs-06.cedar")),
    ("cs-07.cedar", include_str!("../../profiles/policy/cs-07.cedar")),
    ("cs-08.cedar", include_str!("../../profiles/policy/cs-08.cedar")),
    ("cs-09.cedar", include_str!("../../profiles/policy/cs-09.cedar")),
    ("cs-10.cedar", include_str!("../../profiles/policy/cs-10.cedar")),
    ("cs-11.cedar", include_str!("../../profiles/policy/cs-11.cedar")),
    ("cs-12.cedar", include_str!("../../profiles/policy/cs-12.cedar")),
    ("cs-13.cedar", include_str!("../../profiles/policy/cs-13.cedar")),
    ("cs-14.cedar", include_str!("../../profiles/policy/cs-14.cedar")),
    ("cs-16.cedar", include_str!("../../profiles/policy/cs-16.cedar")),
    ("cs-17.cedar", include_str!("../../profiles/policy/cs-17.cedar")),
    ("cs-18.cedar", include_str!("../../profiles/policy/cs-18.cedar")),
    ("cs-19.cedar", include_str!("../../profiles/policy/cs-19.cedar")),
    ("cs-20.cedar", include_str!("../../profiles/policy/cs-20.cedar")),
    ("cs-22.cedar", include_str!("../../profiles/policy/cs-22.cedar")),
    ("gw-01.cedar", include_str!("../../profiles/policy/gw-01.cedar")),
    ("gw-02.cedar", include_str!("../../profiles/policy/gw-02.cedar")),
    ("gw-03.cedar", include_str!("../../profiles/policy/gw-03.cedar")),
    ("gw-04.cedar", include_str!("../../profiles/policy/gw-04.cedar")),
];

/// The schema that comes with the gateway.
pub(super) const EMBEDDED_SCHEMA: &str = include_str!("../../profiles/policy/gateway.cedarschema");

const SCHEMA_FILE: &str = "gateway.cedarschema";

/// What loading gives: the set Cedar decides with and the rules as people meet them.
pub(super) struct Loaded {
    pub set: PolicySet,
    pub schema: Schema,
    pub rules: BTreeMap<RuleId, Rule>,
}

/// Parses, checks annotations and validates strictly.
///
/// # Errors
/// Every fault of every file.
pub(super) fn load(files: &[(&str, &str)], schema: &str) -> Result<Loaded, Vec<PolicyFault>> {
    let mut faults = Vec::new();
    let schema = match Schema::from_cedarschema_str(schema) {
        Ok((schema, warnings)) => {
            faults.extend(warnings.map(|warning| fault(SCHEMA_FILE, &warning.to_string())));
            Some(schema)
        }
        Err(error) => {
            faults.push(fault(SCHEMA_FILE, &error.to_string()));
            None
        }
    };
    let mut set = PolicySet::new();
    let mut rules = BTreeMap::new();
    let mut origin = BTreeMap::new();
    for (file, text) in files {
        if let Some((policy, rule)) = read(file, text, &mut faults) {
            if origin.contains_key(&rule.id) {
                faults.push(fault(file, &format!("the id {} is used by another policy too", rule.id)));
            } else if let Err(error) = set.add(policy) {
                faults.push(fault(file, &error.to_string()));
            } else {
                origin.insert(rule.id.clone(), (*file).to_owned());
                rules.insert(rule.id.clone(), rule);
            }
        }
    }
    if rules.is_empty() && faults.is_empty() {
        faults.push(fault(SCHEMA_FILE, "there is no policy at all"));
    }
    if let Some(schema) = &schema {
        validate(&set, schema, &origin, &mut faults);
    }
    match schema {
        Some(schema) if faults.is_empty() => Ok(Loaded { set, schema, rules }),
        _ => Err(faults),
    }
}

/// Reads one file: exactly one static policy with all its annotations.
fn read(file: &str, text: &str, faults: &mut Vec<PolicyFault>) -> Option<(Policy, Rule)> {
    if let Some(deep) = nesting::fault(text) {
        faults.push(fault(file, &deep));
        return None;
    }
    let parsed: PolicySet = match text.parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            let error: cedar_policy::ParseErrors = error;
            faults.extend(error.iter().map(|one| fault(file, &one.to_string())));
            return None;
        }
    };
    if parsed.num_of_templates() > 0 {
        faults.push(fault(file, "templates are not taken: write the policy out"));
        return None;
    }
    let mut policies = parsed.policies();
    let (Some(policy), None) = (policies.next(), policies.next()) else {
        let count = parsed.num_of_policies();
        faults.push(fault(file, &format!("a file holds exactly one policy, this one holds {count}")));
        return None;
    };
    let mut annotation = |key: &str| {
        let text = policy.annotation(key).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        if text.is_none() {
            faults.push(fault(file, &format!("@{key} is missing or empty")));
        }
        text
    };
    let (id, reason, source) = (annotation("id"), annotation("reason"), annotation("source"));
    let id = RuleId::parse(&id?).filter(|id| !id.is_reserved());
    let Some(id) = id else {
        faults.push(fault(file, "@id is not of the form CS-04, or is one the gateway keeps for its own answers"));
        return None;
    };
    let rule = Rule { id: id.clone(), reason: reason?, source: source? };
    Some((policy.new_id(PolicyId::new(id.as_str())), rule))
}

/// Strict validation; a warning counts, because a policy that can never apply is a mistake somebody relies on.
fn validate(set: &PolicySet, schema: &Schema, origin: &BTreeMap<RuleId, String>, faults: &mut Vec<PolicyFault>) {
    let result = Validator::new(schema.clone()).validate(set, ValidationMode::Strict);
    let file = |id: &PolicyId| {
        let id = id.to_string();
        RuleId::parse(&id).and_then(|id| origin.get(&id).cloned()).unwrap_or(id)
    };
    faults.extend(result.validation_errors().map(|e| fault(&file(e.policy_id()), &e.to_string())));
    faults.extend(result.validation_warnings().map(|w| fault(&file(w.policy_id()), &w.to_string())));
}

fn fault(file: &str, text: &str) -> PolicyFault {
    PolicyFault { file: file.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, EMBEDDED_SCHEMA, load};

    const GOOD: &str = r#"@id("XX-01") @reason("r") @source("s") permit (principal, action, resource);"#;

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        load(files, EMBEDDED_SCHEMA).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_policy_that_comes_with_the_gateway_loads() {
        let loaded = load(EMBEDDED, EMBEDDED_SCHEMA).map_err(|faults| format!("{faults:?}"));
        let ids: Vec<String> = loaded.unwrap().rules.keys().map(ToString::to_string).collect();
        let files: Vec<String> = EMBEDDED.iter().map(|(name, _)| name.replace(".cedar", "").to_uppercase()).collect();
        assert_eq!(ids, files);
    }

    #[test]
    fn each_fault_is_found_and_named_by_file() {
        let deep = "(".repeat(100_000);
        let table: &[(&str, &str, &str)] = &[
            ("no id", r#"@reason("r") @source("s") permit (principal, action, resource);"#, "@id is missing"),
            ("no reason", r#"@id("XX-01") @source("s") permit (principal, action, resource);"#, "@reason is missing"),
            (
                "blank source",
                r#"@id("XX-01") @reason("r") @source(" ") permit (principal, action, resource);"#,
                "@source is missing",
            ),
            (
                "bad id",
                r#"@id("one") @reason("r") @source("s") permit (principal, action, resource);"#,
                "not of the form",
            ),
            (
                "taken id",
                r#"@id("GW-99") @reason("r") @source("s") permit (principal, action, resource);"#,
                "not of the form",
            ),
            ("syntax", "permit (principal", "unexpected"),
            ("deep", deep.as_str(), "deeper than 64"),
            ("empty", "", "exactly one policy"),
            (
                "template",
                r#"@id("XX-01") @reason("r") @source("s") permit (principal == ?principal, action, resource);"#,
                "templates",
            ),
            (
                "unknown fact",
                r#"@id("XX-01") @reason("r") @source("s") permit (principal, action, resource) when { context.score > 3 };"#,
                "score",
            ),
            (
                "unknown category",
                r#"@id("XX-01") @reason("r") @source("s") permit (principal, action, resource is Part) when { resource.category == Category::"medicine" };"#,
                "medicine",
            ),
            (
                "never applies",
                r#"@id("XX-01") @reason("r") @source("s") permit (principal, action, resource) when { false };"#,
                "false",
            ),
        ];
        for (name, text, expected) in table {
            let found = faults(&[(name, text)]);
            assert!(found.iter().any(|f| f.starts_with(name) && f.contains(expected)), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_second_policy_with_the_same_id_is_refused() {
        assert!(faults(&[("a.cedar", GOOD), ("b.cedar", GOOD)]).iter().any(|f| f.starts_with("b.cedar")));
        assert!(faults(&[("a.cedar", GOOD)]).is_empty());
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let found =
            faults(&[("a.cedar", "permit ("), ("b.cedar", r#"@id("XX-01") permit (principal, action, resource);"#)]);
        assert!(found.iter().any(|f| f.starts_with("a.cedar")), "{found:?}");
        assert_eq!(found.iter().filter(|f| f.starts_with("b.cedar")).count(), 2, "{found:?}");
    }

    #[test]
    fn a_broken_schema_and_an_empty_set_are_faults() {
        assert!(load(EMBEDDED, "entity").is_err());
        assert!(load(&[], EMBEDDED_SCHEMA).is_err());
    }
}
