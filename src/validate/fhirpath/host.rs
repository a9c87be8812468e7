//! Functions that FHIR adds and only the surroundings can answer (<https://hl7.org/fhir/R4/fhirpath.html#functions>).
//! What the host cannot say is a fault, never a pass.

use std::ops::ControlFlow::{self, Continue};

use super::fault::Fault;
use super::item::Item;
use super::program::{Ask, Expr};
use super::run::{Frame, Run};
use crate::fhir::tree::Name;

/// Asks for the only item of the input; empty where there is none.
pub(super) fn ask<'a>(
    run: &Run<'a, '_>,
    what: Ask,
    input: &'a Expr,
    given: &'a [Expr],
    frame: &Frame<'_, 'a>,
) -> Result<Option<bool>, Fault> {
    let name = name(what);
    if what == Ask::CheckModifiers {
        return modifiers(run, input, given, frame).map(Some);
    }
    let Some(item) = run.single(input, frame, name)? else { return Ok(None) };
    let other = given.first().map_or(Ok(None), |other| run.single(other, frame, name))?;
    let host = run.scope()?.host;
    let answer = match (what, other) {
        (Ask::HtmlChecks | Ask::HtmlChecks2, _) => {
            // the rule stands at Narrative, and is written as if it stood at its div
            let text = match &item {
                Item::Node(node) => node.text().or_else(|| node.at.text(Name::DIV)),
                Item::System(_) => None,
            };
            let Some(text) = text else { return Ok(None) };
            host.html_checks(text, what == Ask::HtmlChecks2)
        }
        (_, None) => return Ok(None),
        (Ask::MemberOf, Some(url)) => host.member_of(&item, &url.as_text().ok_or(Fault::Type(name))?),
        (Ask::ConformsTo, Some(url)) => host.conforms_to(&item, &url.as_text().ok_or(Fault::Type(name))?),
        (Ask::Subsumes, Some(other)) => host.subsumes(&item, &other),
        (_, Some(other)) => host.subsumes(&other, &item),
    };
    answer.map(Some).ok_or(Fault::NotAnswered(name))
}

fn name(what: Ask) -> &'static str {
    match what {
        Ask::MemberOf => "memberOf()",
        Ask::ConformsTo => "conformsTo()",
        Ask::Subsumes => "subsumes()",
        Ask::SubsumedBy => "subsumedBy()",
        Ask::HtmlChecks => "htmlChecks()",
        Ask::HtmlChecks2 => "htmlChecks2()",
        Ask::CheckModifiers => "checkModifiers()",
    }
}

/// Whether the items carry no modifier extensions but those of the URLs given.
fn modifiers<'a>(run: &Run<'a, '_>, input: &'a Expr, given: &'a [Expr], frame: &Frame<'_, 'a>) -> Result<bool, Fault> {
    let mut known = Vec::new();
    for expr in given {
        known.extend(run.collect(expr, frame)?.iter().filter_map(Item::as_text));
    }
    let mut all_known = true;
    let _: ControlFlow<()> = run.visit(input, frame, &mut |item| {
        let all = item.node().map(|node| node.at.all(Name::MODIFIER_EXTENSION));
        for extension in all.into_iter().flatten() {
            run.fuel.charge(1)?;
            let url = extension.text(Name::URL);
            all_known &= url.is_some_and(|url| known.iter().any(|one| one == url));
        }
        Ok(Continue(()))
    })?;
    Ok(all_known)
}
