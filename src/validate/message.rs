//! Shape of a message bundle.
