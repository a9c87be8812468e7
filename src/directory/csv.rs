//! The directory as comma-separated tables (RFC 4180): one for each section, or all in one with a column `section`. Cells
//! only; what they mean is the sections' and `load`'s.

use toml::{Table, Value};

use super::fault::{DirectoryFault, Problem, is_name};
use super::rows::{Rows, from_cell, to_cell};
use super::sections::{SECTIONS, Section, Shape, named, names};

/// The column that says of which section a line is, in a table of all.
const SECTION: &str = "section";

impl Rows {
    /// All sections in one table.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut columns: Vec<&str> = Vec::new();
        for (field, _) in SECTIONS.iter().flat_map(|section| section.fields) {
            if !columns.contains(field) && self.uses(field) {
                columns.push(field);
            }
        }
        let mut out = line(std::iter::once(SECTION).chain(columns.iter().copied()).map(str::to_owned));
        for section in SECTIONS {
            for entry in self.entries(section.name) {
                let cells = columns.iter().map(|column| entry.get(*column).map(to_cell).unwrap_or_default());
                out.push_str(&line(std::iter::once(section.name.to_owned()).chain(cells)));
            }
        }
        out
    }

    /// A table for each section that has entries, named after it.
    #[must_use]
    pub fn to_csv_files(&self) -> Vec<(&'static str, String)> {
        let there = SECTIONS.iter().filter(|section| self.entries(section.name).next().is_some());
        there.map(|section| (section.name, self.table(section))).collect()
    }

    fn table(&self, section: &Section) -> String {
        let mut out = line(section.fields.iter().map(|(field, _)| (*field).to_owned()));
        for entry in self.entries(section.name) {
            let cells = section.fields.iter().map(|(field, _)| entry.get(*field).map(to_cell).unwrap_or_default());
            out.push_str(&line(cells));
        }
        out
    }

    fn uses(&self, field: &str) -> bool {
        SECTIONS.iter().any(|section| self.entries(section.name).any(|entry| entry.contains_key(field)))
    }

    /// Reads tables. The first column `section` says of which section a line is; in a table without it, its name does.
    ///
    /// # Errors
    /// Every table and line that cannot be read.
    pub fn from_csv<'a>(tables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<DirectoryFault>> {
        let (mut rows, mut faults) = (Self::default(), Vec::new());
        for (name, text) in tables {
            match cells(text) {
                Ok(lines) => rows.read(name, &lines, &mut faults),
                Err(number) => faults.push(DirectoryFault::new(
                    format!("{name}, line {number}"),
                    "",
                    Problem::Unreadable("a table whose quotation marks are closed"),
                )),
            }
        }
        let holds_any = SECTIONS.iter().any(|section| rows.entries(section.name).next().is_some());
        if faults.is_empty() && !holds_any {
            // a torn or wrong file is no empty directory
            let problem = Problem::Unreadable("a table with a header and at least one line under it");
            faults.push(DirectoryFault::new("the file", "", problem));
        }
        if faults.is_empty() { Ok(rows.normal()) } else { Err(faults) }
    }

    fn read(&mut self, name: &str, lines: &[(usize, Vec<String>)], faults: &mut Vec<DirectoryFault>) {
        let Some(((_, header), lines)) = lines.split_first() else { return };
        let of_all = header.first().is_some_and(|first| first == SECTION);
        for (number, cells) in lines {
            let place = format!("{name}, line {number}");
            if cells.len() > header.len() {
                faults.push(DirectoryFault::new(
                    &place,
                    "",
                    Problem::Unreadable("a line with no more cells than columns"),
                ));
                continue;
            }
            let section = if of_all { cells.first().map_or("", String::as_str) } else { name };
            let Some(section) = named(section) else {
                faults.push(DirectoryFault::new(&place, "", Problem::UnknownSection(names())));
                continue;
            };
            let entry = entry(section, header, cells, usize::from(of_all));
            self.section_mut(section.name).into_iter().for_each(|entries| entries.push(Value::Table(entry.clone())));
        }
    }
}

/// The entry a line holds; an empty cell is no field. Cells of columns the section does not have stay, so that `load` can
/// say that there is no such field.
fn entry(section: &Section, header: &[String], cells: &[String], skipped: usize) -> Table {
    let filled = header.iter().zip(cells).skip(skipped).filter(|(_, cell)| !cell.is_empty());
    let fields = filled.map(|(column, cell)| {
        let known = section.fields.iter().find(|(field, _)| field == column);
        let column = if is_name(column) { column.clone() } else { "an unknown column".to_owned() };
        (column, from_cell(known.map_or(Shape::Text, |(_, shape)| *shape), cell))
    });
    fields.collect()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut out = cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    out
}

/// A cell as it is written. One that a spreadsheet would take for a formula begins with an apostrophe, which reading
/// takes off again: partners write these texts, and others open them.
fn quoted(cell: &str) -> String {
    let guarded =
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) { format!("'{cell}") } else { cell.into() };
    if guarded.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

/// The lines of a table with their numbers, empty ones left out; the line whose quotation never ends where one does not.
fn cells(text: &str) -> Result<Vec<(usize, Vec<String>)>, usize> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader { lines: Vec::new(), cells: Vec::new(), cell: String::new(), began: 1 };
    let (mut number, mut inside) = (1, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        number += usize::from(c == '\n');
        match (c, inside) {
            ('"', Some(_)) if chars.next_if_eq(&'"').is_some() => reader.cell.push('"'),
            ('"', Some(_)) => inside = None,
            ('"', None) if reader.cell.is_empty() => inside = Some(number),
            (',', None) => reader.end_cell(),
            ('\n', None) => reader.end_line(number),
            ('\r', None) if chars.peek() == Some(&'\n') => {}
            (c, _) => reader.cell.push(c),
        }
    }
    if let Some(began) = inside {
        return Err(began);
    }
    reader.end_line(number);
    Ok(reader.lines)
}

struct Reader {
    lines: Vec<(usize, Vec<String>)>,
    cells: Vec<String>,
    cell: String,
    /// The line the row under way began on.
    began: usize,
}

impl Reader {
    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let guarded = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']));
        let bare = guarded.map(str::to_owned);
        self.cells.push(bare.unwrap_or(cell));
    }

    /// Ends a row; `next` is the line that follows.
    fn end_line(&mut self, next: usize) {
        self.end_cell();
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().any(|cell| !cell.is_empty()) {
            self.lines.push((self.began, cells));
        }
        self.began = next;
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, cells, line};

    #[test]
    fn a_table_is_read_as_it_was_written_whatever_its_cells_hold() {
        let row =
            ["plain", "a, b", "say \"no\"", "two\nlines", "=1+1", "'quoted", "", "+44 116 496 0000", "ß", "\r\nx"];
        let text = line(row.iter().map(|cell| (*cell).to_owned()));
        assert_eq!(cells(&text).unwrap(), [(1, row.map(str::to_owned).to_vec())], "{text}");
        assert!(text.contains("'=1+1") && text.contains("''quoted"), "{text}");
    }

    #[test]
    fn what_a_spreadsheet_saves_is_read() {
        let text = "\u{FEFF}id,name\n\n a ,\"b\"\nlast,one";
        let found: Vec<_> = cells(text).unwrap();
        assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(found[1].1, [" a ", "b"]);
        assert_eq!(cells("a,b\nc,\"d\n").unwrap_err(), 2);
    }

    #[test]
    fn every_table_that_cannot_be_read_is_told_of_at_once() {
        let faults = Rows::from_csv([("place", "id\n\"a"), ("rooms", "id\nx"), ("team", "id\na,b")]).unwrap_err();
        let found: Vec<_> = faults.iter().map(|fault| fault.entry.as_str()).collect();
        assert_eq!(found, ["place, line 2", "rooms, line 2", "team, line 2"]);
    }
}
