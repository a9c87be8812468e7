//! Makes ready what `validate` holds resources to: the built-in definitions, packages, profiles, a terminology server.
//! What cannot be had is said before anything is validated.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};

use super::arguments::Arguments;
use super::check::Checker;
use crate::cli::{complain, named};
use crate::definitions::Library;
use crate::definitions::package::Package;
use crate::guide;
use crate::terminology_server::{Settings, TerminologyServer, Token};
use crate::validate::structure::Registry;
use crate::validate::terminology::Terminology;
use crate::validate::walk::Options;

/// The checker that the arguments ask for.
pub(super) fn checker(arguments: &Arguments) -> anyhow::Result<Checker> {
    let library = library(&arguments.packages)?;
    let terminology = match &arguments.tx {
        None => Terminology::over(library.clone()),
        Some(address) => {
            let mut settings = Settings::new(address)?;
            settings.token = arguments.tx_token_file.as_deref().map(Token::from_file).transpose()?;
            Terminology::over(library.clone()).with_remote(Arc::new(TerminologyServer::start(&settings)?))
        }
    };
    let registry = Registry::with(library, terminology);
    for profile in &arguments.profiles {
        ensure!(
            registry.structure(profile).is_some(),
            "the profile {} is not known: name the package that defines it with --package",
            named(Path::new(profile))
        );
    }
    let options = Options {
        guide: arguments.guide(),
        profiles: arguments.profiles.clone(),
        must_support: arguments.must_support,
        unknown_extensions: arguments.any_extension,
        now: Some(jiff::Zoned::now()),
    };
    Ok(Checker::new(registry, options, arguments.kind))
}

/// The built-in definitions and ours, behind those of the packages.
fn library(packages: &[std::path::PathBuf]) -> anyhow::Result<Arc<Library>> {
    if packages.is_empty() {
        return Ok(guide::library().clone());
    }
    let mut library = guide::made();
    for path in packages {
        let package = Package::read(path).with_context(|| format!("the package {} cannot be used", named(path)))?;
        let is_empty = package.definitions.is_empty() && package.questionnaires.is_empty();
        ensure!(!is_empty, "the package {} defines nothing", named(path));
        for (file, why) in &package.unread {
            complain(format_args!("{}: {} was passed over: {why}", named(path), named(Path::new(file))));
        }
        for definition in package.definitions {
            library.add(definition);
        }
        for questionnaire in package.questionnaires {
            library.add_questionnaire(questionnaire);
        }
    }
    Ok(Arc::new(library))
}
