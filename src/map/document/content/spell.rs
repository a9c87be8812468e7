//! A time in care that has ended: care by a team as EpisodeOfCare (UKCore-EpisodeOfCare), a stay in hospital as Encounter
//! (UKCore-Encounter; <https://hl7.org/fhir/R4/encounter.html>). Both are finished: the document is about a discharge.

use serde_json::{Map, Value, json};

use super::Carried;
use crate::documents::parts::{Addressee, HospitalStay, TeamCare};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;
use crate::map::code_table::{ADMISSION_METHOD, DISCHARGE_METHOD, Table, fhir_code, native_code};
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::Subject;
use crate::map::read::datatypes::{code_of, words};
use crate::map::read::parties::{is_logical, logical_addressee};
use crate::map::write::Entries;
use crate::map::write::datatypes::addressee;
use crate::map::write::statement::Asked;

/// Roles in an Encounter (v3-ParticipationType): who was responsible, who discharged.
const ATTENDER: (&str, &str) = ("ATND", "attender");
const DISCHARGER: (&str, &str) = ("DIS", "discharger");

impl Carried for TeamCare {
    const RESOURCE: &'static str = "EpisodeOfCare";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let lines = [format!("{}: {}", asked.title, self.line())];
        let by = text_extension(extensions::DISCHARGED_BY, self.discharged_by.as_ref());
        let note = text_extension(extensions::SPELL_NOTE, self.notes.as_ref());
        let mut made = out.resource("EpisodeOfCare", role, true, Some(asked.category), &lines);
        put(&mut made, "extension", by.into_iter().chain(note).collect::<Vec<_>>());
        put(&mut made, "status", "finished");
        put(&mut made, "patient", out.refer("patient"));
        put(&mut made, "managingOrganization", self.team.as_ref().map(addressee));
        put(&mut made, "period", period(self.started.as_ref(), self.ended.as_ref()));
        put(&mut made, "careManager", self.key_worker.as_ref().map(|name| json!({"display": name})));
        out.push_item(role, made);
    }

    /// EpisodeOfCare; nothing where it says nothing.
    fn read(at: &Subject<'_, '_>, place: usize, _: &str) -> Option<Self> {
        let value = at.source.value(place);
        let mut element = at.source.open(place);
        element.ignore(&["patient"]);
        element.expect("status", &["finished"]);
        let (started, ended) = both_ends(&mut element);
        let care = TeamCare {
            started,
            ended,
            team: element.child("managingOrganization").and_then(|team| at.party(team, value)),
            key_worker: element.child("careManager").and_then(|who| at.source_of(who, value).0),
            discharged_by: element.extension_string(extensions::DISCHARGED_BY),
            notes: element.extension_string(extensions::SPELL_NOTE),
        };
        (care != TeamCare::default()).then_some(care)
    }
}

impl Carried for HospitalStay {
    const RESOURCE: &'static str = "Encounter";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let lines = [format!("{}: {}", asked.title, self.line())];
        let discharge = method("DischargeMethod", codes::DISCHARGE_METHOD, DISCHARGE_METHOD, self.discharge_method);
        let admission = method("AdmissionMethod", codes::ADMISSION_METHOD, ADMISSION_METHOD, self.admission_method);
        let note = text_extension(extensions::SPELL_NOTE, self.notes.as_ref());
        let part = |role: (&str, &str), name: Option<&String>| {
            let role = concept(codes::PARTICIPATION, role.0, role.1);
            name.map(|name| json!({"type": [role], "individual": {"type": "Practitioner", "display": name}}))
        };
        let responsible = part(ATTENDER, self.responsible.as_ref());
        let discharger = part(DISCHARGER, self.discharged_by.as_ref());
        let mut hospitalization = Map::new();
        put(&mut hospitalization, "extension", admission.into_iter().collect::<Vec<_>>());
        put(&mut hospitalization, "dischargeDisposition", self.destination.as_ref().map(|text| json!({"text": text})));
        let mut made = out.resource("Encounter", role, true, Some(asked.category), &lines);
        put(&mut made, "extension", discharge.into_iter().chain(note).collect::<Vec<_>>());
        put(&mut made, "status", "finished");
        put(&mut made, "class", coding(codes::ACT_CODE, "IMP", "inpatient encounter"));
        put(&mut made, "subject", out.refer("patient"));
        put(&mut made, "participant", responsible.into_iter().chain(discharger).collect::<Vec<_>>());
        put(&mut made, "period", period(self.admitted.as_ref(), self.discharged.as_ref()));
        put(&mut made, "hospitalization", hospitalization);
        put(&mut made, "location", self.ward.as_ref().map(|ward| json!([{"location": {"display": ward}}])));
        put(&mut made, "serviceProvider", self.hospital.as_ref().map(addressee));
        out.push_item(role, made);
    }

    /// Encounter; nothing where it says nothing.
    fn read(at: &Subject<'_, '_>, place: usize, _: &str) -> Option<Self> {
        let value = at.source.value(place);
        let mut element = at.source.open(place);
        element.ignore(&["subject"]);
        element.expect("status", &["finished"]);
        if let Some(mut class) = element.child("class") {
            let inpatient = class.peek("code").and_then(Value::as_str) == Some("IMP");
            let ours = class.peek("system").and_then(Value::as_str) == Some(codes::ACT_CODE);
            if inpatient && ours {
                class.ignore(&["system", "code", "display"]);
                class.keep_rest();
            }
        }
        let (admitted, discharged) = both_ends(&mut element);
        let discharge_method = taken(&mut element, "DischargeMethod", codes::DISCHARGE_METHOD, DISCHARGE_METHOD);
        let mut stay = HospitalStay { admitted, discharged, discharge_method, ..HospitalStay::default() };
        stay.notes = element.extension_string(extensions::SPELL_NOTE);
        if let Some(mut inner) = element.child("hospitalization") {
            stay.admission_method = taken(&mut inner, "AdmissionMethod", codes::ADMISSION_METHOD, ADMISSION_METHOD);
            stay.destination = inner.child("dischargeDisposition").and_then(words);
        }
        for participant in element.children("participant") {
            at.participant(participant, value, &mut stay);
        }
        for mut location in element.children("location") {
            if stay.ward.is_none() {
                stay.ward = location.child("location").and_then(|ward| at.ward(ward, value));
            }
        }
        stay.hospital = element.child("serviceProvider").and_then(|hospital| at.party(hospital, value));
        (stay != HospitalStay::default()).then_some(stay)
    }
}

fn text_extension(url: &str, text: Option<&String>) -> Option<Value> {
    text.map(|text| json!({"url": url, "valueString": text}))
}

fn period(start: Option<&String>, end: Option<&String>) -> Map<String, Value> {
    let mut out = Map::new();
    put(&mut out, "start", start.cloned());
    put(&mut out, "end", end.cloned());
    out
}

/// A UK Core extension with how somebody was admitted or discharged.
fn method<T: Copy + PartialEq>(name: &str, system: &str, table: Table<T>, value: Option<T>) -> Option<Value> {
    let (code, words) = value.and_then(|value| fhir_code(table, value))?;
    Some(json!({"url": codes::ukcore_extension(name), "valueCodeableConcept": concept(system, code, words)}))
}

impl<'b> Subject<'_, 'b> {
    /// Who discharged the person; anybody else, the first of them, was responsible.
    fn participant(&self, mut participant: Element<'_>, holder: &'b Value, stay: &mut HospitalStay) {
        let mut discharged = false;
        for mut role in participant.children("type") {
            let found = code_of(&mut role, codes::PARTICIPATION, |code| {
                [ATTENDER.0, DISCHARGER.0].into_iter().find(|known| *known == code)
            });
            discharged |= found == Some(DISCHARGER.0);
        }
        let slot = if discharged { &mut stay.discharged_by } else { &mut stay.responsible };
        if slot.is_none() {
            *slot = participant.child("individual").and_then(|who| self.source_of(who, holder).0);
        }
    }

    /// The name of a ward: its Location's, or the words of the reference.
    fn ward(&self, reference: Element<'_>, holder: &'b Value) -> Option<String> {
        use crate::map::source::Target;
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "Location", mut element, .. } => element.string("name"),
            Target::Resource { element, .. } => {
                drop(element);
                None
            }
            Target::Logical(mut element) => element.string("display"),
        }
    }

    fn party(&self, reference: Element<'_>, holder: &'b Value) -> Option<Addressee> {
        if is_logical(&reference) { logical_addressee(reference) } else { self.addressee_at(reference, holder) }
    }
}

fn both_ends(element: &mut Element<'_>) -> (Option<String>, Option<String>) {
    element.child("period").map_or((None, None), |mut period| (period.string("start"), period.string("end")))
}

/// Takes a method out of the UK Core extension.
fn taken<T: Copy>(element: &mut Element<'_>, name: &str, system: &str, table: Table<T>) -> Option<T> {
    let mut concept = element.extension(&codes::ukcore_extension(name))?.child("valueCodeableConcept")?;
    concept.ignore(&["text"]);
    code_of(&mut concept, system, |code| native_code(table, code))
}
