//! The risk summary: a narrative formulation under the five Ps, each statement with its author, organisation, sector and
//! date (`cmht-documents.md` §7, L8546-8558). No score: nothing here may be used to predict or to rank.

use serde::{Deserialize, Serialize};

use super::known::{Known, Statement};

/// The five Ps (§7, L8546-8558).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formulation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predisposing: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precipitating: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perpetuating: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protective: Option<Known<Statement>>,
}

impl Formulation {
    pub(in crate::documents) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One of the five Ps: where its answer stands and what it is called.
pub struct Place {
    /// Code of the item, the same in every document.
    pub key: &'static str,
    pub title: &'static str,
    /// The same said to the person.
    pub to_person: &'static str,
    pub slot: fn(&mut Formulation) -> &mut Option<Known<Statement>>,
}

impl Formulation {
    /// The five Ps in their order.
    pub const PLACES: &'static [Place] = &[
        Place { key: "formulation-problem", title: "problem", to_person: "what the risk is", slot: |f| &mut f.problem },
        Place {
            key: "formulation-predisposing",
            title: "predisposing",
            to_person: "what makes it more likely",
            slot: |f| &mut f.predisposing,
        },
        Place {
            key: "formulation-precipitating",
            title: "precipitating",
            to_person: "what can set it off",
            slot: |f| &mut f.precipitating,
        },
        Place {
            key: "formulation-perpetuating",
            title: "perpetuating",
            to_person: "what keeps it going",
            slot: |f| &mut f.perpetuating,
        },
        Place {
            key: "formulation-protective",
            title: "protective",
            to_person: "what protects you",
            slot: |f| &mut f.protective,
        },
    ];

    /// The five answers, in the order of [`Self::PLACES`].
    #[must_use]
    pub const fn answers(&self) -> [Option<&Known<Statement>>; 5] {
        [
            self.problem.as_ref(),
            self.predisposing.as_ref(),
            self.precipitating.as_ref(),
            self.perpetuating.as_ref(),
            self.protective.as_ref(),
        ]
    }
}
