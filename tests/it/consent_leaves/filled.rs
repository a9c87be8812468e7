//! Documents of every kind made from their schemas, with a word of its own in every leaf that can hold words, so that a
//! test can see of each whether it arrived. Nothing here knows what may go.

use std::collections::BTreeSet;

use cmht_gateway::documents::SCHEMAS;
use cmht_gateway::documents::parts::SCHEMA as PARTS;
use cmht_gateway::model::{DataCategory as C, DocumentKind};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// A leaf: where it stands, without places in lists, and the word in it.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) path: String,
    pub(crate) word: String,
    /// Codes of labels the document itself gives it, beyond those of its place.
    pub(crate) given: BTreeSet<&'static str>,
}

/// A document and its leaves.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) kind: DocumentKind,
    pub(crate) document: Value,
    pub(crate) leaves: Vec<Leaf>,
}

/// What is taken where the schema leaves a choice.
pub(crate) trait Choice {
    /// Whether something optional is there.
    fn there(&mut self, name: &str) -> bool;
    /// One of so many.
    fn one_of(&mut self, count: usize) -> usize;
    /// Whether a statement is told in confidence, or about a child.
    fn guarded(&mut self) -> bool;
}

/// Everything there is; where one thing shuts out another, the first, the second or the third.
pub(crate) struct All(pub(crate) usize);

impl Choice for All {
    fn there(&mut self, _: &str) -> bool {
        true
    }

    fn one_of(&mut self, count: usize) -> usize {
        self.0 % count
    }

    fn guarded(&mut self) -> bool {
        false
    }
}

/// Anything at all, the same for the same seed.
pub(crate) struct Any(pub(crate) u64);

impl Any {
    /// The one of a number.
    pub(crate) fn of(number: u32) -> Self {
        let mut any = Self(u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        any.next();
        any
    }

    /// xorshift64* (Vigna, 2016).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }
}

impl Choice for Any {
    fn there(&mut self, name: &str) -> bool {
        // most of a document is left out most of the time, so that many differ in many ways
        self.next() % 100 < if name.starts_with('/') { 22 } else { 60 }
    }

    fn one_of(&mut self, count: usize) -> usize {
        usize::try_from(self.next()).unwrap() % count
    }

    fn guarded(&mut self) -> bool {
        self.next() % 100 < 8
    }
}

static SHARED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(PARTS).unwrap());
static OWN: LazyLock<Vec<(DocumentKind, Value)>> =
    LazyLock::new(|| SCHEMAS.iter().map(|(kind, text)| (*kind, serde_json::from_str(text).unwrap())).collect());

struct Filler<'c, Ch> {
    root: &'static Value,
    choice: &'c mut Ch,
    leaves: Vec<Leaf>,
    /// Told apart from the words of other documents.
    first: u32,
}

/// Properties that are wishes about sharing, which decide who gets what: tests write their own. Content of other systems
/// has no schema.
const WISHES: &[&str] = &["consent", "people_to_inform", "people_not_to_inform", "unmapped"];

/// A document of a kind; `number` sets its words and its id apart.
pub(crate) fn filled(kind: DocumentKind, number: u32, choice: &mut impl Choice) -> Filled {
    let root = OWN.iter().find(|(known, _)| *known == kind).map(|(_, schema)| schema).unwrap();
    let mut filler = Filler { root, choice, leaves: Vec::new(), first: number * 2_000 };
    let mut document = filler.object(root, "");
    let fields = document.as_object_mut().unwrap();
    fields.insert("id".into(), format!("made-up-{number}").into());
    fields.remove("replaces");
    Filled { kind, document, leaves: filler.leaves }
}

/// A word of letters alone, so that it fits wherever words do: `Zqabcdefqz`.
pub(crate) fn word(number: u32) -> String {
    let letter = |place: u32| char::from(b'a' + u8::try_from((number / 26_u32.pow(place)) % 26).unwrap());
    format!("Zq{}qz", (0..6).rev().map(letter).collect::<String>())
}

impl<Ch: Choice> Filler<'_, Ch> {
    /// Follows `$ref`; what stands beside one narrows it.
    fn followed(&self, schema: &'static Value) -> &'static Value {
        let Some(target) = schema.get("$ref").and_then(Value::as_str) else { return schema };
        let name = target.rsplit('/').next().unwrap();
        let own = self.root.pointer(&format!("/$defs/{name}")).filter(|_| target.starts_with('#'));
        self.followed(own.or_else(|| SHARED.pointer(&format!("/$defs/{name}"))).unwrap())
    }

    fn value(&mut self, schema: &'static Value, path: &str, name: &str) -> Value {
        let schema = self.followed(schema);
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(codes) = schema.get("enum").and_then(Value::as_array) {
            let home = name == "use" && codes.contains(&json!("work"));
            return if home { json!("work") } else { codes[self.choice.one_of(codes.len())].clone() };
        }
        if schema.get("properties").is_some() {
            return self.object(schema, path);
        }
        if let Some(items) = schema.get("items") {
            let path = format!("{path}/[]");
            let item = self.value(items, &path, name);
            return if item.is_null() { item } else { json!([item]) };
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("boolean") => json!(true),
            Some("integer") => json!(3),
            _ => self.text(schema, path),
        }
    }

    fn text(&mut self, schema: &Value, path: &str) -> Value {
        let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
        let any_of = schema.get("anyOf").is_some();
        let fixed = match pattern {
            "" if any_of => Some("2026-02-03T10:00:00Z"),
            p if p.starts_with("^(18|19") && !p.contains("(T(") && p.contains('T') => Some("2026-02-03T10:00:00Z"),
            p if p.starts_with("^(18|19") => Some("2026-02-03"),
            p if p.starts_with("^[a-z0-9]([a-z0-9-]") => Some("some-party"),
            "^[A-Z0-9]{3,12}$" => Some("Y90099"),
            p if p.starts_with("^[a-z][a-z0-9+.-]*:") => Some("urn:example:codes"),
            p if p.starts_with("^[!-~]+/") => Some("text/plain"),
            p if p.starts_with("^[a-z]{2,3}(-") => Some("en"),
            p if p.starts_with("^[A-Za-z0-9][A-Za-z0-9._:/-]*") => Some("made-up"),
            _ if path.ends_with("/nhs_number/value") => Some("9990000018"),
            _ => None,
        };
        if let Some(fixed) = fixed {
            return fixed.into();
        }
        let word = word(self.first + u32::try_from(self.leaves.len()).unwrap());
        let given = path.starts_with("/told_in_confidence/").then_some("told-in-confidence");
        let said = if pattern.starts_with("^https?") { format!("https://files.example/{word}") } else { word.clone() };
        // a word of ten letters is base64 with its padding
        let said = if pattern.starts_with("^[A-Za-z0-9+/]") { format!("{word}qz") } else { said };
        self.leaves.push(Leaf { path: path.to_owned(), word, given: given.into_iter().collect() });
        said.into()
    }

    fn object(&mut self, schema: &'static Value, path: &str) -> Value {
        let before = self.leaves.len();
        let names = self.properties(schema, path);
        let mut out = Map::new();
        for (name, inner) in
            schema["properties"].as_object().unwrap().iter().filter(|(name, _)| names.contains(name.as_str()))
        {
            // the mark on a statement, and not the carer's plan's question of the same name
            let marks = matches!(name.as_str(), "told_in_confidence" | "about_a_child") && inner["const"] == true;
            if marks && !self.choice.guarded() {
                continue;
            }
            let value = self.value(inner, &format!("{path}/{name}"), name);
            if !value.is_null() {
                out.insert(name.clone(), value);
            }
        }
        let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if !path.is_empty() && needed.into_iter().any(|name| !out.contains_key(name)) {
            // what it needs has nothing to say, so neither has it
            self.leaves.truncate(before);
            return Value::Null;
        }
        if path == "/referrer" && out.get("kind") == Some(&json!("self")) {
            // who refers themself is the person; how to reach somebody who helped them goes along with the whole alone
            let helper = |leaf: &&mut Leaf| {
                ["name/", "registration/", "telecoms/"].iter().any(|part| leaf.path[path.len() + 1..].starts_with(part))
            };
            for leaf in self.leaves.iter_mut().skip(before).filter(helper) {
                leaf.given.insert("unassigned");
            }
        }
        for rules in schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten() {
            let (name, rules) = rules;
            for (other, rule) in rules["properties"].as_object().into_iter().flatten() {
                if let Some(fixed) = rule.get("const").filter(|_| out.contains_key(name)) {
                    out.insert(other.clone(), fixed.clone());
                }
            }
        }
        let given = given(&out, schema, path);
        for leaf in self.leaves.iter_mut().skip(before) {
            leaf.given.extend(&given);
        }
        // an object that says nothing is not there
        if out.is_empty() { Value::Null } else { Value::Object(out) }
    }

    /// The properties that are there, none of which shuts out another.
    fn properties(&mut self, schema: &'static Value, path: &str) -> BTreeSet<&'static str> {
        let all = schema["properties"].as_object().unwrap();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for name in all.keys().map(String::as_str).filter(|name| !WISHES.contains(name)) {
            let root = format!("{path}/");
            let asked = if path.is_empty() && name != "attachments" { root.as_str() } else { name };
            if required.contains(&name) || self.choice.there(asked) {
                names.insert(name);
            }
        }
        if all.contains_key("party") && all.contains_key("ods") {
            match self.choice.one_of(3) {
                0 => names.retain(|name| !matches!(*name, "party" | "ods")),
                1 => {
                    names.remove("party");
                }
                _ => {
                    names.remove("ods");
                }
            }
            if all.contains_key("name") {
                names.insert("name");
            }
        }
        if let Some(others) = schema.get("oneOf").and_then(Value::as_array) {
            let taken = self.choice.one_of(others.len());
            for (place, other) in others.iter().enumerate() {
                let name = other["required"][0].as_str().unwrap();
                if place == taken {
                    names.insert(name)
                } else {
                    names.remove(name)
                };
            }
        }
        for other in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten().take(1) {
            names.extend(other["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
        }
        for (name, needs) in schema.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
            if !needs.as_array().unwrap().iter().all(|need| names.contains(need.as_str().unwrap())) {
                names.remove(name.as_str());
            }
        }
        for (name, rules) in schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten() {
            for (other, rule) in rules["properties"].as_object().into_iter().flatten() {
                if names.contains(name.as_str()) && *rule == json!(false) {
                    names.remove(other.as_str());
                }
            }
        }
        names
    }
}

/// Labels that a part of the document gives itself.
fn given(out: &Map<String, Value>, schema: &Value, path: &str) -> BTreeSet<&'static str> {
    let mut given = BTreeSet::new();
    if schema["properties"].get("told_in_confidence").is_some() {
        let is = |name: &str| out.get(name) == Some(&json!(true));
        given.extend(is("told_in_confidence").then_some("told-in-confidence"));
        given.extend(is("about_a_child").then_some("about-a-child"));
        // what the police or the courts say is about offences too
        given.extend((out.get("sector") == Some(&json!("justice"))).then_some("forensic"));
    }
    if path.ends_with("/attachments/[]") {
        let category = out.get("category").and_then(Value::as_str).and_then(C::from_code);
        // who the person is, how to reach them and what was agreed is not put in a file
        let plain = category.filter(|one| !matches!(one, C::Demographics | C::ContactAndCommunication | C::Actions));
        given.insert(plain.map_or("unassigned", C::code));
    }
    given
}
