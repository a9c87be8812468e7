//! `map --report`: what there is to know of how a document crossed, in words or as JSON. Tells paths, never values.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::map::{Note, NoteKind};

/// One thing to tell. `kept` says that the value stands in `unmapped`.
pub(super) struct Remark {
    kind: NoteKind,
    pub(super) path: String,
    pub(super) text: String,
}

/// Notes, and what was kept without one.
pub(super) fn remarks(notes: Vec<Note>, document: &Value) -> Vec<Remark> {
    let told: HashSet<String> = notes.iter().map(|note| note.path.clone()).collect();
    let kept = document.get("unmapped").and_then(Value::as_array).into_iter().flatten();
    let kept = kept.filter_map(|one| one.get("path")?.as_str()).filter(|path| {
        // of a whole entry, the note speaks of its resource
        !told.contains(*path) && !told.contains(&format!("{path}.resource"))
    });
    let text = "Kept as it came.";
    let silent: Vec<Remark> =
        kept.map(|path| Remark { kind: NoteKind::Dropped, path: path.to_owned(), text: text.to_owned() }).collect();
    let said = notes.into_iter().map(|note| Remark { kind: note.kind, path: note.path, text: note.text });
    said.chain(silent).collect()
}

/// The kinds of remark, by the name they have in JSON and in words.
const KINDS: [(NoteKind, &str, &str); 3] = [
    (NoteKind::Defaulted, "defaulted", "Filled in, because the standard or the bundle says what its absence means"),
    (NoteKind::Coerced, "coerced", "Put where it fits best, or in other words"),
    (NoteKind::Dropped, "dropped", "Without a place of its own: kept in \"unmapped\""),
];

pub(super) fn in_words(remarks: &[Remark]) -> String {
    let mut out = String::new();
    for (kind, _, words) in KINDS {
        let found: Vec<&Remark> = remarks.iter().filter(|remark| remark.kind == kind).collect();
        if !found.is_empty() {
            let _ = writeln!(out, "{words} ({}):", found.len());
            for Remark { path, text, .. } in found {
                let _ = writeln!(out, "  {}: {}", plain(path), plain(text));
            }
        }
    }
    out
}

/// Without characters that could draw over other lines.
fn plain(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] }).collect()
}

pub(super) fn as_json(remarks: &[Remark]) -> Value {
    let of = |kind: NoteKind| -> Vec<Value> {
        let found = remarks.iter().filter(|remark| remark.kind == kind);
        found.map(|Remark { path, text, .. }| json!({"path": path, "text": text})).collect()
    };
    KINDS.into_iter().map(|(kind, name, _)| (name.to_owned(), Value::from(of(kind)))).collect::<Map<_, _>>().into()
}
