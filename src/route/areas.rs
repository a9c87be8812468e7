//! Which area an address or a GP practice lies in, and which team serves an area: one table, read from CSV with the
//! header `what,code,to,side`. Asks no map and no network.
//!
//! `area,city-east,lpt-cmht-city-east,city` names an area, its team, and whether it is of the city or the county;
//! `outward,LE5,city-east,`, `sector,LE1 3,city-west,` and `postcode,LE1 3AB,city-west,` place addresses, the narrower
//! row first; `practice,Y90001,city-east,` places a practice.

use std::collections::BTreeMap;

use super::condition::Lies;
use crate::model::postcode::{is_outward, is_sector};
use crate::model::{OdsCode, PartyId, Postcode};
use crate::rule_file::RuleFault;

/// The area of the demonstration: outward codes that look real, mapped to made-up areas and teams.
pub const DEMO_AREAS: &str = include_str!("../../profiles/rules/areas.csv");

/// City or county (L568-569).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    City,
    County,
}

/// An area and the team that serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    pub id: String,
    pub team: PartyId,
    pub side: Side,
}

impl Area {
    pub(super) const fn lies(&self) -> Lies {
        match self.side {
            Side::City => Lies::City,
            Side::County => Lies::County,
        }
    }
}

/// The area table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Areas {
    served: BTreeMap<String, Area>,
    /// Postcodes, sectors and outward codes; none has the shape of another.
    places: BTreeMap<String, String>,
    practices: BTreeMap<OdsCode, String>,
}

impl Areas {
    /// Reads a table.
    ///
    /// # Errors
    /// Every fault, by line.
    pub fn from_csv(file: &str, text: &str) -> Result<Self, Vec<RuleFault>> {
        let mut table = Self::default();
        let mut faults = Vec::new();
        let mut header = false;
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let fields = fields(line);
            let fields: Vec<&str> = fields.iter().map(|field| field.trim()).collect();
            if !header {
                header = true;
                if fields != HEADER {
                    let problem = format!("the first line must be {}", HEADER.join(","));
                    faults.push(RuleFault::new(file, format!("line {number}"), problem));
                    break;
                }
                continue;
            }
            if let Err(problem) = table.take(&fields) {
                faults.push(RuleFault::new(file, format!("line {number}"), problem));
            }
        }
        let known = |area: &String| table.served.contains_key(area);
        for (code, area) in table.places.iter().filter(|(_, area)| !known(area)) {
            faults.push(RuleFault::new(file, code.clone(), format!("is placed in {area}, which no area row names")));
        }
        for (code, area) in table.practices.iter().filter(|(_, area)| !known(area)) {
            faults.push(RuleFault::new(file, code.as_str(), format!("is placed in {area}, which no area row names")));
        }
        if faults.is_empty() { Ok(table) } else { Err(faults) }
    }

    fn take(&mut self, fields: &[&str]) -> Result<(), String> {
        let [what, code, to, side] = fields else {
            return Err(format!("has {} fields; there are four: {}", fields.len(), HEADER.join(",")));
        };
        if *what == "area" {
            let team = PartyId::parse(to).ok_or("`to` of an area is the directory id of its team")?;
            let side = match *side {
                "city" => Side::City,
                "county" => Side::County,
                _ => return Err("`side` of an area is city or county".to_owned()),
            };
            let id = PartyId::parse(code).ok_or("an area is named by lower-case letters, digits and hyphens")?;
            let area = Area { id: id.to_string(), team, side };
            return self
                .served
                .insert(id.to_string(), area)
                .map_or(Ok(()), |_| Err("names this area again".to_owned()));
        }
        if !side.is_empty() {
            return Err("only an area has a `side`".to_owned());
        }
        let upper = code.to_ascii_uppercase();
        let place = match *what {
            "outward" if is_outward(&upper) => upper,
            "sector" if is_sector(&upper) => upper,
            "postcode" => Postcode::parse(code).ok_or("is no postcode")?.as_str().to_owned(),
            "outward" => return Err("an outward code looks like LE1".to_owned()),
            "sector" => return Err("a sector looks like LE1 3".to_owned()),
            "practice" => {
                let code = OdsCode::parse(code).ok_or("a practice is named by its ODS code")?;
                let earlier = self.practices.insert(code, (*to).to_owned());
                return earlier.map_or(Ok(()), |_| Err("places this practice again".to_owned()));
            }
            _ => return Err("`what` is one of area, outward, sector, postcode, practice".to_owned()),
        };
        let earlier = self.places.insert(place, (*to).to_owned());
        earlier.map_or(Ok(()), |_| Err("places this code again".to_owned()))
    }

    /// The area with this id.
    #[must_use]
    pub fn area(&self, id: &str) -> Option<&Area> {
        self.served.get(id)
    }

    /// Every area, by id.
    pub fn all(&self) -> impl Iterator<Item = &Area> {
        self.served.values()
    }

    /// The area an address lies in: by its postcode, else its sector, else its outward code.
    #[must_use]
    pub fn of_address(&self, postcode: &Postcode) -> Option<&Area> {
        let keys = [postcode.as_str(), postcode.sector(), postcode.outward()];
        keys.into_iter().find_map(|key| self.places.get(key)).and_then(|id| self.served.get(id))
    }

    /// The area a practice lies in.
    #[must_use]
    pub fn of_practice(&self, code: &OdsCode) -> Option<&Area> {
        self.served.get(self.practices.get(code)?)
    }
}

/// The columns of an area table.
pub(super) const HEADER: [&str; 4] = ["what", "code", "to", "side"];

/// The fields of one CSV line (RFC 4180); a line end within quotes is not expected in these files.
pub(super) fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.trim_end_matches(['\r', '\n']).chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(field) = fields.last_mut() else { break };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                field.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::{Areas, DEMO_AREAS, fields};
    use crate::model::{OdsCode, Postcode};

    fn place(areas: &Areas, postcode: &str) -> Option<String> {
        areas.of_address(&Postcode::parse(postcode).unwrap()).map(|area| area.id.clone())
    }

    #[test]
    fn the_narrower_row_places_an_address() {
        let text = "what,code,to,side\narea,a,team-a,city\narea,b,team-b,county\noutward,LE1,a,\nsector,LE1 3,b,\npostcode,LE1 3AB,a,\npractice,Y90001,b,\n";
        let areas = Areas::from_csv("areas.csv", text).unwrap();
        assert_eq!(place(&areas, "LE1 1AA").as_deref(), Some("a"));
        assert_eq!(place(&areas, "LE1 3AA").as_deref(), Some("b"));
        assert_eq!(place(&areas, "LE1 3AB").as_deref(), Some("a"));
        assert_eq!(place(&areas, "LE11 3AB"), None);
        assert_eq!(areas.of_practice(&OdsCode::parse("y90001").unwrap()).unwrap().team.as_str(), "team-b");
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "what,code,to,side\narea,a,team-a,town\narea,b,team-b,county\nsector,LE1,b,\noutward,LE1,nowhere,\nplace,x,b,\npractice,!,b,\noutward,LE2,b,city\noutward,LE3\n";
        let faults = Areas::from_csv("areas.csv", text).unwrap_err();
        let rows: Vec<&str> = faults.iter().map(|fault| fault.row.as_str()).collect();
        assert_eq!(rows, ["line 2", "line 4", "line 6", "line 7", "line 8", "line 9", "LE1"]);
        assert!(Areas::from_csv("areas.csv", "a,b\n").is_err());
    }

    #[test]
    fn the_demonstration_area_is_whole() {
        let areas = Areas::from_csv("areas.csv", DEMO_AREAS).unwrap();
        assert!(areas.all().count() >= 7);
        assert_eq!(place(&areas, "LE5 9ZZ").as_deref(), Some("city-east"));
    }

    #[test]
    fn quoted_fields_may_hold_commas_and_quotes() {
        assert_eq!(fields("\"a,b\",c,\"say \"\"x\"\"\",\r\n"), ["a,b", "c", "say \"x\"", ""]);
    }
}
