//! Source files to broken rules, each as `file:line: what and why`. Applies the table; reads no file itself.

use super::scan::{Named, Origin, Scan, scan};
use super::table::{
    EMPTY_NAMES, FENCES, Fence, IMPURE_CRATES, IMPURE_PATHS, LINES_MOST, MODULES, PURE, UNFINISHED, WITHOUT_RUNTIME,
};

/// A source file by its path below the package, with `/` between folders.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Everything that is wrong with these files.
pub(crate) fn violations(files: &[File]) -> Vec<String> {
    let scans: Vec<Scan> = files.iter().map(|file| scan(&file.text, &module_path(&file.path))).collect();
    let tests: Vec<String> = files.iter().zip(&scans).flat_map(|(file, scan)| test_files(&file.path, scan)).collect();
    let mut out = Vec::new();
    for (file, scan) in files.iter().zip(&scans) {
        shape(file, scan, &mut out);
        let exempt =
            tests.iter().any(|test| file.path == format!("{test}.rs") || file.path.starts_with(&format!("{test}/")));
        if let (Some(module), false) = (owner(&file.path), exempt) {
            imports(file, &module, scan, &mut out);
            purity(file, &module, scan, &mut out);
        }
    }
    out
}

/// `["fhir", "xml"]` for `src/fhir/xml.rs`; empty for the crate roots.
fn module_path(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// The top-level module a file of `src` belongs to; the library's root belongs to none.
pub(crate) fn owner(path: &str) -> Option<String> {
    let inner = path.strip_prefix("src/")?.trim_end_matches(".rs");
    let first = inner.split('/').next()?;
    (first != "lib").then(|| first.to_owned())
}

/// Paths, without `.rs`, of the modules this file declares under `#[cfg(test)]`.
fn test_files(path: &str, scan: &Scan) -> Vec<String> {
    let folder = match path.rsplit_once('/') {
        Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    };
    scan.test_modules.iter().map(|module| format!("{folder}/{module}")).collect()
}

fn shape(file: &File, scan: &Scan, out: &mut Vec<String>) {
    let path = &file.path;
    if !file.text.starts_with("//! ") {
        out.push(format!("{path}:1: begins with `//!`: what the file owns and what it must not do"));
    }
    let lines = file.text.lines().count();
    if lines > LINES_MOST {
        out.push(format!("{path}: {lines} lines; split it, {LINES_MOST} is the most"));
    }
    for name in path.trim_end_matches(".rs").split('/').filter(|name| EMPTY_NAMES.contains(name)) {
        out.push(format!("{path}: `{name}` says nothing; name the thing it holds"));
    }
    for (name, line) in scan.macros.iter().filter(|(name, _)| UNFINISHED.contains(&name.as_str())) {
        out.push(format!("{path}:{line}: `{name}!` is not finished work"));
    }
}

fn imports(file: &File, module: &str, scan: &Scan, out: &mut Vec<String>) {
    let path = &file.path;
    let Some(row) = MODULES.iter().find(|row| row.name == module) else {
        out.push(format!(
            "{path}: module `{module}` is not in the table of tests/architecture/table.rs; give it a place"
        ));
        return;
    };
    for named in &scan.paths {
        let line = named.line;
        match named.origin {
            Origin::Ours => {
                if !allowed(&named.segments, module, row.may_use) {
                    let what =
                        if named.segments.is_empty() { "the whole crate".into() } else { named.segments.join("::") };
                    out.push(format!("{path}:{line}: `{module}` may not use `{what}`"));
                }
            }
            Origin::Other => {
                if let Some((fence, name)) = fence(named).filter(|(fence, _)| !fence.only_in.contains(&module)) {
                    let only = fence.only_in.join(", ");
                    out.push(format!("{path}:{line}: `{name}` belongs in {only} only: {}", fence.why));
                }
                if WITHOUT_RUNTIME.contains(&module) && named.segments.first().is_some_and(|first| first == "tokio") {
                    out.push(format!("{path}:{line}: `{module}` is synchronous; no tokio here"));
                }
            }
        }
    }
}

/// Whether a path below our root lies in the module itself or in what its row allows.
fn allowed(segments: &[String], module: &str, may_use: &[&str]) -> bool {
    let Some(first) = segments.first() else { return false };
    first == module
        || may_use.iter().any(|entry| {
            let wanted: Vec<&str> = entry.split("::").collect();
            segments.len() >= wanted.len() && wanted.iter().zip(segments).all(|(a, b)| a == b)
        })
}

fn fence(named: &Named) -> Option<(&'static Fence, &String)> {
    let first = named.segments.first()?;
    FENCES.iter().find(|fence| fence.crates.contains(&first.as_str())).map(|fence| (fence, first))
}

fn purity(file: &File, module: &str, scan: &Scan, out: &mut Vec<String>) {
    if !PURE.contains(&module) {
        return;
    }
    let path = &file.path;
    for named in scan.paths.iter().filter(|named| named.origin == Origin::Other) {
        let (line, segments) = (named.line, &named.segments);
        let draws = segments.windows(2).any(|pair| IMPURE_PATHS.iter().any(|impure| pair == impure));
        let crate_itself = segments.first().is_some_and(|first| IMPURE_CRATES.contains(&first.as_str()));
        if draws || crate_itself {
            out.push(format!(
                "{path}:{line}: `{module}` is pure; `{}` is not: let the caller pass it",
                segments.join("::")
            ));
        }
    }
    for (word, line) in scan.words.iter().filter(|(word, _)| matches!(word.as_str(), "async" | "await")) {
        out.push(format!("{path}:{line}: `{module}` is synchronous; no `{word}` here"));
    }
}
