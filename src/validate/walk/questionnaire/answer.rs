//! The value of an answer against its question: type, limits, options. Limits stand in FHIR's extensions of the question
//! (<https://hl7.org/fhir/R4/questionnaire-profilelist.html>).

use std::cmp::Ordering;

use super::enabled::numbers;
use super::form::{Besides, Form, Item, extensions};
use super::response::Filled;
use super::{Walk, child, text};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::terminology::{Answer, DisplayVerdict, Why};

/// What a question of a type is answered with, and what it is called.
const TYPES: [(&str, &str); 13] = [
    ("boolean", "valueBoolean"),
    ("decimal", "valueDecimal"),
    ("integer", "valueInteger"),
    ("date", "valueDate"),
    ("dateTime", "valueDateTime"),
    ("time", "valueTime"),
    ("string", "valueString"),
    ("text", "valueString"),
    ("url", "valueUri"),
    ("attachment", "valueAttachment"),
    ("reference", "valueReference"),
    ("quantity", "valueQuantity"),
    ("choice", "valueCoding"),
];
/// What a choice may be answered with.
const CHOICES: [&str; 5] = ["valueCoding", "valueDate", "valueTime", "valueInteger", "valueString"];

impl<'t> Walk<'t, '_> {
    /// An answer, one of `count`.
    pub(super) fn response_answer(
        &mut self,
        answer: Node<'t>,
        asked: &Item<'_>,
        count: usize,
        filled: &Filled<'t, '_, '_>,
    ) {
        match asked.kind {
            "group" => {
                return self.answer_wrong(
                    answer,
                    IssueCode::Structure,
                    "response-answer",
                    "A group has items and no answers.".to_owned(),
                );
            }
            "display" => {
                return self.answer_wrong(
                    answer,
                    IssueCode::Structure,
                    "response-answer",
                    "A text to read has no answer.".to_owned(),
                );
            }
            _ => {}
        }
        let Some(value) = answer.children().find(|child| child.name().text().starts_with("value")) else { return };
        let name = value.name().text();
        let is_choice = matches!(asked.kind, "choice" | "open-choice");
        let wanted: Vec<&str> = if is_choice {
            CHOICES.to_vec()
        } else {
            TYPES.iter().filter(|(kind, _)| *kind == asked.kind).map(|(_, value)| *value).collect()
        };
        if wanted.is_empty() {
            return;
        }
        if !wanted.contains(&name) {
            let wanted: Vec<_> = wanted.iter().map(|name| name.trim_start_matches("value")).collect();
            let says = format!(
                "The question \"{}\" is answered with {}, not with a {}.",
                shown(asked.link_id),
                wanted.join(" or "),
                name.trim_start_matches("value")
            );
            return self.answer_wrong(value, IssueCode::Invariant, "response-type", says);
        }
        self.answer_limits(value, asked);
        match asked.kind {
            "choice" | "open-choice" => self.answer_choice(value, asked, count, filled),
            "string" => {
                self.answer_string(value, asked);
                self.answer_listed_words(value, asked);
                self.answer_option(value, asked, false);
            }
            "decimal" | "integer" | "date" | "dateTime" | "time" => self.answer_option(value, asked, false),
            "quantity" => {
                if let Some(given) = value.text(Name::VALUE) {
                    self.answer_digits(value, given, asked);
                }
                self.answer_quantity(value, asked);
            }
            "reference" => self.answer_reference(value, asked),
            "attachment" => self.answer_attachment(value, asked),
            _ => {}
        }
    }

    pub(super) fn answer_wrong(&mut self, node: Node<'t>, code: IssueCode, rule: &'static str, says: String) {
        self.error(node, code, rule, says);
    }

    /// Smallest and greatest value, and digits after the point.
    fn answer_limits(&mut self, value: Node<'t>, asked: &Item<'_>) {
        let Some(given) = value.value() else { return };
        let by_number = matches!(asked.kind, "decimal" | "integer");
        if !by_number && !matches!(asked.kind, "date" | "dateTime" | "time") {
            return;
        }
        for (name, wrong, words) in
            [("minValue", Ordering::Less, "at least"), ("maxValue", Ordering::Greater, "at most")]
        {
            let Some(limit) = asked.says(name).next().and_then(Node::value) else { continue };
            // what is less precise stands for its beginning
            let order = if by_number { numbers(Some(given), Some(limit)) } else { Some(given.cmp(limit)) };
            if order == Some(wrong) {
                let says = format!("The answer must be {words} {}.", shown(limit));
                self.answer_wrong(value, IssueCode::Invariant, "response-limit", says);
            }
        }
        self.answer_digits(value, given, asked);
    }

    fn answer_digits(&mut self, at: Node<'t>, given: &str, asked: &Item<'_>) {
        if let Some(most) = asked.number("maxDecimalPlaces") {
            let places = given.split_once('.').map_or(0, |(_, places)| places.len());
            if places > most {
                let says = format!("The answer has {places} digits after the point; {most} are allowed.");
                self.answer_wrong(at, IssueCode::Invariant, "response-limit", says);
            }
        }
    }

    fn answer_string(&mut self, value: Node<'t>, asked: &Item<'_>) {
        let Some(given) = value.value() else { return };
        let length = given.encode_utf16().count();
        if let Some(least) = asked.number("minLength").filter(|least| length < *least) {
            let says = format!("The answer has {length} characters; {least} are asked for at least.");
            self.answer_wrong(value, IssueCode::Invariant, "response-length", says);
        }
        let most = text(asked.node, "maxLength").and_then(|most| most.parse::<usize>().ok());
        if let Some(most) = most.filter(|most| length > *most) {
            let says = format!("The answer has {length} characters; {most} are allowed.");
            self.answer_wrong(value, IssueCode::Invariant, "response-length", says);
        }
        if given.contains(['\r', '\n']) {
            let says = "A question of the type string is answered in one line.";
            self.warning(value, IssueCode::Invariant, "response-lines", says.to_owned());
        }
        let Some(pattern) = asked.says("regex").next().and_then(Node::value) else { return };
        match regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(1 << 18).build() {
            Ok(regex) if regex.is_match(given) => {}
            Ok(_) => self.answer_wrong(
                value,
                IssueCode::Invariant,
                "response-regex",
                "The answer is not of the form asked for.".to_owned(),
            ),
            Err(_) => {
                let says =
                    "Whether the answer is of the form asked for was not checked: the pattern cannot be used here.";
                self.information(value, IssueCode::NotSupported, "response-regex", says.to_owned());
            }
        }
    }

    /// A value that is no Coding against the options of its type.
    fn answer_option(&mut self, value: Node<'t>, asked: &Item<'_>, open: bool) {
        if !asked.has_options() {
            return;
        }
        // options of a dateTime are dates, those of a decimal integers: R4 has no others
        let name = match value.name().text() {
            "valueDateTime" | "valueDate" => "valueDate",
            "valueDecimal" | "valueInteger" => "valueInteger",
            "valueTime" => "valueTime",
            _ => "valueString",
        };
        let mut options = asked.options(name).peekable();
        let (none, given) = (options.peek().is_none(), value.value());
        if open && (none || name == "valueString") || options.any(|(_, option)| option.value() == given) {
            return;
        }
        let says =
            if none { "No option of the question is of this type." } else { "This is none of the question's options." };
        self.answer_wrong(value, IssueCode::Invariant, "response-option", says.to_owned());
    }

    fn answer_choice(&mut self, value: Node<'t>, asked: &Item<'_>, count: usize, filled: &Filled<'t, '_, '_>) {
        let besides = asked.besides();
        let open = besides != Besides::Nothing;
        let set = text(asked.node, "answerValueSet");
        if value.name().text() != "valueCoding" {
            let is_text = value.name().text() == "valueString";
            if open && is_text && is_words_of_option(value, asked) {
                let says = "These are the words of one of the options: answer with its code.";
                self.warning(value, IssueCode::Invariant, "response-option", says.to_owned());
            }
            if is_text && !open && set.is_some() && !asked.has_options() {
                let says = "The question is answered from its value set, and not in words.";
                self.answer_wrong(value, IssueCode::Invariant, "response-option", says.to_owned());
            }
            return self.answer_option(value, asked, open);
        }
        if besides == Besides::Anything {
            return;
        }
        if asked.has_options() {
            return self.answer_coded_option(value, asked, count);
        }
        if let Some(url) = set {
            self.answer_from_value_set(value, url, open, filled.form);
        } else {
            let says = "The question has no options to check the answer against.";
            self.information(value, IssueCode::Invariant, "response-option", says.to_owned());
        }
    }

    fn answer_coded_option(&mut self, value: Node<'t>, asked: &Item<'_>, count: usize) {
        let key = |coding: Node<'_>| {
            (coding.text(Name::SYSTEM).map(str::to_owned), coding.text(Name::CODE).map(str::to_owned))
        };
        let given = key(value);
        let Some((option, _)) = asked.options("valueCoding").find(|(_, option)| key(*option) == given) else {
            let says = "This is none of the question's options: system and code must both be an option's.";
            return self.answer_wrong(value, IssueCode::Invariant, "response-option", says.to_owned());
        };
        let excludes = extensions(option, "questionnaire-optionExclusive").any(|says| says.value() == Some("true"));
        if excludes && count > 1 {
            let says = "This option excludes all others, so it is the only answer.";
            self.answer_wrong(value, IssueCode::Invariant, "response-option", says.to_owned());
        }
    }

    fn answer_from_value_set(&mut self, value: Node<'t>, url: &str, open: bool, form: &Form<'_>) {
        let (system, code) = (value.text(Name::SYSTEM), value.text(Name::CODE));
        let Some(code) = code else {
            if !open {
                let says = "An answer from a value set has a code.";
                self.answer_wrong(value, IssueCode::CodeInvalid, "response-option", says.to_owned());
            }
            return;
        };
        if let Some(id) = url.strip_prefix('#') {
            return self.answer_from_contained(value, id, system, code, form);
        }
        match self.registry.terminology().member(url, system, code) {
            Answer::Yes { .. } => self.answer_display(value, system, code),
            Answer::No { .. } => {
                let says = format!("The answer is not in the value set {}.", shown(url));
                self.answer_wrong(value, IssueCode::CodeInvalid, "response-option", says);
            }
            Answer::Unknown { why: Why::ValueSet(_), .. } => {
                let says = format!("The value set {} is not known, so the answer was not checked.", shown(url));
                self.warning(value, IssueCode::CodeInvalid, "response-option", says);
            }
            Answer::Unknown { why, server } => {
                let says = format!("The answer was not checked against {}: {server} ({why}).", shown(url));
                self.information(value, IssueCode::NotFound, "response-option", says);
            }
        }
    }

    /// Under other words a code is not the one of the value set.
    fn answer_display(&mut self, value: Node<'t>, system: Option<&str>, code: &str) {
        let (Some(system), Some(given)) = (system, value.text(Name::DISPLAY)) else { return };
        let verdict = self.registry.terminology().display(system, value.text(Name::VERSION), code, None, given);
        if let DisplayVerdict::Differs { .. } = verdict {
            let says =
                format!("The answer is not in the value set under these words: {} is called otherwise.", shown(code));
            self.answer_wrong(value, IssueCode::CodeInvalid, "response-option", says);
        }
    }

    /// A value set that stands in the questionnaire, or beside it; only what it lists can be said of it.
    fn answer_from_contained(&mut self, value: Node<'t>, id: &str, system: Option<&str>, code: &str, form: &Form<'_>) {
        let beside = (form.root.name() == Name::CONTAINED).then(|| form.root.parent()).flatten();
        let mut homes = [Some(form.root), beside].into_iter().flatten();
        let Some(set) = homes.find_map(|home| home.all(Name::CONTAINED).find(|one| one.text(Name::ID) == Some(id)))
        else {
            let says = format!("The value set #{} is not there, so the answer was not checked.", shown(id));
            return self.warning(value, IssueCode::CodeInvalid, "response-option", says);
        };
        let (mut listed, mut open_ended) = (false, false);
        let includes = child(set, "compose").into_iter().flat_map(Node::children);
        for include in includes {
            match include.name().text() {
                "include" => {
                    let concept = Name::of("concept");
                    open_ended |= include.child(concept).is_none();
                    let same_system = system.is_none_or(|system| include.text(Name::SYSTEM) == Some(system));
                    listed |= same_system && include.all(concept).any(|one| one.text(Name::CODE) == Some(code));
                }
                "exclude" => open_ended = true,
                _ => {}
            }
        }
        if !listed && !open_ended {
            let says = format!("The answer is not in the value set #{} of the questionnaire.", shown(id));
            self.answer_wrong(value, IssueCode::CodeInvalid, "response-option", says);
        }
    }

    /// An attachment of a media type and size that is asked for.
    fn answer_attachment(&mut self, value: Node<'t>, asked: &Item<'_>) {
        let mut kinds = asked.says("mimeType").filter_map(Node::value).peekable();
        let given = value.text(Name::CONTENT_TYPE);
        if kinds.peek().is_some() && !kinds.any(|kind| given.is_some_and(|given| given.starts_with(kind))) {
            let says = "The attachment is of none of the media types the question asks for (contentType).";
            self.answer_wrong(value, IssueCode::Required, "response-attachment", says.to_owned());
        }
        if let (Some(most), Some(data)) = (asked.number("maxSize"), value.text(Name::DATA)) {
            let signs = data.bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
            if signs / 4 * 3 + signs % 4 * 3 / 4 > most {
                let says = format!("The attachment is longer than the {most} bytes that are allowed.");
                self.answer_wrong(value, IssueCode::Required, "response-attachment", says);
            }
        }
    }
}

/// Whether a text is what an option is called.
fn is_words_of_option(value: Node<'_>, asked: &Item<'_>) -> bool {
    let Some(given) = value.value() else { return false };
    asked.options("valueCoding").any(|(_, option)| {
        let mut words = [option.text(Name::DISPLAY), option.text(Name::CODE)].into_iter().flatten();
        words.any(|words| words.eq_ignore_ascii_case(given))
    })
}
