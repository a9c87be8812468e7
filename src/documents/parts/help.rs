//! What a person wants help with: a list of ours, for no national one is known (`codes.md`, "Gaps"), and their own words.

use serde::{Deserialize, Serialize};

use super::capital;

code_list! {
    /// Everyday matters a voluntary organisation may help with (`cmht-documents.md` §5; `partners.md` §4).
    HelpKind {
        Housing => "housing", "housing";
        Money => "money", "money, debt and benefits";
        Work => "work", "work and volunteering";
        Learning => "learning", "learning and skills";
        Loneliness => "loneliness", "loneliness and meeting people";
        Family => "family", "family and relationships";
        Caring => "caring", "looking after somebody";
        DailyLiving => "daily-living", "managing day to day";
        HealthyLiving => "healthy-living", "food, exercise and healthy living";
        Activities => "activities", "arts, nature and things to do";
        Bereavement => "bereavement", "bereavement";
        Safety => "safety", "feeling safe at home";
        Rights => "rights", "rights, advocacy and immigration advice";
        DrugsAndAlcohol => "drugs-and-alcohol", "drugs, alcohol or gambling";
        Transport => "transport", "getting about";
        Digital => "digital", "getting online";
        Faith => "faith", "faith and culture";
        Other => "other", "something else";
    }
}

/// One thing the person wants help with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpWanted {
    pub help: HelpKind,
    /// In the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl HelpWanted {
    /// The wish in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.text.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        format!("{}{words}", capital(self.help.title()))
    }
}
