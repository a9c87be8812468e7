//! Sizes, distances and colours of a page, in points. A4 with margins that a punched sheet keeps readable.

use crate::render::Role;

pub(super) const PAGE_WIDTH: f32 = 595.276;
pub(super) const PAGE_HEIGHT: f32 = 841.89;
pub(super) const LEFT: f32 = 68.0;
pub(super) const RIGHT: f32 = 62.0;
pub(super) const TOP: f32 = 62.0;
/// Where text ends; the footer stands below.
pub(super) const BOTTOM: f32 = 80.0;
/// Baseline of the footer, from the foot of the page.
pub(super) const FOOTER: f32 = 42.0;
pub(super) const FOOTER_SIZE: f32 = 9.5;

/// How much larger large print is: 12 points become 18, above the 16 that large print begins with.
pub(super) const LARGE_PRINT: f32 = 1.5;

/// Distance of the text of a list entry from the margin, and of its bullet.
pub(super) const ITEM_INDENT: f32 = 16.0;
pub(super) const BULLET_INDENT: f32 = 3.0;

/// Black enough for every reader, a deep teal for headings (contrast 8:1 on white), grey for what is small (7:1).
pub(super) const INK: [u8; 3] = [0x1b, 0x1f, 0x23];
pub(super) const ACCENT: [u8; 3] = [0x0b, 0x4f, 0x5c];
pub(super) const MUTED: [u8; 3] = [0x4f, 0x58, 0x60];
pub(super) const RULE: [u8; 3] = [0xb4, 0xbe, 0xc4];

/// How a block is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) size: f32,
    /// Distance from baseline to baseline.
    pub(super) leading: f32,
    /// Space before, not at the top of a page.
    pub(super) before: f32,
    pub(super) after: f32,
    pub(super) indent: f32,
    pub(super) colour: [u8; 3],
}

impl Style {
    pub(super) fn of(role: Role, scale: f32) -> Self {
        let (bold, size, leading, before, after, indent, colour) = match role {
            Role::Sender => (true, 15.0, 20.0, 0.0, 2.0, 0.0, ACCENT),
            Role::SenderDetail => (false, 10.0, 14.0, 0.0, 12.0, 0.0, MUTED),
            Role::Line => (false, 12.0, 16.5, 0.0, 0.0, 0.0, INK),
            Role::LastLine => (false, 12.0, 16.5, 0.0, 14.0, 0.0, INK),
            Role::Title => (true, 19.0, 25.0, 8.0, 10.0, 0.0, ACCENT),
            Role::Heading => (true, 13.5, 18.0, 14.0, 4.0, 0.0, ACCENT),
            Role::Paragraph => (false, 12.0, 17.0, 0.0, 8.0, 0.0, INK),
            Role::Item => (false, 12.0, 17.0, 0.0, 4.0, ITEM_INDENT, INK),
        };
        Self {
            bold,
            size: size * scale,
            leading: leading * scale,
            before: before * scale,
            after: after * scale,
            indent: indent * scale,
            colour,
        }
    }
}
