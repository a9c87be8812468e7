//! Ways to break an element of a sound instance, each with the places where the fault may rightly be told.

use cmht_gateway::definitions::Library;
use cmht_gateway::definitions::facts::{Element, Strength};
use serde_json::{Value, json};

use super::outline::{Outline, is_list, least, most, stem};
use super::samples::{malformed, sample, written};
use super::sound::{Instance, Maker, Step, chosen, kind_of, type_name};

/// A broken instance.
pub(super) struct Broken {
    pub(super) how: &'static str,
    pub(super) value: Value,
    /// Paths of which one must be told. What is below the last of them will do as well.
    pub(super) places: Vec<String>,
}

/// One element, to be broken in many ways.
struct Case<'a> {
    outline: &'a Outline,
    of: usize,
    element: &'a Element,
    kind: String,
    instance: &'a Instance,
    /// The path of the element, and of the one around it.
    path: String,
    above: String,
    all: Vec<Broken>,
}

/// Every way in which this element can be broken here.
pub(super) fn breakages(
    outline: &Outline,
    of: usize,
    instance: &Instance,
    maker: &Maker<'_>,
    library: &Library,
) -> Vec<Broken> {
    let element = outline.element(of);
    let root = outline.profile().kind_of.clone();
    let (path, above) =
        (path(&root, &instance.at), path(&root, instance.at.split_last().map_or(&[], |(_, rest)| rest)));
    let mut case = Case { outline, of, element, kind: kind_of(element), instance, path, above, all: Vec::new() };
    if of == 0 {
        case.strangers();
        return case.all;
    }
    if most(element) == Some(0) {
        case.add("forbidden", instance.value.clone(), true);
        return case.all;
    }
    case.counts();
    case.types();
    case.forms();
    case.values();
    case.codes(maker);
    case.strangers();
    case.inside();
    case.references(library);
    case.all
}

impl Case<'_> {
    /// Notes a broken instance. `or_above`: the fault may be told at the element around this one.
    fn add(&mut self, how: &'static str, value: Value, or_above: bool) {
        let mut places = vec![self.path.clone()];
        if or_above {
            places.insert(0, self.above.clone());
        }
        self.all.push(Broken { how, value, places });
    }

    /// Puts another value in the place of the element's.
    fn replace(&mut self, how: &'static str, with: Value) {
        let mut value = self.instance.value.clone();
        if let Some(place) = place(&mut value, &self.instance.at) {
            *place = with;
            self.add(how, value, false);
        }
    }

    fn now(&self) -> Value {
        let mut value = self.instance.value.clone();
        place(&mut value, &self.instance.at).map(Value::take).unwrap_or_default()
    }

    /// Changes the object that the element stands in.
    fn around(&self, change: impl FnOnce(&mut serde_json::Map<String, Value>, &Step)) -> Option<Value> {
        let (last, above) = self.instance.at.split_last()?;
        let mut value = self.instance.value.clone();
        change(place(&mut value, above)?.as_object_mut()?, last);
        Some(value)
    }

    fn counts(&mut self) {
        if least(self.element) > 0 && !(self.tells() && self.may_leave()) {
            let is_slice = self.outline.sliced(self.of).is_some();
            let removed = self.around(|fields, last| {
                let items = fields.get_mut(&last.key).and_then(Value::as_array_mut);
                let items = items.filter(|items| is_slice && items.len() > 1);
                match items.zip(last.index) {
                    Some((items, index)) => drop(items.remove(index)),
                    None => drop((fields.remove(&last.key), fields.remove(&format!("_{}", last.key)))),
                }
            });
            if let Some(removed) = removed {
                self.add("removed", removed, true);
            }
        }
        let Some(most) = most(self.element) else { return };
        let one = self.now();
        let doubled = self.around(|fields, last| match fields.get_mut(&last.key) {
            Some(Value::Array(items)) => (0..most).for_each(|_| items.push(one.clone())),
            Some(single) => *single = json!([one, one]),
            None => {}
        });
        if let Some(doubled) = doubled {
            self.add("doubled", doubled, true);
        }
    }

    fn types(&mut self) {
        let wrong = match written(&self.kind) {
            "boolean" => json!("true"),
            "number" => json!("1"),
            "string" => json!(7),
            _ => json!("words"),
        };
        if self.kind != "Resource" {
            self.replace("plain value of another type", wrong);
        }
        if written(&self.kind) != "object" {
            self.replace("object for a value", json!({"colour": "red"}));
        }
        let list = is_list(self.element);
        let shaped = self.around(|fields, last| {
            let Some(found) = fields.get_mut(&last.key) else { return };
            *found = match found.take() {
                Value::Array(mut items) => items.swap_remove(last.index.unwrap_or(0)),
                single => json!([single]),
            };
        });
        if let Some(shaped) = shaped {
            self.add(if list { "no array" } else { "array" }, shaped, true);
            if let Some(broken) = self.all.last_mut() {
                let bare = broken.places.last().and_then(|path| path.rsplit_once('[')).map(|(bare, _)| bare.to_owned());
                broken.places.extend(bare);
            }
        }
        if !self.element.path.ends_with("[x]") || self.outline.sliced(self.of).is_some() {
            return;
        }
        let known: Vec<String> = self.element.types.iter().map(type_name).collect();
        let others = ["boolean", "string", "Period", "Money", "base64Binary", "Ratio"];
        let Some(other) = others.into_iter().find(|other| !known.iter().any(|one| one == other)) else { return };
        let key = chosen(stem(self.element), other);
        let chosen = self.around(|fields, last| {
            fields.remove(&last.key);
            fields.insert(key.clone(), sample(other).unwrap_or_default());
        });
        if let Some(value) = chosen {
            let stranger = format!("{}.{key}", self.above);
            let places = vec![self.above.clone(), stranger, self.path.clone()];
            self.all.push(Broken { how: "type not allowed", value, places });
        }
    }

    fn forms(&mut self) {
        if let Some(wrong) = malformed(&self.kind) {
            self.replace("malformed", wrong);
        }
        let empty = if written(&self.kind) == "object" { json!({}) } else { json!("") };
        if matches!(written(&self.kind), "object" | "string") {
            self.replace("empty", empty);
        }
    }

    /// Whether this element says to which slice the one around it belongs.
    fn tells(&self) -> bool {
        let extension =
            || self.outline.parent(self.of).is_some_and(|above| kind_of(self.outline.element(above)) == "Extension");
        self.outline.tells(self.of) || (stem(self.element) == "url" && extension())
    }

    /// Whether a changed value here only makes it belong to no slice, which is allowed.
    fn may_leave(&self) -> bool {
        let Some(slice) = self.outline.slice_around(self.of) else { return false };
        let sliced = self.outline.sliced(slice).map(|one| self.outline.element(one));
        let open = sliced.and_then(|one| one.slicing.as_ref()).is_none_or(|slicing| slicing.rules != "closed");
        open && least(self.outline.element(slice)) == 0
    }

    fn values(&mut self) {
        let Some(asked) = self.element.fixed.as_ref().or(self.element.pattern.as_ref()) else { return };
        let tells = self.tells();
        if tells && self.may_leave() {
            return;
        }
        let other = match &asked.value {
            Value::Bool(value) => json!(!value),
            Value::Number(_) => json!(987),
            Value::String(_) if matches!(self.kind.as_str(), "uri" | "url" | "canonical") => {
                json!("https://example.org/other")
            }
            Value::String(_) => json!("other"),
            _ if self.kind == "Identifier" => json!({"system": "https://example.org/other", "value": "1"}),
            _ if self.kind == "Coding" => json!({"system": "https://example.org/other", "code": "other"}),
            _ if self.kind == "CodeableConcept" => {
                json!({"coding": [{"system": "https://example.org/other", "code": "other"}]})
            }
            _ => return,
        };
        self.replace("wrong fixed value", other);
        if tells && let Some(last) = self.all.last_mut() {
            // it is then no member of its slice, and that the slice is missing is told further out
            let mut at = self.instance.at.clone();
            let root = self.outline.profile().kind_of.clone();
            while at.pop().is_some() {
                last.places.insert(0, path(&root, &at));
            }
        }
    }

    fn codes(&mut self, maker: &Maker<'_>) {
        let Some(binding) = &self.element.binding else { return };
        let required = binding.value_set.as_deref().filter(|_| binding.strength == Strength::Required);
        let Some(set) = required.or(binding.max_value_set.as_deref()) else { return };
        let system = "https://example.org/other";
        let coding = json!({"system": system, "code": "no-such-code"});
        let (wrong, system) = match self.kind.as_str() {
            "code" => (json!("no-such-code"), None),
            "Coding" => (coding, Some(system)),
            "CodeableConcept" => (json!({"coding": [coding]}), Some(system)),
            _ => return,
        };
        // a value set that only a server knows refuses nothing here
        if maker.codes.is_certain(set, system) && !(self.tells() && self.may_leave()) {
            self.replace("wrong code", wrong);
        }
    }

    fn strangers(&mut self) {
        let stranger = |path: &str| format!("{path}.colour");
        let mut value = self.instance.value.clone();
        let Some(found) = place(&mut value, &self.instance.at) else { return };
        if let Some(fields) = found.as_object_mut() {
            fields.insert("colour".to_owned(), json!("red"));
            self.all.push(Broken { how: "unknown child", value, places: vec![stranger(&self.path)] });
            return;
        }
        let is_list = is_list(self.element);
        let beside = self.around(|fields, last| {
            let companion = json!({"colour": "red"});
            let companion = if is_list { json!([companion]) } else { companion };
            fields.insert(format!("_{}", last.key), companion);
        });
        if let Some(value) = beside {
            self.all.push(Broken { how: "unknown child", value, places: vec![stranger(&self.path)] });
        }
    }

    /// An extension with a value that its definition does not allow.
    fn inside(&mut self) {
        if self.kind != "Extension" || self.element.types.iter().all(|one| one.profiles.is_empty()) {
            return;
        }
        let Value::Object(mut fields) = self.now() else { return };
        let other = if fields.contains_key("valueTime") {
            ("valueString", json!("words"))
        } else {
            ("valueTime", json!("12:00:00"))
        };
        fields.retain(|key, _| key == "url");
        fields.insert(other.0.to_owned(), other.1);
        self.replace("slice of another content", Value::Object(fields));
    }

    fn references(&mut self, library: &Library) {
        if self.kind != "Reference" {
            return;
        }
        let kinds = self.element.types.iter().flat_map(|one| &one.target_profiles);
        let kinds: Vec<String> =
            kinds.filter_map(|url| library.structure(url).ok()).map(|one| one.kind_of.clone()).collect();
        let any = kinds.is_empty() || kinds.iter().any(|kind| kind == "Resource" || kind == "DomainResource");
        let bundle = self.outline.profile().kind_of == "Bundle";
        if any || bundle || kinds.iter().any(|kind| kind == "Basic") {
            return;
        }
        // what lies elsewhere is only warned of, as nobody has seen it; so the wrong target is contained
        self.replace("reference to another type", json!({"reference": "#wrong"}));
        let wrong = json!({
            "resourceType": "Basic", "id": "wrong", "code": {"text": "words"}, "subject": {"reference": "#"},
        });
        if let Some(broken) = self.all.last_mut() {
            match broken.value.get_mut("contained").and_then(Value::as_array_mut) {
                Some(contained) => contained.push(wrong),
                None => broken.value["contained"] = json!([wrong]),
            }
        }
    }
}

/// FHIRPath of a place.
pub(super) fn path(root: &str, at: &[Step]) -> String {
    let mut path = root.to_owned();
    for step in at {
        path.push('.');
        path.push_str(&step.stem);
        if let Some(index) = step.index {
            path = format!("{path}[{index}]");
        }
    }
    path
}

/// What stands in a place.
pub(super) fn place<'v>(value: &'v mut Value, at: &[Step]) -> Option<&'v mut Value> {
    let mut here = value;
    for step in at {
        here = here.get_mut(&step.key)?;
        if let Some(index) = step.index {
            here = here.get_mut(index)?;
        }
    }
    Some(here)
}
