//! `$validate`: the verdict on a resource that somebody asks about
//! (<https://hl7.org/fhir/R4/resource-operation-validate.html>). Reads what is asked; stores, routes and passes on nothing,
//! and logs nothing of it.

use std::sync::{Arc, LazyLock};

use super::Gateway;
use crate::fhir::tree::{Name, Node, Tree};
use crate::fhir::{self, Bundle, shown};
use crate::intake::{self, Refusal};
use crate::model::{Category, Issue, IssueCode};
use crate::validate;

/// What is asked, as it came in.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Type of resource that the address names.
    pub of: Option<String>,
    /// `mode` and `profile` of the address.
    pub mode: Option<String>,
    pub profiles: Vec<String>,
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// What the resource is validated for (<https://hl7.org/fhir/R4/valueset-resource-validation-mode.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Its content alone.
    Content,
    Create,
    Update,
    Delete,
    /// Against the profiles that are named.
    Profile,
}

impl Mode {
    fn of(code: Option<&str>) -> Result<Self, Refusal> {
        Ok(match code {
            None => Self::Content,
            Some("create") => Self::Create,
            Some("update") => Self::Update,
            Some("delete") => Self::Delete,
            Some("profile") => Self::Profile,
            Some(other) => {
                let text = format!("There is no mode {}: give create, update, delete or profile.", shown(other));
                return Err(refused(IssueCode::CodeInvalid, text));
            }
        })
    }
}

impl Gateway {
    /// Every finding about a resource; none of them is a refusal of the request.
    ///
    /// # Errors
    /// What was asked cannot be read: the media type, the size, the text, the parameters; or the gateway is busy.
    pub async fn check(self: &Arc<Self>, asked: Asked) -> Result<Vec<Issue>, Refusal> {
        let Ok(_place) = self.room.try_acquire() else { return Err(super::busy()) };
        let gateway = self.clone();
        self.apart(move || check(&gateway, asked)).await
    }
}

fn check(gateway: &Gateway, mut asked: Asked) -> Result<Vec<Issue>, Refusal> {
    if asked.bytes.is_empty() && Mode::of(asked.mode.as_deref())? == Mode::Delete {
        return Ok(vec![not_deleted()]);
    }
    let format = intake::fhir_format(asked.content_type.as_deref())
        .map_err(|issue| Refusal::new(Category::UnsupportedMediaType, vec![issue]))?;
    let bytes = std::mem::take(&mut asked.bytes);
    let tree = match Tree::read(&bytes, format, gateway.limits()) {
        Ok(tree) => tree,
        Err(issue) => {
            let category = match issue.code {
                IssueCode::TooLong => Category::TooLarge,
                IssueCode::Structure => Category::Malformed,
                // It can be read and is no resource of R4: that is a verdict.
                _ => return Ok(vec![issue]),
            };
            return Err(Refusal::new(category, vec![issue]));
        }
    };
    let resource = parameters(tree.root(), &mut asked);
    let mode = Mode::of(asked.mode.as_deref())?;
    if mode == Mode::Delete {
        return Ok(vec![not_deleted()]);
    }
    if mode == Mode::Profile && asked.profiles.is_empty() {
        let text = "The mode profile needs a profile: give the canonical URL of one as parameter profile.";
        return Err(refused(IssueCode::Required, text));
    }
    let Some(resource) = resource else {
        let text = "There is no resource to validate: send it as the body, or in Parameters as parameter resource.";
        return Err(refused(IssueCode::Required, text));
    };
    let mut found = verdict(gateway, resource, mode, asked.profiles, &bytes);
    let of = resource.resource_type().text();
    let mut said = Vec::new();
    if let Some(wanted) = asked.of.filter(|wanted| wanted != of) {
        let text = format!("This address validates resources of type {}, and this is a {of}.", shown(&wanted));
        said.push(Issue::error(IssueCode::Invalid, text).at(of).rule("resource-type"));
    }
    if mode == Mode::Update && resource.child(Name::ID).is_none() {
        let text = "An update names the resource that it replaces by its id, and there is none.";
        said.push(Issue::error(IssueCode::Required, text).at(format!("{of}.id")).rule("update-id"));
    }
    found.splice(0..0, validate::located(said, resource));
    Ok(found)
}

/// What the validator says; of a message or document also what exchange asks, unless profiles alone are asked for.
fn verdict(gateway: &Gateway, resource: Node<'_>, mode: Mode, profiles: Vec<String>, bytes: &[u8]) -> Vec<Issue> {
    let validator = &gateway.parts().validator;
    if mode == Mode::Profile {
        return validator.profiles(resource, profiles);
    }
    let kind = resource.child(*TYPE).and_then(Node::value);
    let is_exchanged = resource.resource_type() == Name::BUNDLE && matches!(kind, Some("message" | "document"));
    let value = is_exchanged.then(|| fhir::read(bytes, resource.tree().format(), gateway.limits()).ok()).flatten();
    let bundle = value.and_then(|mut value| {
        if resource.parent().is_some() {
            let all = value.get_mut("parameter")?.as_array_mut()?;
            let one = all.iter_mut().find(|one| one.get("name").is_some_and(|name| name == "resource"))?;
            value = one.get_mut("resource")?.take();
        }
        Bundle::new(value).ok()
    });
    validator.resource(resource, profiles, bundle.as_ref())
}

/// The resource in question: the body, or what its Parameters hold, which may also name mode and profiles.
fn parameters<'t>(root: Node<'t>, asked: &mut Asked) -> Option<Node<'t>> {
    if root.resource_type().text() != "Parameters" {
        return Some(root);
    }
    let all: Vec<_> = root.all(Name::PARAMETER).map(|one| (one.text(Name::NAME).unwrap_or_default(), one)).collect();
    let ours = |name: &str| matches!(name, "resource" | "mode" | "profile");
    let is_call = all.iter().any(|(name, _)| *name == "resource") || all.iter().all(|(name, _)| ours(name));
    if all.is_empty() || !is_call {
        return Some(root);
    }
    let mut resource = None;
    for (name, one) in all {
        let value = || one.children().find(|child| child.name().text().starts_with("value"))?.value();
        match name {
            "resource" => resource = resource.or(one.child(*RESOURCE)),
            "mode" => asked.mode = value().map(str::to_owned).or(asked.mode.take()),
            "profile" => asked.profiles.extend(value().map(str::to_owned)),
            _ => {}
        }
    }
    resource
}

static RESOURCE: LazyLock<Name> = LazyLock::new(|| Name::of("resource"));
static TYPE: LazyLock<Name> = LazyLock::new(|| Name::of("type"));

/// A delete would not be taken: there is nothing here that could be deleted.
fn not_deleted() -> Issue {
    let text = "The gateway passes on what it is sent and keeps no resources, so there is none that could be deleted.";
    Issue::error(IssueCode::NotSupported, text).rule("delete")
}

fn refused(code: IssueCode, text: impl Into<String>) -> Refusal {
    Refusal::one(Category::Malformed, code, text)
}
