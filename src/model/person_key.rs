//! The pseudonym under which a person is known where names and numbers must not be. Made by `pipeline`, from the NHS
//! number and a secret of the installation; tells nothing by itself.

/// Pseudonym of the person something is about: keyed hash, so that the database alone does not give the number back.
/// Equal keys mean the same person; deliveries to one recipient about one person keep their order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey(String);

impl PersonKey {
    /// Takes the hexadecimal digest that `pipeline` computed.
    #[must_use]
    pub const fn from_digest(hex: String) -> Self {
        Self(hex)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
