//! Where things stand: line and column of an offset, many times over without reading the text again.

use super::Tree;

impl Tree<'_> {
    /// Line and column, both from 1 and counted in characters, of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.source.floor_char_boundary(offset);
        let lines = self.lines.get_or_init(|| starts(&self.source));
        let line = lines.partition_point(|start| *start as usize <= offset);
        let start = line.checked_sub(1).and_then(|line| lines.get(line)).map_or(0, |start| *start as usize);
        // a document on one line must not be counted through for every finding in it
        let before = self.source.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// One line of the source by its number from 1, without its end.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<&str> {
        let lines = self.lines.get_or_init(|| starts(&self.source));
        let start = *lines.get(number.checked_sub(1)?)? as usize;
        let end = lines.get(number).map_or(self.source.len(), |end| *end as usize);
        self.source.get(start..end).map(|line| line.trim_end_matches(['\r', '\n']))
    }
}

/// Where each line starts.
fn starts(text: &str) -> Vec<u32> {
    let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0).chain(ends.filter_map(|(at, _)| u32::try_from(at + 1).ok())).collect()
}
