//! Narratives (<https://hl7.org/fhir/R4/narrative.html>): what `fhir::xhtml` finds in one, whether its links lead
//! anywhere in the resource, and whether its language is the resource's.

use std::collections::HashMap;

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Kind, Name, Node};
use crate::fhir::xhtml::{self, Narrative};
use crate::model::IssueCode;

/// How often each id stands in a resource or bundle, those of its narratives too.
pub(super) type Anchors<'t> = HashMap<&'t str, u32>;

impl<'t> Walk<'t, '_> {
    /// The `div` of a narrative, of a resource or of a section.
    pub(super) fn narrative(&mut self, node: Node<'t>) {
        if self.again {
            return;
        }
        let Some(div) = node.value().filter(|_| matches!(node.kind(), Kind::Text | Kind::Markup)) else {
            if node.kind() != Kind::Nothing {
                let text = "A narrative is written in JSON as a string that holds its <div>.".to_owned();
                self.error(node, IssueCode::Value, "json-primitive", text);
            }
            return;
        };
        let found = xhtml::read(div, node.kind() == Kind::Markup);
        for (at, wrong) in &found.faults {
            let line = div.get(..*at).map_or(1, |before| 1 + before.bytes().filter(|byte| *byte == b'\n').count());
            let mut text = wrong.sentence();
            if line > 1 {
                text = format!("{text} (Line {line} of the narrative.)");
            }
            self.say(node, wrong.severity(), wrong.code(), wrong.rule(), text);
        }
        if !found.has_content {
            let text = "The narrative has nothing to say: it needs text or a picture.".to_owned();
            self.error(node, IssueCode::Invariant, "txt-2", text);
        }
        self.links(node, &found);
        self.narrative_language(node, &found);
    }

    /// Links and pictures that point into the resource.
    fn links(&mut self, node: Node<'t>, found: &Narrative<'t>) {
        for (target, picture) in &found.targets {
            let what = if *picture { "The picture" } else { "The link" };
            match self.anchored(target) {
                0 => {
                    let text =
                        format!("{what} to #{} leads nowhere: nothing in the resource has that id.", shown(target));
                    self.error(node, IssueCode::NotFound, "xhtml-target", text);
                }
                1 => {}
                _ => {
                    let text = format!("{what} to #{} is not clear: several elements have that id.", shown(target));
                    if *picture {
                        self.error(node, IssueCode::Invalid, "xhtml-target", text);
                    } else {
                        self.warning(node, IssueCode::Invalid, "xhtml-target", text);
                    }
                }
            }
        }
    }

    /// How often an id stands in the resource around, or else in the bundle it is in.
    fn anchored(&mut self, target: &str) -> u32 {
        let root = self.root;
        let within = self.anchors_of(root, target);
        if within > 0 {
            return within;
        }
        let mut at = root.parent();
        while let Some(outer) = at {
            if outer.resource_type() == Name::BUNDLE {
                return self.anchors_of(outer, target);
            }
            at = outer.parent();
        }
        0
    }

    /// Looks a resource through once, when its first link asks for it.
    fn anchors_of(&mut self, resource: Node<'t>, target: &str) -> u32 {
        let anchors = self.anchors.entry(resource.number()).or_insert_with(|| {
            let mut all = Anchors::new();
            let mut open: Vec<Node<'t>> = resource.children().collect();
            while let Some(node) = open.pop() {
                if node.name() == Name::ID {
                    node.value().into_iter().for_each(|id| *all.entry(id).or_default() += 1);
                } else if node.name() == Name::DIV {
                    let ids = node.value().map(|div| xhtml::read(div, true).ids);
                    ids.into_iter().flatten().for_each(|id| *all.entry(id).or_default() += 1);
                } else {
                    open.extend(node.children());
                }
            }
            all
        });
        anchors.get(target).copied().unwrap_or(0)
    }

    /// The narrative of a resource is in the language of the resource, and says so as HTML and as XML do.
    fn narrative_language(&mut self, node: Node<'t>, found: &Narrative<'_>) {
        let resource = node.parent().filter(|text| text.name() == Name::TEXT).and_then(Node::parent);
        let language = resource.filter(|one| one.is_resource()).and_then(|one| one.text(Name::LANGUAGE));
        let Some(language) = language else { return };
        if found.language == (None, None) {
            let text = format!(
                "The resource is in {} and its narrative does not say so: give it lang and xml:lang.",
                shown(language)
            );
            return self.warning(node, IssueCode::BusinessRule, "xhtml-language", text);
        }
        for (name, has) in [("lang", found.language.0), ("xml:lang", found.language.1)] {
            let text = match has {
                None => format!("The narrative says its language, but not with {name}."),
                Some(has) if has != language => {
                    format!("The resource is in {} and its narrative has {name}=\"{}\".", shown(language), shown(has))
                }
                Some(_) => continue,
            };
            self.warning(node, IssueCode::BusinessRule, "xhtml-language", text);
        }
    }
}
