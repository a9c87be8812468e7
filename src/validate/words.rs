//! What the commoner invariants of R4 say, in our words: packs hold facts, and an expression alone helps few readers.

/// The words for an invariant; `None` where there are none, or the key stands for another expression.
#[must_use]
pub fn of(key: &str, expression: &str) -> Option<&'static str> {
    let (_, part, words) = WORDS.iter().find(|(known, ..)| *known == key)?;
    expression.contains(part).then_some(*words)
}

/// Key, a part of the expression by which it is the one that is meant, words.
const WORDS: &[(&str, &str, &str)] = &[
    ("dom-2", "contained", "A contained resource must not contain others: put them beside it."),
    ("dom-3", "contained", "A contained resource is not used: refer to it by its #id, or leave it out."),
    (
        "dom-4",
        "versionId",
        "A contained resource has no version and no date of change: leave out meta.versionId and meta.lastUpdated.",
    ),
    ("dom-5", "security", "A contained resource has no security labels of its own: label the resource around it."),
    ("dom-6", "text", "A resource should have a narrative, so that people can read it where software cannot."),
    ("ext-1", "extension.exists()", "An extension has either a value or extensions, not both and not neither."),
    ("per-1", "start", "The period ends before it begins."),
    ("qty-3", "code", "A code for the unit needs its system."),
    ("cpt-2", "value", "A telephone number or address needs the system it is of."),
    ("att-1", "contentType", "Data needs its content type."),
    ("pat-1", "name", "A contact needs a name, a telephone number, an address or an organisation."),
    ("org-1", "identifier", "An organisation needs an identifier or a name."),
    ("obs-6", "dataAbsentReason", "A reason why a value is absent stands only where there is none."),
    ("obs-7", "value", "Where the observation has the code of a component, it has no value of its own."),
    ("cmp-1", "text", "A section has a text, entries or sections."),
    ("cmp-2", "emptyReason", "A reason why a section is empty stands only where there are no entries."),
    ("bdl-1", "total", "Only search sets and histories have a total."),
    ("bdl-2", "search", "Only entries of search sets have a search part."),
    ("bdl-3", "request", "Entries of batches, transactions and histories have a request, others none."),
    ("bdl-4", "response", "Entries of responses and histories have a response, others none."),
    ("bdl-5", "resource", "An entry has a resource, a request or a response."),
    ("bdl-7", "fullUrl", "Two entries have the same fullUrl."),
    ("bdl-8", "_history", "A fullUrl does not name a version."),
    ("bdl-9", "identifier", "A document has an identifier with system and value."),
    ("bdl-10", "timestamp", "A document has a timestamp: the moment it was put together."),
    ("bdl-11", "Composition", "A document begins with its Composition."),
    ("bdl-12", "MessageHeader", "A message begins with its MessageHeader."),
    ("con-3", "clinicalStatus", "A condition needs its clinical status, unless it was entered in error."),
    ("con-5", "clinicalStatus", "A condition entered in error has no clinical status."),
    ("ait-1", "clinicalStatus", "An allergy needs its clinical status, unless it was entered in error."),
    ("prr-1", "orderDetail", "Details of an order need a code of what is ordered."),
    ("tim-2", "period", "A length of a period needs its unit."),
];

#[cfg(test)]
mod tests {
    use super::{WORDS, of};

    #[test]
    fn words_are_given_for_the_expression_they_are_about_only() {
        assert!(of("per-1", "start.hasValue().not() or end.hasValue().not() or (start <= end)").is_some());
        assert_eq!(of("per-1", "true"), None);
        assert_eq!(of("nobody-1", "true"), None);
    }

    #[test]
    fn no_key_stands_twice() {
        let mut keys: Vec<_> = WORDS.iter().map(|row| row.0).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), WORDS.len());
    }
}
