//! Rules on single values that need no definitions: primitives of R4, language tags, media types, UCUM units, ODS codes
//! and NHS numbers. Pure functions on text: no tree, no JSON, no clock. They must not decide where a rule applies (the
//! walker does) and they never quote the value: whoever reports a fault adds it.

pub mod language;
pub mod mime;
pub mod nhs_number;
pub mod ods;
pub mod primitive;
pub mod ucum;
