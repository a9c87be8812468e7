//! References: their form, and whether what they lead to may stand there: its type, its profile, where it is kept
//! (<https://hl7.org/fhir/R4/references.html>). Finds no targets; that is `resolve`.

use std::sync::Arc;

use super::address::{self, versioned};
use super::resolve::Led;
use super::{Guide, Walk, canonical};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::structure::{Rule, Structure, Target, Type};

/// Where R4's own definitions stand.
const R4: &str = "http://hl7.org/fhir/StructureDefinition/";

/// A reference whose target must meet one of some profiles.
#[derive(Debug)]
pub(super) struct Pending<'t> {
    node: Node<'t>,
    target: Node<'t>,
    first: Arc<Structure>,
    others: Vec<Arc<Structure>>,
}

/// What the targets of a type say of a type of resource.
enum Fits {
    /// It may stand there.
    Yes,
    /// It may not.
    No,
    /// It may, if it meets one of these.
    If(Arc<Structure>, Vec<Arc<Structure>>),
    /// A profile among the targets is not known.
    Unknown(String),
}

/// Looks at the targets that have been waiting since `mark`.
pub(super) fn settle(walk: &mut Walk<'_, '_>, mark: usize) {
    // what is looked at here puts nothing on the list: inside a trial targets are looked at at once
    for pending in walk.pending.split_off(mark.min(walk.pending.len())) {
        walk.judge(&pending);
    }
}

impl<'t> Walk<'t, '_> {
    /// A reference against the rule for it.
    pub(super) fn reference(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, kind: &Type) {
        let tell = !self.again;
        let Some(reference) = node.text(Name::REFERENCE).filter(|text| !text.is_empty()) else {
            return self.without_address(node, structure, kind);
        };
        if tell && !address::is_uuid(reference) {
            self.reference_form(node, reference);
        }
        let led = self.led(node, reference, tell);
        if tell && led == Led::Away && reference.starts_with('#') {
            let text = format!(
                "No resource with this id ({}) is contained here: add it, or refer to something else.",
                shown(reference)
            );
            self.error(node, IssueCode::Invariant, "ref-1", text);
        } else if !reference.starts_with('#') {
            self.link(node, reference, led);
        }
        let named = address::kind(reference);
        let of = led.node().map_or(named, |target| Some(target.resource_type()));
        self.said_type(node, structure, kind, of);
        match led.node() {
            Some(target) => self.target_fits(node, structure, rule, kind, target),
            None => self.target_by_name(node, structure, kind, named),
        }
        self.kept(node, structure, kind, (reference, led));
    }

    /// A reference by identifier, or by words alone.
    fn without_address(&mut self, node: Node<'t>, structure: &Structure, kind: &Type) {
        let mut identified = false;
        let mut says = false;
        for child in node.children() {
            match child.name() {
                Name::IDENTIFIER => {
                    identified = child.text(Name::SYSTEM).is_some() || child.text(Name::VALUE).is_some();
                }
                Name::DISPLAY => says = child.value().is_some(),
                _ => {}
            }
        }
        if !self.again && !identified && !says {
            let text =
                "This refers to nothing that can be found: give it a reference, an identifier or at least a display.";
            self.warning(node, IssueCode::Structure, "reference-empty", text.to_owned());
        }
        if self.options.guide == Guide::UkCore
            && let Some(given) = node.text(Name::TYPE)
            && matches!(self.fits(kind, Name::of(given)), Fits::No)
        {
            let text = format!("{} may not stand here: {}.", shown(given), targets(kind));
            self.warning(node, IssueCode::Structure, "reference-type", text);
            self.detail(structure, Some(targets(kind)), Some(shown(given)));
        }
    }

    fn reference_form(&mut self, node: Node<'t>, reference: &str) {
        if reference.contains(char::is_whitespace) {
            let text = format!("\"{}\" is no reference: there are spaces in it.", shown(reference));
            self.error(node, IssueCode::Invalid, "reference-form", text);
        } else if let Some((_, query)) = address::search(reference) {
            if !address::is_query(query) {
                let text = format!(
                    "\"{}\" is no search: after the ? stand name=value, with & between them.",
                    shown(reference)
                );
                self.error(node, IssueCode::Invalid, "reference-form", text);
            }
        } else if self.options.guide == Guide::UkCore && !address::is_sound(reference) {
            let text = format!(
                "\"{}\" does not look like a reference: that is Type/id of a type of FHIR, an address with its scheme, or # and the id of a contained resource.",
                shown(reference),
            );
            self.warning(node, IssueCode::Structure, "reference-form", text);
        }
    }

    /// `Reference.type`: one of those allowed, and that of the target.
    fn said_type(&mut self, node: Node<'t>, structure: &Structure, kind: &Type, of: Option<Name>) {
        let Some(given) = node.text(Name::TYPE) else { return };
        let plain = given.strip_prefix(R4).unwrap_or(given);
        match self.fits(kind, Name::of(plain)) {
            Fits::No => {
                let text = format!("Reference.type is {}, which may not stand here: {}.", shown(given), targets(kind));
                self.error(node, IssueCode::Structure, "reference-type", text);
                self.detail(structure, Some(targets(kind)), Some(shown(given)));
            }
            Fits::Unknown(url) => self.unknown_target(node, &url),
            Fits::Yes | Fits::If(..) => {}
        }
        if let Some(of) = of.filter(|of| of.text() != given && !self.again) {
            let text = format!("Reference.type is {}, but what it refers to is a {}.", shown(given), of.text());
            self.error(node, IssueCode::Structure, "reference-type", text);
        }
    }

    /// The type of a target that is at hand, and its profile.
    fn target_fits(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, kind: &Type, target: Node<'t>) {
        if !target.resource_type().is_known() {
            return;
        }
        match self.fits(kind, target.resource_type()) {
            Fits::Yes => {}
            Fits::No => {
                let of = target.resource_type().text();
                let text = format!(
                    "`{}` leads to a {of}, which may not stand here: {}.",
                    super::group::named(rule),
                    targets(kind)
                );
                self.error(node, IssueCode::Structure, "reference-target-type", text);
                self.detail(structure, Some(targets(kind)), Some(of.to_owned()));
            }
            Fits::Unknown(url) => self.unknown_target(node, &url),
            Fits::If(first, others) => {
                let known = self.met.get(&(target.number(), Arc::as_ptr(&first) as usize));
                if others.is_empty() && known == Some(&true) {
                    return;
                }
                let pending = Pending { node, target, first, others };
                // those inside a trial decide about its outcome
                if self.depth > 0 { self.judge(&pending) } else { self.pending.push(pending) }
            }
        }
    }

    fn unknown_target(&mut self, node: Node<'t>, url: &str) {
        let text = format!(
            "The profile {} that a target may have is not known, so whether this one may stand here cannot be told.",
            shown(url)
        );
        self.error(node, IssueCode::NotFound, "profile-known", text);
    }

    /// The type of a target elsewhere, by what the reference says; the reference implementation leaves that out.
    fn target_by_name(&mut self, node: Node<'t>, structure: &Structure, kind: &Type, named: Option<Name>) {
        if self.options.guide != Guide::UkCore {
            return;
        }
        let Some(named) = named.filter(|named| matches!(self.fits(kind, *named), Fits::No)) else { return };
        let text = format!("This seems to lead to a {}, which may not stand here: {}.", named.text(), targets(kind));
        self.warning(node, IssueCode::Structure, "reference-target-type", text);
        self.detail(structure, Some(targets(kind)), Some(named.text().to_owned()));
    }

    /// Where the target is kept, and whether a version is named.
    fn kept(&mut self, node: Node<'t>, structure: &Structure, kind: &Type, (reference, led): (&str, Led<'t>)) {
        if !kind.aggregation.is_empty() {
            let (is, fits): (_, &[&str]) = match led {
                Led::Inside(_) => ("contained", &["contained"]),
                Led::Beside(..) => ("in the bundle", &["bundled", "referenced"]),
                Led::Away => ("neither contained nor in the bundle", &["referenced"]),
            };
            if !kind.aggregation.iter().any(|mode| fits.contains(&mode.as_str())) {
                let modes = kind.aggregation.join(" or ");
                let text = format!("The target is {is}; it must be {modes} here.");
                self.error(node, IssueCode::Structure, "reference-aggregation", text);
                self.detail(structure, Some(modes), Some(is.to_owned()));
            }
        }
        let has_version = versioned(reference).1.is_some();
        let text = match kind.versioning.as_deref() {
            Some("specific") if !has_version => "This must name a version of its target (…/_history/version).",
            Some("independent") if has_version => "This must not name a version of its target.",
            _ => return,
        };
        self.warning(node, IssueCode::Structure, "reference-version", text.to_owned());
        self.detail(structure, None, None);
    }

    /// Whether a type of resource may stand at the end of a reference.
    fn fits(&self, kind: &Type, of: Name) -> Fits {
        if kind.targets.is_empty() {
            return Fits::Yes;
        }
        let registry = self.registry;
        let mut plain = false;
        let mut open = false;
        for target in &kind.targets {
            match own(target) {
                Some(name) if name == of || name == *RESOURCE => plain = true,
                Some(_) => {}
                None => open = true,
            }
        }
        if plain {
            return Fits::Yes;
        }
        if !open {
            return Fits::No;
        }
        // most often it is the guide's own profile; those of other types need not be compiled to know that
        let guide =
            if self.options.guide == Guide::UkCore { registry.guide(super::resource::UKCORE, of) } else { None };
        if let Some(own) = guide
            && kind.targets.iter().any(|target| target.link.url == own.url)
            && kind.targets.iter().filter(|target| target.link.url.contains(of.text())).count() == 1
        {
            return Fits::If(own, Vec::new());
        }
        let mut known = Vec::new();
        for target in kind.targets.iter().filter(|target| own(target).is_none()) {
            let Some(profile) = target.link.get(registry) else { return Fits::Unknown(target.link.url.clone()) };
            if profile.of == of {
                known.push(profile.clone());
            }
        }
        // R4's own profiles are not asked of targets, as the reference has it
        if !known.is_empty() && known.iter().all(|profile| profile.url.starts_with(R4)) {
            return Fits::Yes;
        }
        let mut known = known.into_iter();
        known.next().map_or(Fits::No, |first| Fits::If(first, known.collect()))
    }

    /// Whether a target meets one of the profiles it may have.
    fn judge(&mut self, pending: &Pending<'t>) {
        let Pending { node, target, first, others } = pending;
        self.spend(1);
        let mut met = Vec::new();
        let mut why = String::new();
        for profile in std::iter::once(first).chain(others) {
            match self.trial(*target, profile) {
                Ok(()) => met.push(profile),
                Err(reason) if why.is_empty() => why = reason,
                Err(_) => {}
            }
        }
        let urls = |all: &mut dyn Iterator<Item = &Arc<Structure>>| {
            all.map(|one| canonical(one)).collect::<Vec<_>>().join(", ")
        };
        let (severity, text) = match met.len() {
            1 => return,
            0 => {
                let reason = if why.is_empty() { String::new() } else { format!(" {why}") };
                let all = urls(&mut std::iter::once(first).chain(others));
                (
                    Severity::Error,
                    format!("What this leads to meets none of the profiles it may have here ({all}).{reason}"),
                )
            }
            _ => (
                Severity::Warning,
                format!(
                    "What this leads to meets several of the profiles it may have here: {}.",
                    urls(&mut met.into_iter())
                ),
            ),
        };
        self.say(*node, severity, IssueCode::Structure, "reference-target-profile", text);
        self.detail(first, None, None);
    }
}

static RESOURCE: std::sync::LazyLock<Name> = std::sync::LazyLock::new(|| Name::of("Resource"));

/// The type of a target that is one of R4's own, not a profile of it.
fn own(target: &Target) -> Option<Name> {
    let name = *target.of.get_or_init(|| {
        let name = target.link.url.strip_prefix(R4).map_or(Name::UNKNOWN, Name::of);
        if name == *RESOURCE || address::is_resource(name) { name } else { Name::UNKNOWN }
    });
    name.is_known().then_some(name)
}

/// What may stand there, in words.
fn targets(kind: &Type) -> String {
    let names: Vec<_> =
        kind.targets.iter().map(|target| target.link.url.strip_prefix(R4).unwrap_or(&target.link.url)).collect();
    format!("allowed is {}", names.join(", "))
}
