//! AllergyIntolerance in a plan or letter, written and read as in a referral.

use super::Carried;
use crate::documents::parts::Allergy;
use crate::map::read::Subject;
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

impl Carried for Allergy {
    const RESOURCE: &'static str = "AllergyIntolerance";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        out.allergy(role, self, asked.category);
    }

    fn read(at: &Subject<'_, '_>, place: usize, _: &str) -> Option<Self> {
        at.source.value(place).get("code")?;
        at.allergy(place)
    }
}
