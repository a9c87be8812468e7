//! The person referred and the people around them: names, numbers, addresses, how to reach them.
//! No `Debug`: everything here is personal data and must not end up in a log.

use serde::{Deserialize, Serialize};

use super::{Organisation, moment::spoken, phrase, reader::Reader};

/// The person referred.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Item 1: the number, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumberAnswer>,
    /// Numbers other systems know the person by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_identifiers: Vec<Identifier>,
    pub names: Vec<PersonName>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Item 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnic_origin: Option<EthnicOrigin>,
    /// Item 3, first half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Item 3, second half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter_required: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_preferences: Option<ContactPreferences>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gp_practice: Option<Organisation>,
    /// The doctor the person usually sees there, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_gp: Option<String>,
}

/// The NHS number as given, or why there is none. A wrong check digit is a finding of `validate`, not of this type.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NhsNumberAnswer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
    /// More about why there is none, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

code_list! {
    /// Why there is no NHS number (UK Core NHSNumberUnavailableReason).
    Unavailable {
        NotKnown => "not-known", "NHS number not known";
        Overseas => "overseas", "overseas patient";
        DevolvedNation => "devolved-nation", "registered in Scotland, Wales or Northern Ireland";
    }
}

code_list! {
    /// How far an NHS number has been checked against the national register
    /// (UK Core NHSNumberVerificationStatusEngland, in its order).
    Verification {
        Verified => "verified", "verified";
        NotTraced => "not-traced", "present but not traced";
        TraceRequired => "trace-required", "trace required";
        NoMatch => "no-match", "traced without a single match";
        Conflict => "conflict", "trace to be resolved: number and details disagree";
        InProgress => "in-progress", "trace in progress";
        NotPresent => "not-present", "not present and trace not required";
        Postponed => "postponed", "trace postponed (baby under six weeks)";
    }
}

/// An identifier of another system.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    pub system: String,
    pub value: String,
}

/// A name in parts; somebody known only as "Mrs Smith" has `text` alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#use: Option<NameUse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suffix: Vec<String>,
}

impl PersonName {
    /// The name as one text.
    #[must_use]
    pub fn line(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let parts = self.prefix.iter().chain(&self.given).chain(&self.family).chain(&self.suffix);
        parts.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

code_list! {
    /// What a name is for (FHIR name-use).
    NameUse {
        Usual => "usual", "used every day";
        Official => "official", "official";
        Temp => "temp", "temporary";
        Nickname => "nickname", "known as";
        Anonymous => "anonymous", "alias";
        Old => "old", "former";
        Maiden => "maiden", "before marriage";
    }
}

code_list! {
    /// Gender as used for administration (FHIR administrative-gender).
    Gender {
        Female => "female", "female";
        Male => "male", "male";
        Other => "other", "other";
        Unknown => "unknown", "not known";
    }
}

/// Ethnic origin: a national code, the person's own words, or both.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EthnicOrigin {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// National codes for ethnic category (UKCore-EthnicCategoryEngland).
pub const ETHNIC_CATEGORIES: &[(&str, &str)] = &[
    ("A", "White - British"),
    ("B", "White - Irish"),
    ("C", "White - Any other White background"),
    ("D", "Mixed - White and Black Caribbean"),
    ("E", "Mixed - White and Black African"),
    ("F", "Mixed - White and Asian"),
    ("G", "Mixed - Any other mixed background"),
    ("H", "Asian or Asian British - Indian"),
    ("J", "Asian or Asian British - Pakistani"),
    ("K", "Asian or Asian British - Bangladeshi"),
    ("L", "Asian or Asian British - Any other Asian background"),
    ("M", "Black or Black British - Caribbean"),
    ("N", "Black or Black British - African"),
    ("P", "Black or Black British - Any other Black background"),
    ("R", "Other Ethnic Groups - Chinese"),
    ("S", "Other Ethnic Groups - Any other ethnic group"),
    ("Z", "Not stated"),
    ("99", "Not known"),
];

impl EthnicOrigin {
    /// The national words for the code, where it is one of the national codes.
    #[must_use]
    pub fn display(&self) -> Option<&'static str> {
        let code = self.code.as_deref()?;
        ETHNIC_CATEGORIES.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
    }
}

/// The language to talk in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// BCP 47 tag, e.g. `pl`; sign languages have one too (`bfi`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub name: String,
}

/// An address. Somebody without one says so and where they can be found.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#use: Option<AddressUse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fixed_address: Option<bool>,
    /// The address, or where to find the person, in one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Address {
    /// The address as one text.
    #[must_use]
    pub fn line(&self) -> String {
        let none = (self.no_fixed_address == Some(true)).then_some("no fixed address");
        let parts = self.text.iter().chain(&self.lines).chain(&self.city).chain(&self.county);
        let rest = parts.chain(&self.postcode).chain(&self.country).map(String::as_str);
        none.into_iter().chain(rest).collect::<Vec<_>>().join(", ")
    }
}

code_list! {
    /// What an address is for (FHIR address-use).
    AddressUse {
        Home => "home", "home";
        Work => "work", "work";
        Temp => "temp", "temporary";
        Old => "old", "former";
        Billing => "billing", "billing";
    }
}

/// A way to reach somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telecom {
    pub system: TelecomSystem,
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#use: Option<TelecomUse>,
    /// What a caller should know, e.g. "no voicemail".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Telecom {
    /// Kind, number and note in one text.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_where(self.r#use)
    }

    /// The same, of somebody at their work or of a service: that it is a number at work goes without saying.
    #[must_use]
    pub fn at_work(&self) -> String {
        self.line_where(self.r#use.filter(|purpose| *purpose != TelecomUse::Work))
    }

    fn line_where(&self, purpose: Option<TelecomUse>) -> String {
        use {TelecomSystem as S, TelecomUse as U};
        let system = self.system.title();
        let what = match (self.system, purpose) {
            (S::Phone, Some(U::Mobile)) => "mobile".to_owned(),
            (S::Sms, Some(U::Mobile)) | (_, None | Some(U::Old)) => system.to_owned(),
            (_, Some(purpose)) => format!("{} {system}", purpose.title()),
        };
        let dialled = !matches!(self.system, S::Email | S::Url | S::Other);
        let value = if dialled { phrase::phone(&self.value) } else { self.value.clone() };
        let old = if purpose == Some(U::Old) { ", no longer in use" } else { "" };
        let note = self.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        format!("{what} {value}{old}{note}")
    }
}

code_list! {
    /// Kind of telecom (FHIR contact-point-system).
    TelecomSystem {
        Phone => "phone", "phone";
        Email => "email", "email";
        Sms => "sms", "text message";
        Fax => "fax", "fax";
        Pager => "pager", "pager";
        Url => "url", "web";
        Other => "other", "other";
    }
}

code_list! {
    /// What a telecom is for (FHIR contact-point-use).
    TelecomUse {
        Home => "home", "home";
        Work => "work", "work";
        Mobile => "mobile", "mobile";
        Temp => "temp", "temporary";
        Old => "old", "no longer in use";
    }
}

/// How the person wants to be reached.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactPreferences {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<ContactMethod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_format: Option<WrittenFormat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

code_list! {
    /// Preferred way of contact (UKCore-PreferredContactMethod, in its order).
    ContactMethod {
        Letter => "letter", "letter";
        Visit => "visit", "visit";
        Telephone => "telephone", "telephone";
        Email => "email", "email";
        Textphone => "textphone", "textphone";
        TelephoneViaProxy => "telephone-via-proxy", "telephone through somebody else";
        SignLanguage => "sign-language", "sign language";
        NoTelephone => "no-telephone", "anything but the telephone";
        Sms => "sms", "text message";
    }
}

code_list! {
    /// Format for anything in writing (UKCore-PreferredWrittenCommunicationFormat).
    WrittenFormat {
        LargePrint => "large-print", "large print";
        Braille => "braille", "braille";
        Audio => "audio", "audio";
    }
}

/// Next of kin, carer, dependant or another contact.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelatedPerson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// How they are related, in words: "mother", "neighbour".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_with_person: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Whether letters may be copied to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_receive_letters: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl RelatedPerson {
    /// Everything about them in one text.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_for(Reader::PROFESSIONAL)
    }

    /// The same in the words of a reader.
    pub(in crate::documents) fn line_for(&self, reader: Reader<'_>) -> String {
        let whom = reader.say("the person", "you", "me");
        let mut parts: Vec<String> = Vec::new();
        parts.extend(match (self.name.as_ref().map(PersonName::line), &self.relationship) {
            (Some(name), Some(relationship)) => Some(format!("{name} ({relationship})")),
            (name, relationship) => name.or_else(|| relationship.clone()),
        });
        parts.extend(self.birth_date.as_deref().map(|date| format!("born {}", spoken(date))));
        parts.extend(
            self.lives_with_person
                .map(|lives| format!("{} {whom}", if lives { "lives with" } else { "does not live with" })),
        );
        parts.extend(self.telecoms.iter().map(Telecom::line));
        parts.extend(self.address.as_ref().map(Address::line));
        parts.extend(
            self.may_receive_letters
                .map(|may| (if may { "letters may be copied to them" } else { "no letters to them" }).to_owned()),
        );
        let known = Some(phrase::strung(parts)).filter(|known| !known.is_empty());
        phrase::sentences(known.into_iter().chain(self.notes.clone()))
    }
}
