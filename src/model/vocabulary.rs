//! The shape every closed vocabulary of ours has: a code for rules, messages and the store, and words for people.
//! A macro only; which words there are is said where each vocabulary lives.

/// Makes an enum of it: `Variant => "code", "words for people";` each, with `ALL`, `code`, `title` and `from_code`.
/// In JSON it is its code.
macro_rules! vocabulary {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident => $code:literal, $title:literal;)+ }
    ) => {
        $(#[$about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $($(#[$doc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every one, in the order of the source list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code in rules, policy, documents, FHIR and the store.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Words for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The one with this code, if there is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(super) use vocabulary;
