//! `map`: one document from one form to the other, or for people to read, on standard output or in a file; what there is
//! to know about it on standard error or, with `--report`, in its place.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::Value;

use super::report::{Remark, as_json, in_words, remarks};
use super::{Form, INVALID, Report, Wire, complain, named, native_kind, read_input, sniff, unusable};
use crate::app::SCHEMAS;
use crate::documents;
use crate::fhir::{self, Bundle, Format, Limits};
use crate::intake::{self, Schemas};
use crate::map;
use crate::model::{DocumentKind, Issue, IssueCode};
use crate::render::{self, Fonts, Letter};

/// What is asked for.
pub(super) struct Wanted {
    pub(super) to: Form,
    pub(super) format: Wire,
    pub(super) kind: Option<DocumentKind>,
    pub(super) output: Option<PathBuf>,
    /// A report in place of the document.
    pub(super) report: Option<Report>,
    pub(super) fonts: Vec<PathBuf>,
}

pub(super) fn map(wanted: &Wanted, file: &Path) -> ExitCode {
    if wanted.to == Form::Pdf && wanted.output.is_none() && std::io::stdout().is_terminal() {
        return unusable(&anyhow::anyhow!("a PDF is no text for a terminal: name a file with --output, or use a pipe"));
    }
    let fonts = match fonts(&wanted.fonts) {
        Ok(fonts) => fonts,
        Err(error) => return unusable(&error),
    };
    let bytes = match read_input(file) {
        Ok(bytes) => bytes,
        Err(error) => return unusable(&anyhow::anyhow!("{} cannot be read: {error}", named(file))),
    };
    let mapped = match wanted.to {
        Form::Fhir => to_fhir(&bytes, wanted.format, wanted.kind),
        Form::Native => to_native(&bytes, wanted.kind),
        Form::Text => to_letter(&bytes, wanted.kind).map(|(letter, told)| (render::text(&letter).into_bytes(), told)),
        Form::Pdf => to_letter(&bytes, wanted.kind).and_then(|(letter, told)| {
            let pdf = render::pdf(&letter, &fonts);
            pdf.map(|pdf| (pdf, told)).map_err(|error| vec![Issue::error(IssueCode::Exception, error.to_string())])
        }),
    };
    match mapped {
        Ok((mut out, remarks)) => {
            match wanted.report {
                Some(Report::Text) => out = in_words(&remarks).into_bytes(),
                Some(Report::Json) => out = as_json(&remarks).to_string().into_bytes(),
                None => {
                    for Remark { path, text, .. } in &remarks {
                        complain(format_args!("{}: {path} {text}", named(file)));
                    }
                }
            }
            if let Err(error) = write(&out, wanted) {
                return unusable(&anyhow::anyhow!("the result cannot be written: {error}"));
            }
            ExitCode::SUCCESS
        }
        Err(issues) => {
            for issue in &issues {
                complain(format_args!("{}", super::validate::line(file, issue)));
            }
            ExitCode::from(INVALID)
        }
    }
}

/// To the file asked for, or to standard output. Text gets the line end that a terminal wants.
fn write(out: &[u8], wanted: &Wanted) -> std::io::Result<()> {
    let bare = out.is_empty() || out.ends_with(b"\n") || (wanted.to == Form::Pdf && wanted.report.is_none());
    let end: &[u8] = if bare { b"" } else { b"\n" };
    match &wanted.output {
        Some(path) => std::fs::write(path, [out, end].concat()),
        None => std::io::stdout().write_all(out).and_then(|()| std::io::stdout().write_all(end)),
    }
}

fn fonts(paths: &[PathBuf]) -> anyhow::Result<Fonts> {
    paths.iter().try_fold(Fonts::built_in(), |fonts, path| {
        let bytes = read_input(path).with_context(|| format!("{} cannot be read", named(path)))?;
        fonts.with(bytes).with_context(|| named(path))
    })
}

type Mapped<T = Vec<u8>> = Result<(T, Vec<Remark>), Vec<Issue>>;

/// A native document that keeps to its schema, and its kind.
fn native(bytes: &[u8], kind: Option<DocumentKind>) -> Result<(DocumentKind, Value), Vec<Issue>> {
    let schemas =
        Schemas::load(SCHEMAS).map_err(|error| vec![Issue::error(IssueCode::Exception, error.to_string())])?;
    let kind = kind.unwrap_or_else(|| native_kind(bytes));
    let value = intake::native(&schemas, kind, bytes, Some("application/json"), &Limits::default());
    value.map(|value| (kind, value)).map_err(|refusal| refusal.issues)
}

fn to_fhir(bytes: &[u8], wire: Wire, kind: Option<DocumentKind>) -> Mapped {
    let (kind, value) = native(bytes, kind)?;
    let mapped = map::to_fhir(kind, value)?;
    let remarks = remarks(mapped.notes, &Value::Null);
    let format = match wire {
        Wire::Json => Format::Json,
        Wire::Xml => Format::Xml,
    };
    let out = fhir::write(mapped.value.value(), format).map_err(|issue| vec![issue])?;
    Ok((out, remarks))
}

fn to_native(bytes: &[u8], kind: Option<DocumentKind>) -> Mapped {
    let (_, mapped) = from_fhir(bytes, kind)?;
    let remarks = remarks(mapped.notes, &mapped.value);
    Ok((documents::canonical(&mapped.value), remarks))
}

fn from_fhir(bytes: &[u8], kind: Option<DocumentKind>) -> Result<(DocumentKind, map::Mapped<Value>), Vec<Issue>> {
    let value = fhir::read(bytes, sniff(bytes), &Limits::default()).map_err(|issue| vec![issue])?;
    let bundle = Bundle::new(value).map_err(|issue| vec![issue])?;
    let kind = kind.or_else(|| map::kind_of(&bundle)).ok_or_else(|| {
        let text = "The bundle does not say what kind of document it is. Name it with --kind.";
        vec![Issue::error(IssueCode::NotSupported, text).at("Bundle.entry.resource.ofType(Composition).type")]
    })?;
    Ok((kind, map::to_native(kind, &bundle)?))
}

/// A document of either form as a letter. A bundle says so in its first property, or by being XML.
fn to_letter(bytes: &[u8], kind: Option<DocumentKind>) -> Mapped<Letter> {
    let is_fhir = sniff(bytes) == Format::Xml
        || serde_json::from_slice::<Value>(bytes).is_ok_and(|value| value.get("resourceType").is_some());
    let (kind, document, remarks) = if is_fhir {
        let (kind, mapped) = from_fhir(bytes, kind)?;
        let remarks = remarks(mapped.notes, &mapped.value);
        (kind, mapped.value, remarks)
    } else {
        let (kind, document) = native(bytes, kind)?;
        (kind, document, Vec::new())
    };
    Ok((Letter::new(map::words(kind, document)?), remarks))
}
