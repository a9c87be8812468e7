//! Observations: the profiles that FHIR asks of vital signs, picked by their code
//! (<https://hl7.org/fhir/R4/observation-vitalsigns.html>), and what every observation should say.

use std::sync::Arc;

use super::Walk;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::structure::Structure;

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// A profile, and the codes for which the reference asks for it; the first row that has a code decides.
type Row = (&'static str, &'static str, &'static [&'static str]);

const VITAL_SIGNS: [Row; 20] = [
    (LOINC, "vitalspanel", &["85353-1"]),
    (LOINC, "resprate", &["9279-1", "76170-0", "76172-6", "76171-8", "19840-8", "33438-3", "76270-8", "11291-2"]),
    (
        LOINC,
        "heartrate",
        &[
            "60978-4", "73795-7", "73799-9", "76476-1", "76477-9", "8867-4", "8889-8", "8890-6", "8891-4", "8892-2",
            "8893-0", "40443-4", "55425-3", "68999-2", "11328-2", "69000-8", "8886-4",
        ],
    ),
    (
        LOINC,
        "oxygensat",
        &[
            "2708-6", "19224-5", "20564-1", "2709-4", "2710-2", "2713-6", "51733-4", "59408-5", "59417-6", "89276-0",
            "97549-0",
        ],
    ),
    (
        LOINC,
        "bodytemp",
        &[
            "8310-5", "60834-9", "60835-6", "60836-4", "60838-0", "60955-2", "61009-7", "75539-7", "75987-8",
            "76010-8", "76011-6", "76278-1", "8309-7", "8328-7", "8329-5", "8330-3", "8331-1", "8332-9", "8333-7",
            "8334-5", "91371-5", "98657-0", "98663-8",
        ],
    ),
    (LOINC, "bodyheight", &["8302-2", "3137-7", "3138-5", "8306-3", "8308-9"]),
    (LOINC, "headcircum", &["9843-4", "8287-5"]),
    (LOINC, "bodyweight", &["29463-7", "3141-9", "3142-7", "75292-3", "79348-9", "8350-1", "8351-9"]),
    (LOINC, "bmi", &["39156-5", "59574-4", "89270-3"]),
    (LOINC, "bp", &["85354-9", "35094-2", "8459-0", "76534-7", "55284-4", "8480-6"]),
    (SNOMED, "vitalspanel", &["46680005"]),
    (SNOMED, "bp", &["86290005", "271625008", "271306003"]),
    (SNOMED, "heartrate", &["249043002", "444981005", "399017001", "251670001", "429525003", "429614003"]),
    (SNOMED, "oxygensat", &["103228002", "442349007", "442476006", "442440005", "431314004", "442734002", "713194001"]),
    (
        SNOMED,
        "bodytemp",
        &[
            "386725007",
            "276885007",
            "300076005",
            "1222808002",
            "364246006",
            "307047009",
            "708499008",
            "431598003",
            "698831002",
            "698832009",
            "415882003",
            "415974002",
            "415929009",
            "415945006",
        ],
    ),
    (
        SNOMED,
        "bodyheight",
        &["1153637007", "1162419008", "50373000", "1162418000", "1230278008", "1162392001", "1162417005"],
    ),
    (SNOMED, "headcircum", &["363812007", "169876006", "1269262007", "363811000"]),
    (
        SNOMED,
        "bodyweight",
        &["735395000", "425024002", "424927000", "784399000", "1162416001", "1162415002", "60621009"],
    ),
    (SNOMED, "bmi", &["60621009"]),
    (
        SNOMED,
        "bp",
        &[
            "251076008",
            "163033001",
            "163035008",
            "386534000",
            "386536003",
            "271649006",
            "271650006",
            "407556006",
            "407554009",
            "716579001",
            "399304008",
        ],
    ),
];

impl<'t> Walk<'t, '_> {
    /// The vital signs profile that an observation must meet for its code.
    pub(in crate::validate::walk) fn vital_sign(&mut self, node: Node<'t>) -> Option<Arc<Structure>> {
        let code = node.child(Name::CODE)?;
        let coded: Vec<_> = code
            .all(Name::CODING)
            .filter_map(|coding| Some((coding.text(Name::SYSTEM)?, coding.text(Name::CODE)?)))
            .filter(|(system, _)| matches!(*system, LOINC | SNOMED))
            .collect();
        let (found, profile) = VITAL_SIGNS.iter().find_map(|(system, profile, codes)| {
            let mut mine = coded.iter().filter(|(of, _)| of == system).map(|(_, code)| *code);
            Some((mine.find(|code| codes.contains(code))?, profile))
        })?;
        let url = format!("http://hl7.org/fhir/StructureDefinition/{profile}");
        if !self.again {
            let text = format!("FHIR asks that an observation with the code {found} meets {url}.");
            self.information(node, IssueCode::Informational, "vital-signs", text);
        }
        self.registry.structure(&url)
    }

    /// Who is observed, who observes, and when (good practice).
    pub(super) fn observation(&mut self, node: Node<'t>) {
        let (mut subject, mut performer, mut effective) = (false, false, false);
        for child in node.children() {
            let name = child.name().text();
            subject |= name == "subject";
            performer |= name == "performer";
            effective |= name.starts_with("effective");
        }
        for (there, name, says) in [
            (subject, "subject", "who is observed"),
            (performer, "performer", "who observes"),
            (effective, "effective[x]", "when"),
        ] {
            if !there {
                let text = format!("An observation should say {says}: `{name}` (good practice).");
                self.warning(node, IssueCode::Invalid, format!("observation-{}", name.trim_end_matches("[x]")), text);
            }
        }
    }
}
