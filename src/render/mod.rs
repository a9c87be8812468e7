//! Documents as people read them on paper and on screen: plain text and PDF, made from a document's words.
//! Pure: the same document gives the same bytes. Reads no file, clock or font of the host; decides nothing about who may
//! read what, and shows only what it was given.

mod breaks;
mod clean;
mod letter;
mod opening;
mod pdf;
mod text;

pub use letter::{Block, Letter, Part, Role};
pub use pdf::{Fonts, RenderError, pdf};
pub use text::text;
