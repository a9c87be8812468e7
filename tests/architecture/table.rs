//! The architecture as data: who may use whom, which crates stay behind which module, what is pure.
//! Change this and you change the design: say why in the commit. Nothing here reads a file.

/// A module of ours and what of ours it may name. `validate::Validated` allows that one item and nothing else of `validate`.
pub(crate) struct Module {
    pub(crate) name: &'static str,
    pub(crate) may_use: &'static [&'static str],
}

const fn module(name: &'static str, may_use: &'static [&'static str]) -> Module {
    Module { name, may_use }
}

/// From the inside out: a module may only name modules above it, which the test checks as well.
pub(crate) const MODULES: &[Module] = &[
    module("model", &[]),
    // reads files and knows nothing of what is in them
    module("files", &[]),
    module("documents", &["model"]),
    module("fhir", &["model"]),
    // packages are read from disk, so it is not pure; it waits for nothing
    module("definitions", &["model", "fhir"]),
    // an exported directory is FHIR
    module("directory", &["model", "fhir"]),
    module("config", &["model"]),
    module("telemetry", &["config"]),
    module("intake", &["model", "documents", "fhir"]),
    module("map", &["model", "documents", "fhir"]),
    // what it validates against is data of `definitions`; it opens no package
    module("validate", &["model", "fhir", "definitions"]),
    // asks a server for the validator, behind a seam the validator owns; sees nothing but codes, displays and URLs
    module("terminology_server", &["files", "validate::terminology"]),
    // the four stages meet in two sealed types, and nowhere else
    module("consent", &["model", "fhir", "validate::Validated"]),
    // proves things about the rules; starts the solver, a process, so it is not pure and not part of `consent`
    module("prove", &["model", "files", "consent"]),
    // shapes of the files of rules; what a rule means is for whoever reads it
    module("rule_file", &["model"]),
    module("route", &["model", "rule_file", "directory", "consent::Permit"]),
    // which deadline runs, from events and rules that are given; who is told is the pipeline's to do
    module("clocks", &["model", "rule_file"]),
    // what is counted of what happened, and what of it may be seen
    module("measures", &["model", "rule_file", "fhir", "clocks"]),
    // conformance resources from the tables of the documents, the mapping and the measures
    module("guide", &["model", "documents", "fhir", "definitions", "map", "measures"]),
    // what may follow what, as data and rule; who reads how much of it is for consent to say
    module("workflow", &["model"]),
    // letters as text and PDF, from native documents; files, clock and fonts of the host are the caller's
    module("render", &["model", "documents"]),
    module("auth", &["model", "directory"]),
    // the store keeps what the outbox hands it, which only a permit makes: storing an unconsented send does not compile
    module("outbox", &["model", "fhir", "consent::Permit"]),
    module("store", &["model", "outbox"]),
    module("audit", &["model", "fhir", "store"]),
    module("deliver", &["model", "fhir", "directory", "config", "store", "audit", "outbox"]),
    module("portal", &["model", "documents", "fhir", "map", "directory", "auth", "store", "audit"]),
    module(
        "pipeline",
        &[
            "model",
            "documents",
            "fhir",
            "directory",
            "config",
            "telemetry",
            "intake",
            "map",
            "validate",
            "consent",
            "route",
            "clocks",
            "measures",
            "workflow",
            "render",
            "auth",
            "store",
            "audit",
            "outbox",
        ],
    ),
    module(
        "http",
        &[
            "model",
            "outbox",
            "documents",
            "fhir",
            "directory",
            "config",
            "intake",
            "measures",
            "workflow",
            "guide",
            "render",
            "auth",
            "store",
            "audit",
            "portal",
            "pipeline",
        ],
    ),
    module(
        "app",
        &[
            "files",
            "model",
            "documents",
            "fhir",
            "directory",
            "config",
            "telemetry",
            "intake",
            "map",
            "guide",
            "validate",
            "terminology_server",
            "consent",
            "prove",
            "route",
            "clocks",
            "measures",
            "render",
            "auth",
            "store",
            "audit",
            "outbox",
            "deliver",
            "portal",
            "pipeline",
            "http",
        ],
    ),
    // a made-up year through everything, for command line and demonstration
    module(
        "simulate",
        &["model", "directory", "measures", "workflow", "auth", "store", "intake", "audit", "pipeline", "app"],
    ),
    module(
        "demo",
        &[
            "files",
            "model",
            "documents",
            "fhir",
            "directory",
            "config",
            "telemetry",
            "intake",
            "map",
            "guide",
            "validate",
            "consent",
            "prove",
            "route",
            "clocks",
            "measures",
            "render",
            "auth",
            "store",
            "audit",
            "outbox",
            "deliver",
            "portal",
            "pipeline",
            "http",
            "app",
            "simulate",
        ],
    ),
    module(
        "cli",
        &[
            "files",
            "model",
            "documents",
            "fhir",
            "definitions",
            "directory",
            "config",
            "telemetry",
            "intake",
            "map",
            "validate",
            "terminology_server",
            "guide",
            "consent",
            "prove",
            "route",
            "clocks",
            "measures",
            "render",
            "auth",
            "store",
            "audit",
            "outbox",
            "deliver",
            "portal",
            "pipeline",
            "http",
            "app",
            "simulate",
            "demo",
        ],
    ),
    module("main", &["cli"]),
];

/// Crates that only some modules may see, and why.
pub(crate) struct Fence {
    pub(crate) crates: &'static [&'static str],
    pub(crate) only_in: &'static [&'static str],
    pub(crate) why: &'static str,
}

pub(crate) const FENCES: &[Fence] = &[
    Fence {
        crates: &["axum", "axum_server", "tower_http"],
        only_in: &["http", "portal", "demo", "app"],
        why: "the web framework stays at the edge",
    },
    Fence { crates: &["sqlx"], only_in: &["store"], why: "one place knows how things are kept" },
    Fence { crates: &["jsonschema"], only_in: &["intake"], why: "schemas are checked once, on the way in" },
    Fence {
        crates: &["cedar_policy"],
        only_in: &["consent", "prove"],
        why: "one place decides, and one proves what it decides by",
    },
    Fence { crates: &["cedar_policy_symcc"], only_in: &["prove"], why: "one place asks the solver" },
    Fence { crates: &["quick_xml"], only_in: &["fhir"], why: "one place reads and writes FHIR's formats" },
    Fence { crates: &["reqwest"], only_in: &["deliver", "demo", "terminology_server"], why: "few places send" },
    Fence { crates: &["maud"], only_in: &["portal"], why: "pages are made in one place, where escaping is tested" },
    Fence { crates: &["krilla", "rustybuzz"], only_in: &["render"], why: "one place makes PDFs" },
    Fence { crates: &["argon2"], only_in: &["auth"], why: "secrets are checked in one place" },
];

/// Modules in which no runtime, and so nothing that waits, may appear.
pub(crate) const WITHOUT_RUNTIME: &[&str] = &[
    "model",
    "documents",
    "fhir",
    "intake",
    "map",
    "validate",
    "guide",
    "consent",
    "route",
    "rule_file",
    "clocks",
    "measures",
    "workflow",
    "directory",
    "definitions",
    "render",
];

/// Modules whose functions answer the same for the same arguments: no clock, no randomness, no files, no network.
pub(crate) const PURE: &[&str] = &[
    "model",
    "documents",
    "fhir",
    "intake",
    "map",
    "validate",
    "guide",
    "consent",
    "route",
    "rule_file",
    "clocks",
    "measures",
    "workflow",
    "render",
];

/// Neighbouring path segments that read a clock or draw a number.
pub(crate) const IMPURE_PATHS: &[[&str; 2]] = &[
    ["Timestamp", "now"],
    ["Zoned", "now"],
    ["Instant", "now"],
    ["Uuid", "new_v4"],
    ["Uuid", "now_v6"],
    ["Uuid", "now_v7"],
    ["std", "fs"],
    ["std", "net"],
    ["std", "env"],
    ["std", "process"],
    // a thread is a clock and a scheduler
    ["std", "thread"],
    ["time", "SystemTime"],
    ["SystemTime", "now"],
];

/// Crates that are impure whatever is taken from them.
pub(crate) const IMPURE_CRATES: &[&str] = &["rand", "getrandom", "tracing"];

/// Macros that may not stay in the code, tests included.
pub(crate) const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];

/// File and module names that say nothing.
pub(crate) const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "manager", "helper", "helpers", "misc"];

/// Longest file that is fine, and longest that is let through.
pub(crate) const LINES_AIM: usize = 400;
pub(crate) const LINES_MOST: usize = 500;
