//! What stands around the sections of a letter: sender, address, greeting, who to ring, who gets copies. Plain English
//! (<https://www.england.nhs.uk/accessible-information-standard/> asks for what a person can read), all of it from the
//! document's cover; promises nothing that the document does not say.

use jiff::civil::Date;

use super::clean;
use super::letter::{Block, Letter, Part, Role};
use crate::documents::Words;
use crate::documents::parts::{
    self, Address, AddressUse, NameUse, Person, PersonName, Section, Telecom, TelecomSystem, TelecomUse, capital, day,
    in_words, phone as grouped, spoken, spoken_day,
};
use crate::documents::{Cover, parts::Addressee};
use crate::model::DocumentKind;

/// The language of every word that is ours.
pub(super) const LANGUAGE: &str = "en-GB";

/// Headings whose content the letter says elsewhere: who signs, who gets copies, that a full letter follows.
const SAID_ELSEWHERE: &[&str] = &["Written by", "Copies to", "Interim"];

/// Headings about paperwork, which a letter to the person has last and in other words.
const TO_THE_PERSON: &[(&str, &str)] = &[
    ("About you", "Your details"),
    ("How we reach you", "How we reach you"),
    ("Agreed by", "Who agreed this"),
    ("Your GP practice", "Your GP practice"),
    ("What you said about sharing", "What you said about sharing"),
    ("Attachments", "What comes with this letter"),
    ("Reference", "Reference"),
];

pub(super) fn letter((cover, sections): Words) -> Letter {
    let day = cover.written.as_deref().and_then(day);
    let kind = cover.kind.title();
    let title = day.map_or_else(|| kind.to_owned(), |day| format!("{kind}, {}", in_words(day)));
    let to_the_person = cover.kind.is_to_person();
    let (opening, sections, closing) = if to_the_person {
        (personal(&cover, day), last_in_other_words(&cover, sections), ending(&cover))
    } else {
        (neutral(&cover, day), sections.into_iter().map(Part::from).collect(), Vec::new())
    };
    Letter {
        language: LANGUAGE,
        title,
        day: day.map(|day| day.to_string()),
        large_print: to_the_person && wants_large_print(&cover.person),
        opening,
        sections,
        closing,
        footer: footer(&cover),
    }
}

/// Sender, date, address, greeting, title, and what the letter is.
fn personal(cover: &Cover, day: Option<Date>) -> Vec<Block> {
    let mut out = sender(cover);
    let date = day.map(in_words);
    let reference = (!cover.reference.is_empty()).then(|| format!("Our reference: {}", cover.reference));
    group(&mut out, date.into_iter().chain(reference));
    let name = cover.person.names.first().map(PersonName::line);
    group(&mut out, name.into_iter().chain(postal(&cover.person)));
    out.push(Block::new(Role::Paragraph, &format!("Dear {},", called(&cover.person))));
    out.push(Block::new(Role::Title, &format!("Your {}", cover.kind.title().to_lowercase())));
    let from = cover.author.organisation.as_ref().and_then(|organisation| organisation.name.as_deref()).unwrap_or("us");
    let about = match cover.kind {
        DocumentKind::DischargeLetter => format!("This letter is about the end of your care with {from}."),
        _ => format!("This letter is about your care with {from}."),
    };
    out.push(Block::new(Role::Paragraph, &format!("{about} Please keep it where you can find it.")));
    if cover.interim {
        out.push(Block::new(Role::Paragraph, "This is a first letter. A full one follows."));
    }
    out
}

/// Title, whom it is about, from whom, to whom, of which day.
fn neutral(cover: &Cover, day: Option<Date>) -> Vec<Block> {
    let mut out = vec![Block::new(Role::Title, cover.kind.title())];
    let own = || cover.person.names.first().map_or_else(|| "the person".to_owned(), PersonName::line);
    let mut by: Vec<String> = cover.author.person.then(own).into_iter().collect();
    by.extend(cover.author.name.as_ref().map(PersonName::line));
    by.extend(cover.author.role.clone());
    by.extend(cover.author.organisation.as_ref().map(|organisation| organisation.label().to_owned()));
    let to = cover.to.as_ref().map(|to| format!("To: {}", to.label()));
    let facts = [
        cover.person.names.first().map(|name| format!("About: {}", name.line())),
        cover.person.birth_date.as_deref().map(|date| format!("Born: {}", spoken_day(date))),
        nhs_number(&cover.person).map(|number| format!("NHS number: {number}")),
        joined(by.into_iter()).map(|by| format!("From: {by}")),
        to,
        day.map(|day| format!("Date: {}", in_words(day))),
        (!cover.reference.is_empty()).then(|| format!("Reference: {}", cover.reference)),
    ];
    group(&mut out, facts.into_iter().flatten());
    out
}

fn sender(cover: &Cover) -> Vec<Block> {
    let mut out = Vec::new();
    if let Some(organisation) = &cover.author.organisation {
        out.push(Block::new(Role::Sender, organisation.label()));
        let address = organisation.address.iter().map(Address::line);
        let details = joined(address.chain(organisation.telecoms.iter().map(Telecom::at_work)));
        out.extend(details.map(|text| Block::new(Role::SenderDetail, &capital(&text))));
    }
    out
}

/// Who to ring, who signs, who gets copies.
fn ending(cover: &Cover) -> Vec<Block> {
    let mut out = Vec::new();
    let own = cover.author.telecoms.iter();
    let theirs = cover.author.organisation.iter().flat_map(|organisation| &organisation.telecoms);
    let phone = own
        .chain(theirs)
        .find(|telecom| telecom.system == TelecomSystem::Phone && telecom.r#use != Some(TelecomUse::Old));
    if let Some(phone) = phone {
        let who = cover.author.name.as_ref().map_or_else(|| "us".to_owned(), PersonName::line);
        let note = phone.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        let text =
            format!("If you have a question about this letter, please ring {who} on {}{note}.", grouped(&phone.value));
        out.push(Block::new(Role::Paragraph, &text));
    }
    out.push(Block::new(Role::Paragraph, "Yours sincerely"));
    let name = cover.author.name.as_ref().map(PersonName::line);
    let organisation = cover.author.organisation.as_ref().and_then(|organisation| organisation.name.clone());
    let telecoms = cover.author.telecoms.iter().map(|telecom| capital(&telecom.at_work()));
    group(&mut out, name.into_iter().chain(cover.author.role.clone()).chain(organisation).chain(telecoms));
    if !cover.copies.is_empty() {
        let names = cover.copies.iter().map(|copy| receiver(cover, copy)).collect::<Vec<_>>().join("; ");
        out.push(Block::new(Role::Paragraph, &format!("Copies of this letter go to: {names}.")));
    }
    out
}

/// Somebody who gets a copy; the person's own practice is called so.
fn receiver(cover: &Cover, copy: &Addressee) -> String {
    let practice = cover.person.gp_practice.as_ref().filter(|practice| copy.is(practice));
    match practice {
        Some(practice) => format!("your GP practice, {}", copy.name.as_deref().unwrap_or_else(|| practice.label())),
        None => copy.label().to_owned(),
    }
}

/// Sections about paperwork after the others, under headings that speak to the person.
fn last_in_other_words(cover: &Cover, sections: Vec<Section>) -> Vec<Part> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for mut section in sections {
        if section.heading == "Reference" {
            // both stand above the address
            let written = cover.written.as_deref().filter(|written| day(written).is_some());
            let said = [
                format!("Reference {}", cover.reference),
                format!("Written {}", written.map(spoken).unwrap_or_default()),
            ];
            section.lines.retain(|line| !said.contains(line));
        }
        if section.lines.is_empty() || SAID_ELSEWHERE.contains(&section.heading.as_str()) {
            continue;
        }
        match TO_THE_PERSON.iter().find(|(heading, _)| *heading == section.heading) {
            Some((_, words)) => last.push(Part { heading: (*words).to_owned(), lines: section.lines }),
            None => first.push(Part::from(section)),
        }
    }
    first.append(&mut last);
    first
}

/// Lines that stand close together.
fn group(out: &mut Vec<Block>, lines: impl Iterator<Item = String>) {
    let before = out.len();
    out.extend(lines.map(|line| Block::new(Role::Line, &line)).filter(|block| !block.text.is_empty()));
    if out.len() > before
        && let Some(last) = out.last_mut()
    {
        last.role = Role::LastLine;
    }
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The name after "Dear": what the person is called every day, else the first given name, else the name as written.
fn called(person: &Person) -> String {
    let of_use = |wanted: NameUse| person.names.iter().find(|name| name.r#use == Some(wanted));
    let name = of_use(NameUse::Nickname).or_else(|| of_use(NameUse::Usual)).or_else(|| person.names.first());
    name.and_then(|name| name.given.first().cloned().or_else(|| Some(name.line()).filter(|line| !line.is_empty())))
        .unwrap_or_else(|| "reader".to_owned())
}

/// Where a letter would be sent, line by line; nothing for a former address or none.
fn postal(person: &Person) -> Vec<String> {
    let usable = |address: &&Address| address.r#use != Some(AddressUse::Old) && address.no_fixed_address != Some(true);
    let Some(address) = person.addresses.iter().find(usable) else { return Vec::new() };
    let parts = address.text.iter().chain(&address.lines).chain(&address.city).chain(&address.county);
    parts.chain(&address.postcode).chain(&address.country).cloned().collect()
}

fn wants_large_print(person: &Person) -> bool {
    use crate::documents::parts::WrittenFormat;
    person.contact_preferences.as_ref().and_then(|wish| wish.written_format) == Some(WrittenFormat::LargePrint)
}

/// Name and NHS number, as letters have them at the foot of each page; without a number the date of birth.
fn footer(cover: &Cover) -> String {
    let name = cover.person.names.first().map(PersonName::line);
    let number = nhs_number(&cover.person).map(|number| format!("NHS number {number}"));
    let born = || cover.person.birth_date.as_deref().map(|date| format!("Born {}", spoken_day(date)));
    clean::line(&joined(name.into_iter().chain(number.or_else(born))).unwrap_or_else(|| cover.kind.title().to_owned()))
}

/// The number as the NHS prints it.
fn nhs_number(person: &Person) -> Option<String> {
    person.nhs_number.as_ref()?.value.as_deref().map(parts::nhs_number)
}
