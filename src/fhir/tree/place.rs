//! Where things stand: line and column of an offset, many times over without reading the text again.

use super::Tree;

/// Bytes between two places whose characters are counted beforehand.
const STEP: usize = 1024;

/// Where lines start, and how many characters lie before every [`STEP`]th byte.
#[derive(Debug)]
pub(super) struct Lines {
    starts: Vec<u32>,
    counts: Vec<u32>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut starts = vec![0];
        let mut before = 0_u32;
        let mut counts = Vec::with_capacity(text.len() / STEP + 1);
        for (chunk, start) in text.as_bytes().chunks(STEP).zip((1..).step_by(STEP)) {
            counts.push(before);
            before = before.saturating_add(characters(chunk));
            // what machines send is most often one long line, which is searched faster than looked through
            if chunk.contains(&b'\n') {
                let ends = chunk.iter().zip(start..).filter(|(byte, _)| **byte == b'\n');
                starts.extend(ends.filter_map(|(_, next): (_, usize)| u32::try_from(next).ok()));
            }
        }
        Self { starts, counts }
    }

    /// How many characters lie before a byte.
    fn before(&self, text: &str, offset: usize) -> usize {
        let step = (offset / STEP).min(self.counts.len().saturating_sub(1));
        let counted = self.counts.get(step).copied().unwrap_or(0);
        let rest = text.as_bytes().get(step * STEP..offset).unwrap_or_default();
        counted.saturating_add(characters(rest)) as usize
    }
}

/// How many characters begin in a piece of UTF-8.
fn characters(bytes: &[u8]) -> u32 {
    // so few at a time that a byte holds the count, which processors do many of at once
    let few = bytes.chunks(128).map(|few| few.iter().map(|byte| u8::from(byte & 0xC0 != 0x80)).sum::<u8>());
    few.map(u32::from).sum()
}

impl Tree<'_> {
    /// Line and column, both from 1 and counted in characters, of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.source.floor_char_boundary(offset);
        let lines = self.lines();
        let line = lines.starts.partition_point(|start| *start as usize <= offset);
        let start = line.checked_sub(1).and_then(|line| lines.starts.get(line)).map_or(0, |start| *start as usize);
        // a document on one line must not be counted through for every finding in it
        let column = lines.before(&self.source, offset).saturating_sub(lines.before(&self.source, start));
        (line, column + 1)
    }

    /// One line of the source by its number from 1, without its end.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<&str> {
        let starts = &self.lines().starts;
        let start = *starts.get(number.checked_sub(1)?)? as usize;
        let end = starts.get(number).map_or(self.source.len(), |end| *end as usize);
        self.source.get(start..end).map(|line| line.trim_end_matches(['\r', '\n']))
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.source))
    }
}

#[cfg(test)]
mod tests {
    use crate::fhir::source::line_column;
    use crate::fhir::tree::Tree;
    use crate::fhir::{Format, Limits};

    #[test]
    fn positions_are_those_counted_from_the_start() {
        let text = format!(
            "{{\"resourceType\":\"Patient\",\"x\":\"{}\",\r\n\n\"y\":\"{}\"}}",
            "é😀a".repeat(700),
            "bé".repeat(900)
        );
        let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap();
        for offset in (0..text.len() + 5).step_by(7).chain([1023, 1024, 1025, text.len()]) {
            assert_eq!(tree.position(offset), line_column(&text, offset), "{offset}");
        }
        assert_eq!((tree.line(2), tree.line(4)), (Some(""), None));
        assert!(tree.line(1).unwrap().ends_with("\","));
    }
}
