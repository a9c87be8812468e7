//! The pseudonym of the person a message is about. Matches on a right NHS number only, never on a doubtful one.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::model::{NhsNumber, PartyId};
use crate::outbox::PersonKey;

/// HMAC-SHA256, under the installation's secret, of the NHS number; without a usable one, of the message itself,
/// so that two people are never taken for one.
pub(super) fn key(secret: &[u8; 32], number: Option<&NhsNumber>, sender: &PartyId, message_key: &str) -> PersonKey {
    match number {
        Some(number) => of_number(secret, number),
        None => of_text(secret, &format!("message|{sender}|{message_key}")),
    }
}

/// The pseudonym of the person with this number.
pub(super) fn of_number(secret: &[u8; 32], number: &NhsNumber) -> PersonKey {
    of_text(secret, &format!("nhs-number|{}", number.as_str()))
}

fn of_text(secret: &[u8; 32], text: &str) -> PersonKey {
    // HMAC takes a key of any length, so this cannot fail; an empty digest would only lose the ordering.
    let digest = Hmac::<Sha256>::new_from_slice(secret).map(|mut mac| {
        mac.update(text.as_bytes());
        format!("{:x}", mac.finalize().into_bytes())
    });
    PersonKey::from_digest(digest.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::key;
    use crate::model::{NhsNumber, PartyId};

    #[test]
    fn one_number_is_one_person_and_no_number_is_nobody_else() {
        let sender = PartyId::parse("demo-gp").unwrap();
        let number = NhsNumber::parse("9434765919").ok();
        let secret = [7; 32];
        assert_eq!(key(&secret, number.as_ref(), &sender, "a"), key(&secret, number.as_ref(), &sender, "b"));
        assert_ne!(key(&secret, None, &sender, "a"), key(&secret, None, &sender, "b"));
        assert_ne!(key(&secret, number.as_ref(), &sender, "a"), key(&[8; 32], number.as_ref(), &sender, "a"));
    }
}
