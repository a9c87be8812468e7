//! The sections of a directory and the fields of their entries, in the order in which they are written. The one list that
//! the file, CSV and FHIR go by; what a field may hold is `load`'s to say.

/// What a field is, as far as every form of writing needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Flag,
    List,
}

/// One section.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Shape)],
    /// The field that holds a secret's hash, and the one that names whose it is. Such an entry is never shown to others.
    pub(super) secret: Option<(&'static str, &'static str)>,
    /// Whether every client of the gateway may read it.
    pub(super) public: bool,
}

use Shape::{Flag, List, Text};

/// What an organisation and a team have in common.
macro_rules! party {
    ($($more:tt)*) => {
        &[
            ("id", Text), ("name", Text), ("kind", Text), $($more)* ("ods", Text), ("person_access", Flag),
            ("fallback", Flag), ("telephone", Text), ("email", Text), ("website", Text), ("opening", Text),
            ("services", Text), ("from", Text), ("until", Text),
        ]
    };
}

const fn section(name: &'static str, fields: &'static [(&'static str, Shape)]) -> Section {
    Section { name, fields, secret: None, public: true }
}

/// Every section, in order.
pub(super) const SECTIONS: &[Section] = &[
    section("organisation", party!()),
    section("team", party!(("part_of", Text), ("hub", Text),)),
    section(
        "place",
        &[
            ("id", Text),
            ("of", Text),
            ("name", Text),
            ("address", List),
            ("postcode", Text),
            ("from", Text),
            ("until", Text),
        ],
    ),
    section(
        "role",
        &[
            ("id", Text),
            ("person", Text),
            ("name", Text),
            ("employer", Text),
            ("team", Text),
            ("code", Text),
            ("title", Text),
            ("from", Text),
            ("until", Text),
        ],
    ),
    Section {
        public: false,
        ..section("endpoint", &[("party", Text), ("url", Text), ("format", Text), ("from", Text), ("until", Text)])
    },
    Section {
        public: false,
        ..section(
            "agreement",
            &[
                ("id", Text),
                ("version", Text),
                ("between", List),
                ("purposes", List),
                ("categories", List),
                ("from", Text),
                ("until", Text),
            ],
        )
    },
    Section {
        public: false,
        secret: Some(("secret_hash", "id")),
        ..section("client", &[("id", Text), ("secret_hash", Text), ("party", Text), ("from", Text), ("until", Text)])
    },
    Section {
        public: false,
        secret: Some(("password_hash", "name")),
        ..section(
            "portal_user",
            &[
                ("name", Text),
                ("display", Text),
                ("password_hash", Text),
                ("party", Text),
                ("from", Text),
                ("until", Text),
            ],
        )
    },
    section("crisis_contact", &[("name", Text), ("how", Text)]),
];

/// The section of this name.
pub(super) fn named(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

/// The names of all sections, for those who wrote another.
pub(super) fn names() -> String {
    SECTIONS.iter().map(|section| section.name).collect::<Vec<_>>().join(", ")
}
