//! `map`: one document from one form to the other, on standard output; what was lost, on standard error.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::{Form, INVALID, UNUSABLE, Wire, complain, named, native_kind, read_input, sniff, unusable};
use crate::app::SCHEMAS;
use crate::documents;
use crate::fhir::{self, Bundle, Format, Limits};
use crate::intake::{self, Schemas};
use crate::map::{self, Note, NoteKind};
use crate::model::{DocumentKind, Issue, IssueCode};

pub(super) fn map(to: Form, wire: Wire, kind: Option<DocumentKind>, file: &Path) -> ExitCode {
    let bytes = match read_input(file) {
        Ok(bytes) => bytes,
        Err(error) => return unusable(&anyhow::anyhow!("{} cannot be read: {error}", named(file))),
    };
    let mapped = match to {
        Form::Fhir => to_fhir(&bytes, wire, kind),
        Form::Native => to_native(&bytes, kind),
    };
    match mapped {
        Ok((out, notes)) => {
            if std::io::stdout().write_all(&out).and_then(|()| std::io::stdout().write_all(b"\n")).is_err() {
                return ExitCode::from(UNUSABLE);
            }
            for note in &notes {
                complain(format_args!("{}: {} {}", named(file), note.path, note.text));
            }
            if notes.iter().all(|note| note.kind != NoteKind::Dropped) {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(INVALID)
            }
        }
        Err(issues) => {
            for issue in &issues {
                complain(format_args!("{}", super::validate::line(file, issue)));
            }
            ExitCode::from(INVALID)
        }
    }
}

type Mapped = Result<(Vec<u8>, Vec<Note>), Vec<Issue>>;

fn to_fhir(bytes: &[u8], wire: Wire, kind: Option<DocumentKind>) -> Mapped {
    let schemas =
        Schemas::load(SCHEMAS).map_err(|error| vec![Issue::error(IssueCode::Exception, error.to_string())])?;
    let kind = kind.unwrap_or_else(|| native_kind(bytes));
    let value = intake::native(&schemas, kind, bytes, Some("application/json"), &Limits::default())
        .map_err(|refusal| refusal.issues)?;
    let mapped = map::to_fhir(kind, value)?;
    let format = match wire {
        Wire::Json => Format::Json,
        Wire::Xml => Format::Xml,
    };
    let out = fhir::write(mapped.value.value(), format).map_err(|issue| vec![issue])?;
    Ok((out, mapped.notes))
}

fn to_native(bytes: &[u8], kind: Option<DocumentKind>) -> Mapped {
    let value = fhir::read(bytes, sniff(bytes), &Limits::default()).map_err(|issue| vec![issue])?;
    let bundle = Bundle::new(value).map_err(|issue| vec![issue])?;
    let kind = kind.or_else(|| map::kind_of(&bundle)).ok_or_else(|| {
        let text = "The bundle does not say what kind of document it is. Name it with --kind.";
        vec![Issue::error(IssueCode::NotSupported, text).at("Bundle.entry.resource.ofType(Composition).type")]
    })?;
    let mapped = map::to_native(kind, &bundle)?;
    Ok((documents::canonical(&mapped.value), mapped.notes))
}
