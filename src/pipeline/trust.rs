//! Who runs this gateway, asked in one place: it sees and may do what no other party does.

use super::Gateway;
use crate::auth::Caller;
use crate::model::PartyId;

impl Gateway {
    /// Whether a party is the organisation that runs this gateway: no team of it, which does its own work and sees no more
    /// than that.
    pub fn runs_this(&self, party: &PartyId) -> bool {
        *party == self.parts().own
    }

    /// Whether the caller acts for the organisation that runs this gateway.
    pub fn is_trust(&self, caller: &Caller) -> bool {
        self.runs_this(&caller.party.id)
    }
}
