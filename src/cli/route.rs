//! `route`: where a referral would go, in words. A dry run: nothing is stored or sent.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;

use super::{ConfigFile, INVALID, complain, inert, named, native_kind, read_input, said, serve, sniff, unusable};
use crate::directory::{DEMO, Directory};
use crate::documents::Referral;
use crate::fhir::{self, Bundle, Format, Limits};
use crate::model::{DocumentKind, Issue, PartyId};
use crate::pipeline::plan;
use crate::route::Rules;
use crate::{app, map};

/// Arguments of `route`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The referral, native or as a FHIR message; `-` reads standard input.
    #[arg(long)]
    file: PathBuf,
    /// Directory id of who sends it, instead of the organisation the referral names as its referrer.
    #[arg(long, value_parser = party)]
    from: Option<PartyId>,
    /// Moment at which it is decided, instead of now.
    #[arg(long)]
    at: Option<Timestamp>,
    /// With the rules of this folder, instead of those of the configuration.
    #[arg(long, value_name = "FOLDER")]
    rules: Option<PathBuf>,
    #[command(flatten)]
    of: ConfigFile,
}

fn party(text: &str) -> Result<PartyId, String> {
    PartyId::parse(text).ok_or_else(|| "it is a directory id: lower-case letters, digits and hyphens".to_owned())
}

pub(super) fn route(arguments: &Arguments) -> ExitCode {
    let ready = world(arguments).and_then(|world| Ok((world, bytes(arguments)?)));
    let ((directory, rules), bytes) = match ready {
        Ok(ready) => ready,
        Err(error) => return unusable(&error),
    };
    let referral = match referral(&bytes) {
        Ok(referral) => referral,
        Err(issues) => {
            for issue in &issues {
                complain(format_args!("{}", super::validate::line(&arguments.file, issue)));
            }
            return ExitCode::from(super::UNUSABLE);
        }
    };
    let now = arguments.at.unwrap_or_else(Timestamp::now);
    let organisation = referral.referrer.organisation.as_ref();
    let named = arguments.from.as_ref().or_else(|| organisation.and_then(|one| one.party.as_ref()));
    let by_code = || organisation.and_then(|one| directory.by_ods(one.ods.as_ref()?, now));
    let Some(sender) = named.and_then(|id| directory.party(id, now)).or_else(by_code) else {
        let text = "The directory knows no organisation that the referral names as its referrer: say who sends it with --from.";
        return unusable(&anyhow::anyhow!(text));
    };
    match plan(&referral, sender, &directory, &rules, now) {
        Ok(planned) => {
            let lines: Vec<String> = planned.words(&directory, now).iter().map(|line| inert(line)).collect();
            said(format_args!("{}", lines.join("\n")), ExitCode::SUCCESS)
        }
        Err(error) => said(format_args!("It goes nowhere: {error}."), ExitCode::from(INVALID)),
    }
}

/// Directory and rules: of a configuration, else of the demonstration.
fn world(arguments: &Arguments) -> anyhow::Result<(Directory, Rules)> {
    if arguments.of.config.is_none() {
        let directory = Directory::from_toml(DEMO)
            .map_err(|faults| anyhow::anyhow!("the demonstration directory is broken: {faults:?}"))?;
        return Ok((directory, app::rules(arguments.rules.as_deref())?));
    }
    let (serving, directory) = serve::configured(&arguments.of)?;
    let folder = arguments.rules.as_deref().or(serving.config.rules.as_deref());
    Ok((directory, app::rules(folder)?))
}

fn bytes(arguments: &Arguments) -> anyhow::Result<Vec<u8>> {
    read_input(&arguments.file).map_err(|error| anyhow::anyhow!("{} cannot be read: {error}", named(&arguments.file)))
}

fn referral(bytes: &[u8]) -> Result<Referral, Vec<Issue>> {
    let limits = Limits::default();
    let bundle = |format| fhir::read(bytes, format, &limits).and_then(Bundle::new).map_err(|issue| vec![issue]);
    let from_fhir = |bundle: &Bundle| map::to_native(DocumentKind::Referral, bundle).map(|mapped| mapped.value);
    let value = match sniff(bytes) {
        Format::Xml => from_fhir(&bundle(Format::Xml)?)?,
        Format::Json => {
            let value = fhir::read_document(bytes, &limits).map_err(|issue| vec![issue])?;
            if value.get("resourceType").is_some() {
                from_fhir(&bundle(Format::Json)?)?
            } else if native_kind(bytes) == DocumentKind::Referral {
                value
            } else {
                let text = "This is no referral; only referrals are asked about here.";
                return Err(vec![Issue::error(crate::model::IssueCode::NotSupported, text)]);
            }
        }
    };
    Referral::from_json(value).map_err(|issue| vec![issue])
}
