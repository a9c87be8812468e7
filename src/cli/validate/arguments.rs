//! The arguments of `validate`, and what they mean where one depends on the terminal.

use std::io::IsTerminal;
use std::num::NonZero;
use std::path::PathBuf;

use clap::ValueEnum;

use super::output::{Form, Style};
use crate::model::{DocumentKind, Severity};
use crate::validate::walk;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Files, folders and patterns; `-` reads standard input.
    ///
    /// Of a folder every .json, .xml and .ndjson file below it is taken, hidden ones aside. Put patterns in quotes:
    /// 'in/**/*.json'. Of NDJSON each line is a resource. A JSON object without resourceType is a native document.
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,

    /// Which guide's profiles every resource is held to, besides those it claims in meta.profile.
    #[arg(long, default_value = "ukcore", help_heading = "Rules")]
    guide: Guide,

    /// A profile that every resource must meet, by its canonical; `|` and a version mean that version. May be repeated.
    #[arg(long = "profile", value_name = "URL", help_heading = "Rules")]
    pub(super) profiles: Vec<String>,

    /// A FHIR package, .tgz or folder, whose definitions come before the built-in ones. May be repeated.
    ///
    /// Packages that it builds on are not fetched: name those as well, unless they are R4, HL7 terminology, the FHIR
    /// extensions or UK Core, which are built in.
    #[arg(long = "package", value_name = "PATH", help_heading = "Rules")]
    pub(super) packages: Vec<PathBuf>,

    /// A FHIR R4 terminology server, asked for codes of SNOMED CT, dm+d and others that are not built in.
    ///
    /// It is sent codes, displays and canonical URLs, nothing else. Without one such codes are told as not checked.
    #[arg(long, value_name = "URL", help_heading = "Rules")]
    pub(super) tx: Option<String>,

    /// A file that holds the bearer token for the terminology server.
    #[arg(long, value_name = "FILE", requires = "tx", help_heading = "Rules")]
    pub(super) tx_token_file: Option<PathBuf>,

    /// Tell, as information, which elements that must be supported are not there.
    #[arg(long, help_heading = "Rules")]
    pub(super) must_support: bool,

    /// Take extensions that no definition is known of, with a note, instead of refusing them.
    #[arg(long, help_heading = "Rules")]
    pub(super) any_extension: bool,

    /// Kind of the native documents; found out from each if left out.
    #[arg(long, value_parser = crate::cli::kind, help_heading = "Rules")]
    pub(super) kind: Option<DocumentKind>,

    /// How findings are written.
    #[arg(long, value_name = "FORM", default_value = "text", help_heading = "Output")]
    output: Form,

    /// The older name of --output, under which `json` is one line a file.
    #[arg(long, hide = true, conflicts_with = "output")]
    format: Option<Form>,

    /// The least grave findings that are shown. All are counted, and the exit code is the same.
    #[arg(long, default_value = "information", help_heading = "Output")]
    level: Level,

    /// Show the line of the source below each finding, and what was expected. `auto`: on a terminal only, because that
    /// line may hold somebody's details, and what is piped ends in logs.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    excerpt: When,

    /// Colour the text. `auto`: on a terminal, unless NO_COLOR is set.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: When,

    /// How many inputs are validated at once; all processors if left out. Findings come in the order of the inputs
    /// whatever it is.
    #[arg(short = 'j', long = "jobs", value_name = "N", help_heading = "Output")]
    jobs: Option<NonZero<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Guide {
    /// FHIR R4 alone, as HL7's validator judges.
    R4,
    /// Also the UK Core profile of each type, and for messages and documents what this gateway asks of an exchange.
    Ukcore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    Error,
    Warning,
    Information,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl When {
    fn is_now(self, auto: impl FnOnce() -> bool) -> bool {
        match self {
            Self::Auto => auto(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Width of what is not a terminal.
const WIDTH: usize = 100;

impl Arguments {
    pub(super) fn guide(&self) -> walk::Guide {
        match self.guide {
            Guide::R4 => walk::Guide::R4,
            Guide::Ukcore => walk::Guide::UkCore,
        }
    }

    pub(super) fn form(&self) -> Form {
        match self.format {
            Some(Form::Json) => Form::Ndjson,
            Some(form) => form,
            None => self.output,
        }
    }

    pub(super) fn level(&self) -> Severity {
        match self.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Information => Severity::Information,
        }
    }

    pub(super) fn style(&self) -> Style {
        let terminal = std::io::stdout().is_terminal();
        // https://no-color.org: set and not empty
        let refused = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0));
        Style {
            color: self.color.is_now(|| terminal && !refused() && !dumb()),
            excerpt: self.excerpt.is_now(|| terminal).then_some(width),
        }
    }

    pub(super) fn threads(&self) -> usize {
        self.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get)
    }
}
