//! The national files reduced to an area table: the ONS Postcode Directory, the practices of the Organisation Data
//! Service, and a site's map from national codes to its areas. Reads no file: lines come in, a table comes out.
//!
//! What is read of them, as found in public code that reads the same files:
//! - ONS Postcode Directory, with header: `pcds` (postcode with one space), `doterm` (empty while it is in use), the local
//!   authority as `oslaua`, `laua`, `ladcd` or `lad25cd` (the year changes), the ward as `osward`, `ward` or `wd25cd`.
//! - `epraccur.csv`, without header, 27 columns: 1 ODS code, 10 postcode, 12 close date, 13 status (`C` closed),
//!   26 prescribing setting (`4` a GP practice).
//! - The site's map, `what,code,to,side` as the area table has, with `lad` and `ward` (national codes) beside `outward`,
//!   `sector`, `postcode` and `practice`. The narrowest wins: postcode, sector, outward code, ward, local authority.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::areas::{Areas, HEADER, fields};
use crate::model::{OdsCode, Postcode};
use crate::rule_file::RuleFault;

/// Lines are taken in one after another; files are large.
#[derive(Debug)]
pub struct Reducer {
    /// What the site's map says itself, in the form of an area table.
    own: String,
    own_areas: Areas,
    national: BTreeMap<String, String>,
    columns: Option<Columns>,
    /// Postcodes in use, with their area.
    placed: BTreeMap<Postcode, String>,
    practices: BTreeMap<OdsCode, String>,
    unplaced_practices: usize,
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    postcode: usize,
    ended: Option<usize>,
    authority: Option<usize>,
    ward: Option<usize>,
}

/// An area table made of the national files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduced {
    /// The text of `areas.csv`.
    pub csv: String,
    pub postcodes: usize,
    pub sectors: usize,
    /// Sectors that lie in several areas: their smaller parts are listed postcode by postcode.
    pub split: usize,
    pub practices: usize,
    /// Practices in use whose postcode lies in no area.
    pub practices_elsewhere: usize,
}

impl Reducer {
    /// Begins with a site's map.
    ///
    /// # Errors
    /// Every fault of the map.
    pub fn new(map: &str) -> Result<Self, Vec<RuleFault>> {
        let mut own = String::new();
        let mut national = BTreeMap::new();
        for line in map.lines() {
            let parts = fields(line);
            let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
            if let ["lad" | "ward", code, area, ..] = parts.as_slice() {
                national.insert(code.to_ascii_uppercase(), (*area).to_owned());
            } else {
                own.push_str(line);
                own.push('\n');
            }
        }
        let own_areas = Areas::from_csv("map", &own)?;
        let unknown = national.iter().filter(|(_, area)| own_areas.area(area).is_none());
        let faults: Vec<RuleFault> = unknown
            .map(|(code, area)| {
                RuleFault::new("map", code.clone(), format!("is placed in {area}, which no area row names"))
            })
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            own,
            own_areas,
            national,
            columns: None,
            placed: BTreeMap::new(),
            practices: BTreeMap::new(),
            unplaced_practices: 0,
        })
    }

    /// Takes a line of the postcode directory; the first is its header.
    ///
    /// # Errors
    /// The header has no column of postcodes, or none that a map could speak of.
    pub fn postcode_line(&mut self, line: &str) -> Result<(), RuleFault> {
        let parts = fields(line);
        let Some(columns) = self.columns else {
            self.columns = Some(columns(&parts)?);
            return Ok(());
        };
        let part = |place: Option<usize>| place.and_then(|place| parts.get(place)).map_or("", |part| part.trim());
        if !part(columns.ended).is_empty() {
            return Ok(());
        }
        let Some(postcode) = Postcode::parse(part(Some(columns.postcode))) else { return Ok(()) };
        let code = |place: Option<usize>| self.national.get(&part(place).to_ascii_uppercase());
        let own = self.own_areas.of_address(&postcode).map(|area| &area.id);
        let area = own.or_else(|| code(columns.ward)).or_else(|| code(columns.authority)).cloned();
        if let Some(area) = area {
            self.placed.insert(postcode, area);
        }
        Ok(())
    }

    /// Takes a line of the practices' file, after all postcodes.
    pub fn practice_line(&mut self, line: &str) {
        let parts = fields(line);
        let part = |place: usize| parts.get(place).map_or("", |part| part.trim());
        let in_use = part(11).is_empty() && !part(12).eq_ignore_ascii_case("c") && part(25) == "4";
        let (true, Some(code), Some(postcode)) = (in_use, OdsCode::parse(part(0)), Postcode::parse(part(9))) else {
            return;
        };
        if self.own_areas.of_practice(&code).is_some() {
            return;
        }
        match self.placed.get(&postcode) {
            Some(area) => {
                self.practices.insert(code, area.clone());
            }
            None => self.unplaced_practices += 1,
        }
    }

    /// The table.
    ///
    /// # Errors
    /// A file that holds nothing of what it should: a torn or wrong one must not take everybody's area away.
    pub fn finish(self) -> Result<Reduced, Vec<RuleFault>> {
        let mut faults = Vec::new();
        if self.placed.is_empty() {
            let problem = "holds no postcode in force of an area of the map";
            faults.push(RuleFault::new("onspd", "the file", problem));
        }
        if self.practices.is_empty() && self.unplaced_practices == 0 {
            let problem = "holds no practice in use; is this epraccur.csv?";
            faults.push(RuleFault::new("practices", "the file", problem));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut sectors: BTreeMap<&str, BTreeMap<&str, Vec<&Postcode>>> = BTreeMap::new();
        for (postcode, area) in &self.placed {
            sectors.entry(postcode.sector()).or_default().entry(area).or_default().push(postcode);
        }
        let mut csv = self.own.clone();
        if !csv.lines().any(|line| line.starts_with("what")) {
            csv = format!("{}\n{csv}", HEADER.join(","));
        }
        let listed = |what: &str, code: &str| {
            self.own
                .lines()
                .any(|line| line.strip_prefix(what).is_some_and(|rest| rest.starts_with(&format!(",{code},"))))
        };
        let mut split = 0;
        for (sector, areas) in &sectors {
            let Some((most, _)) = areas.iter().max_by_key(|(area, codes)| (codes.len(), std::cmp::Reverse(**area)))
            else {
                continue;
            };
            if !listed("sector", sector) {
                let _ = writeln!(csv, "sector,{sector},{most},");
            }
            split += usize::from(areas.len() > 1);
            for (area, codes) in areas.iter().filter(|(area, _)| area != &most) {
                for code in codes.iter().filter(|code| !listed("postcode", code.as_str())) {
                    let _ = writeln!(csv, "postcode,{},{area},", code.as_str());
                }
            }
        }
        for (code, area) in &self.practices {
            let _ = writeln!(csv, "practice,{code},{area},");
        }
        Ok(Reduced {
            postcodes: self.placed.len(),
            sectors: sectors.len(),
            split,
            practices: self.practices.len(),
            practices_elsewhere: self.unplaced_practices,
            csv,
        })
    }
}

fn columns(header: &[String]) -> Result<Columns, RuleFault> {
    let names: Vec<String> =
        header.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
    let at = |fits: &dyn Fn(&str) -> bool| names.iter().position(|name| fits(name));
    let coded = |stem: &str| {
        let stem = stem.to_owned();
        move |name: &str| {
            let year = name.strip_prefix(stem.as_str()).and_then(|rest| rest.strip_suffix("cd"));
            year.is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
        }
    };
    let authority = at(&|name| matches!(name, "oslaua" | "laua")).or_else(|| at(&coded("lad")));
    let ward = at(&|name| matches!(name, "osward" | "ward")).or_else(|| at(&coded("wd")));
    let fault = |problem: &str| RuleFault::new("onspd", "line 1", problem);
    let postcode = at(&|name| name == "pcds")
        .ok_or_else(|| fault("there is no column pcds; is this the ONS Postcode Directory?"))?;
    if authority.is_none() && ward.is_none() {
        return Err(fault(
            "there is no column of local authorities (oslaua, laua, ladNNcd) nor of wards (osward, wdNNcd)",
        ));
    }
    Ok(Columns { postcode, ended: at(&|name| name == "doterm"), authority, ward })
}

#[cfg(test)]
mod tests {
    use super::{Areas, Reducer};
    use crate::model::{OdsCode, Postcode};

    const MAP: &str = "what,code,to,side\narea,east,team-east,city\narea,west,team-west,city\narea,shire,team-shire,county\n\
                       lad,E06000016,east,\nward,E05010462,west,\nlad,E07000130,shire,\nsector,ZZ9 9,shire,\npractice,Y00009,west,\n";
    const ONSPD: &str = "pcd7,pcd8,pcds,dointr,doterm,lad25cd,wd25cd\n\
        \"ZZ1 1AA\",\"ZZ1  1AA\",\"ZZ1 1AA\",\"198001\",\"\",\"E06000016\",\"E05010458\"\n\
        \"ZZ1 1AB\",\"ZZ1  1AB\",\"ZZ1 1AB\",\"198001\",\"\",\"E06000016\",\"E05010458\"\n\
        \"ZZ1 1AD\",\"ZZ1  1AD\",\"ZZ1 1AD\",\"198001\",\"\",\"E06000016\",\"E05010462\"\n\
        \"ZZ1 2AA\",\"ZZ1  2AA\",\"ZZ1 2AA\",\"198001\",\"199606\",\"E06000016\",\"E05010458\"\n\
        \"ZZ9 9AA\",\"ZZ9  9AA\",\"ZZ9 9AA\",\"198001\",\"\",\"E06000016\",\"E05010458\"\n\
        \"ZZ7 1AA\",\"ZZ7  1AA\",\"ZZ7 1AA\",\"198001\",\"\",\"E09000001\",\"E05000026\"\n";

    fn practice(code: &str, postcode: &str, status: &str, setting: &str) -> String {
        let mut parts = vec![""; 27];
        (parts[0], parts[1], parts[9], parts[12], parts[25]) = (code, "\"A, B\"", postcode, status, setting);
        parts.join(",")
    }

    #[test]
    fn national_files_become_sectors_practices_and_the_postcodes_of_split_sectors() {
        let mut reducer = Reducer::new(MAP).unwrap();
        for line in ONSPD.lines() {
            reducer.postcode_line(line).unwrap();
        }
        for line in [
            practice("Y00001", "ZZ1 1AB", "A", "4"),
            practice("Y00002", "ZZ1 1AD", "A", "4"),
            practice("Y00003", "ZZ1 1AB", "C", "4"),
            practice("Y00004", "ZZ1 1AB", "A", "0"),
            practice("Y00005", "ZZ7 1AA", "A", "4"),
            practice("Y00009", "ZZ1 1AB", "A", "4"),
        ] {
            reducer.practice_line(&line);
        }
        let made = reducer.finish().unwrap();
        assert_eq!((made.postcodes, made.sectors, made.split), (4, 2, 1));
        assert_eq!((made.practices, made.practices_elsewhere), (2, 1));
        let areas = Areas::from_csv("areas.csv", &made.csv).unwrap();
        let at = |code: &str| areas.of_address(&Postcode::parse(code).unwrap()).map(|area| area.id.as_str());
        assert_eq!((at("ZZ1 1AA"), at("ZZ1 1AD"), at("ZZ9 9AA")), (Some("east"), Some("west"), Some("shire")));
        assert_eq!((at("ZZ1 2AA"), at("ZZ7 1AA")), (None, None));
        let of = |code: &str| areas.of_practice(&OdsCode::parse(code).unwrap()).map(|area| area.id.as_str());
        assert_eq!(
            (of("Y00001"), of("Y00002"), of("Y00003"), of("Y00009")),
            (Some("east"), Some("west"), None, Some("west"))
        );
    }

    #[test]
    fn older_headers_are_read_and_other_files_refused() {
        for header in ["pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward", "pcd,pcds,doterm,laua,ward", "pcds,ladcd"]
        {
            assert!(Reducer::new(MAP).unwrap().postcode_line(header).is_ok(), "{header}");
        }
        for header in ["postcode,lad25cd", "pcds,doterm"] {
            assert!(Reducer::new(MAP).unwrap().postcode_line(header).is_err(), "{header}");
        }
        assert!(Reducer::new("what,code,to,side\nlad,E06000016,east,\n").is_err());
    }

    #[test]
    fn files_that_hold_nothing_make_no_table() {
        let header = ONSPD.lines().next().unwrap();
        for (postcodes, practices, expected) in [
            ("", "", vec!["onspd", "practices"]),
            (header, "\u{0}\u{1}binary", vec!["onspd", "practices"]),
            (ONSPD, "", vec!["practices"]),
            (header, &practice("Y00001", "ZZ1 1AB", "A", "4"), vec!["onspd"]),
        ] {
            let mut reducer = Reducer::new(MAP).unwrap();
            for line in postcodes.lines() {
                reducer.postcode_line(line).unwrap();
            }
            practices.lines().for_each(|line| reducer.practice_line(line));
            let faults = reducer.finish().unwrap_err();
            assert_eq!(faults.iter().map(|fault| fault.file.as_str()).collect::<Vec<_>>(), expected);
        }
    }
}
