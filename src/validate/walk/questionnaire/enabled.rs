//! Whether a question is put, by the answers given so far (`enableWhen`, `enableBehavior`). An answer counts if it stands
//! in the innermost group of the response that also holds the question.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::form::Form;
use super::{child, text};
use crate::fhir::tree::{Name, Node};
use crate::validate::fhirpath::Decimal;

/// Conditions written as an expression (SDC), which are not worked out.
const EXPRESSION: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression";

/// The items of a response by linkId, in the order of the document.
pub(super) struct Given<'t>(HashMap<&'t str, Vec<Node<'t>>>);

impl<'t> Given<'t> {
    pub(super) fn of(response: Node<'t>) -> Self {
        let mut given: HashMap<&str, Vec<Node<'t>>> = HashMap::new();
        let mut open: Vec<Node<'t>> = vec![response];
        while let Some(node) = open.pop() {
            let at = open.len();
            open.extend(node.children().filter(|child| matches!(child.name(), Name::ITEM | Name::ANSWER)));
            open.get_mut(at..).unwrap_or_default().reverse();
            if node.name() == Name::ITEM
                && let Some(link_id) = node.text(Name::LINK_ID)
            {
                given.entry(link_id).or_default().push(node);
            }
        }
        Self(given)
    }

    /// The answers to a question inside an item of the response.
    fn answers(&self, link_id: &str, inside: Node<'t>) -> impl Iterator<Item = Node<'t>> + use<'_, 't> {
        let items = self.0.get(link_id).map(Vec::as_slice).unwrap_or_default();
        let from = items.partition_point(|item| item.number() < inside.number());
        // those inside stand together, as numbers follow the document
        let mine = items.get(from..).unwrap_or_default().iter().take_while(move |item| is_in(**item, inside));
        mine.flat_map(|item| item.all(Name::ANSWER))
    }
}

fn is_in(node: Node<'_>, outer: Node<'_>) -> bool {
    std::iter::successors(Some(node), |at| at.parent()).any(|at| at == outer)
}

/// Whether a question is put; `None`: that is not worked out. `open`: the items of the questionnaire around it and those
/// of the response that answer them.
pub(super) fn is_enabled<'t>(
    form: &Form<'_>,
    at: usize,
    given: &Given<'t>,
    response: Node<'t>,
    open: &[(usize, Node<'t>)],
) -> Option<bool> {
    let item = form.item(at)?;
    if item.node.all(Name::EXTENSION).any(|extension| extension.text(Name::URL) == Some(EXPRESSION)) {
        return None;
    }
    let mut conditions = item.node.all(Name::of("enableWhen")).peekable();
    if conditions.peek().is_none() {
        return Some(true);
    }
    let holds = |condition: Node<'_>| {
        let question = text(condition, "question").unwrap_or_default();
        let around = form.find(question).and_then(|target| form.around(at, target));
        let inside = match around {
            None => Some(response),
            Some(group) => open.iter().rev().find(|(item, _)| *item == group).map(|(_, node)| *node),
        };
        let mut answers = inside.into_iter().flat_map(|inside| given.answers(question, inside));
        let Some(asked) = condition.children().find(|child| child.name().text().starts_with("answer")) else {
            return false;
        };
        let operator = text(condition, "operator").unwrap_or_default();
        if operator == "exists" {
            return answers.next().is_some() == (asked.value() == Some("true"));
        }
        answers.any(|answer| answer.children().any(|value| fits(value, asked, operator)))
    };
    match text(item.node, "enableBehavior") {
        Some("all") => Some(conditions.all(holds)),
        Some(_) => Some(conditions.any(holds)),
        None => {
            let first = conditions.next()?;
            // que-12 asks for a behaviour where there are several
            Some(conditions.next().is_some() || holds(first))
        }
    }
}

/// Whether an answer stands to the one asked for as the operator says.
fn fits(value: Node<'_>, asked: Node<'_>, operator: &str) -> bool {
    let of = |name: &'static str| name.strip_prefix("value").or_else(|| name.strip_prefix("answer"));
    let kind = of(asked.name().text());
    if !value.name().text().starts_with("value") || of(value.name().text()) != kind {
        return false;
    }
    let order = match kind {
        Some("Coding") => {
            let same_system = asked.text(Name::SYSTEM).is_none_or(|system| value.text(Name::SYSTEM) == Some(system));
            let same = same_system && value.text(Name::CODE) == asked.text(Name::CODE);
            return match operator {
                "=" => same,
                "!=" => !same,
                _ => false,
            };
        }
        Some("Quantity") => numbers(value.text(Name::VALUE), asked.text(Name::VALUE)),
        Some("Reference") => (value.text(Name::REFERENCE) == asked.text(Name::REFERENCE)).then_some(Ordering::Equal),
        Some("Decimal" | "Integer") => numbers(value.value(), asked.value()),
        _ => value.value().zip(asked.value()).map(|(value, asked)| value.cmp(asked)),
    };
    match (operator, order) {
        ("=", order) => order == Some(Ordering::Equal),
        ("!=", order) => order != Some(Ordering::Equal),
        (">", Some(order)) => order.is_gt(),
        ("<", Some(order)) => order.is_lt(),
        (">=", Some(order)) => order.is_ge(),
        ("<=", Some(order)) => order.is_le(),
        _ => false,
    }
}

/// Two numbers as they are written, compared.
pub(super) fn numbers(one: Option<&str>, other: Option<&str>) -> Option<Ordering> {
    Decimal::parse(one?)?.partial_cmp(&Decimal::parse(other?)?)
}

/// The period in which a questionnaire is to be used, against the date of a response; `Less`: before it.
pub(super) fn in_period(form: &Form<'_>, authored: &str) -> Ordering {
    let day = |text: &str| text.get(..10).map(str::to_owned);
    let Some((period, authored)) = child(form.root, "effectivePeriod").zip(day(authored)) else {
        return Ordering::Equal;
    };
    let (start, end) = (period.text(Name::START).and_then(day), period.text(Name::END).and_then(day));
    if start.is_some_and(|start| authored < start) {
        Ordering::Less
    } else if end.is_some_and(|end| authored > end) {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}
