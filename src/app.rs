//! Puts the running gateway together: store, directory, policy, pipeline, worker, listener. Holds no rule of its own.

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, LazyLock, Once};
use std::time::Duration;

use anyhow::Context;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;

use crate::auth::Authenticator;
use crate::clocks;
use crate::config::{self, Config};
use crate::consent::Engine;
use crate::deliver::{Deliverer, Pace};
use crate::directory::Directory;
use crate::documents;
use crate::fhir::Limits;
use crate::guide;
use crate::http;
use crate::intake::Schemas;
use crate::map;
use crate::measures;
use crate::model::{DocumentKind, PartyId};
use crate::outbox::Backoff;
use crate::pipeline::{self, Gateway, Parts};
use crate::prove;
use crate::route;
use crate::store::{SqliteStore, Store};
use crate::terminology_server::{Settings, SettingsError, TerminologyServer, Token};
use crate::validate::Validator;
use crate::validate::structure::Registry;
use crate::validate::terminology::Terminology;

/// The schemas of the native documents, by kind.
pub const SCHEMAS: &[(DocumentKind, &str)] = documents::SCHEMAS;

/// The validator of this process: what definitions are compiled to is compiled once, whoever asks.
#[must_use]
pub fn validator() -> Arc<Validator> {
    static VALIDATOR: LazyLock<Arc<Validator>> =
        LazyLock::new(|| Arc::new(Validator::new(Registry::new(guide::library().clone()))));
    VALIDATOR.clone()
}

/// How the terminology server of the configuration is asked; `None` when it names none.
///
/// # Errors
/// The address or the token file cannot be used.
pub fn terminology_server(config: &config::Terminology) -> Result<Option<Settings>, SettingsError> {
    let Some(base) = &config.url else { return Ok(None) };
    let token = config.token_file.as_deref().map(Token::from_file).transpose()?;
    let settings = Settings { token, timeout: config.timeout, ..Settings::new(base)? };
    settings.check()?;
    Ok(Some(settings))
}

/// The validator of a gateway so configured: with a terminology server one of its own, else that of the process.
fn validator_for(config: &config::Terminology) -> anyhow::Result<Arc<Validator>> {
    let Some(settings) = terminology_server(config)? else { return Ok(validator()) };
    let library = guide::library().clone();
    let remote = Arc::new(TerminologyServer::start(&settings)?);
    let terminology = Terminology::over(library.clone()).with_remote(remote);
    Ok(Arc::new(Validator::new(Registry::with(library, terminology))))
}

/// Documents that between them ask for most of what there is to compile.
const WARMING: [(DocumentKind, &str); 2] = [
    (DocumentKind::Referral, include_str!("../profiles/cmht/examples/referral/complete.json")),
    (DocumentKind::DischargeLetter, include_str!("../profiles/cmht/examples/discharge-letter/full.json")),
];

/// Compiles in the background what messages are held against, so that the first of them does not wait for it. With a
/// terminology server each gateway has definitions of its own; the others share theirs and warm them once.
fn warm(validator: Arc<Validator>, shared: bool) {
    static WARM: Once = Once::new();
    let start = || {
        tokio::task::spawn_blocking(move || {
            for (kind, text) in WARMING {
                let made = serde_json::from_str(text).ok().and_then(|value| map::to_fhir(kind, value).ok());
                if let Some(made) = made {
                    let _ = validator.bundle(made.value);
                }
            }
        });
    };
    if shared {
        WARM.call_once(start);
    } else {
        start();
    }
}

/// How long the header of a request may take to arrive, from the moment the connection is free for it.
const HEADER_TIME: Duration = Duration::from_secs(30);

/// How long requests and deliveries under way may take to finish when the gateway stops.
const GRACE: Duration = Duration::from_secs(10);

/// A running gateway.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub base_url: String,
    pub store: Arc<dyn Store>,
    pub gateway: Arc<Gateway>,
    stop: watch::Sender<bool>,
    handle: Handle<SocketAddr>,
    server: JoinHandle<std::io::Result<()>>,
    worker: JoinHandle<()>,
    sweeper: JoinHandle<()>,
}

/// Starts a gateway and returns once it listens.
///
/// # Errors
/// When the address is taken, the database or the TLS files cannot be used, or a built-in policy or schema is broken.
pub async fn start(config: &Config, own: &PartyId, directory: Directory) -> anyhow::Result<Running> {
    // One provider for everything; a second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // before anything is opened, because it may be refused
    let engine = policies(config)?;
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(&config.database).await.context("the database could not be opened")?);
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("{} cannot be listened on", config.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let tls = tls(config).await?;
    let base_url = config.public_url(address);

    let directory = kept(&store, directory, own).await?;
    let validator = validator_for(&config.terminology).context("the terminology server cannot be used")?;
    let parts = parts(config, engine, own, &store, &directory, &validator, &base_url)?;
    let wake = parts.wake.clone();
    let gateway = Arc::new(Gateway::new(parts).await?);
    let worker = Deliverer::new(store.clone(), gateway.clone(), pace(config), own.clone(), wake)?;
    let (stop, stopping) = watch::channel(false);
    let sweeper = tokio::spawn(sweep(gateway.clone(), config.clock_sweep, stopping.clone()));
    let worker = tokio::spawn(worker.run(stopping));

    let app = http::App {
        gateway: gateway.clone(),
        authenticator: Arc::new(Authenticator::new()),
        sign_ins: Arc::new(Semaphore::new(http::SIGN_INS)),
        secure_cookies: base_url.starts_with("https:"),
    };
    let service = http::router(app).into_make_service();
    let handle = Handle::new();
    let server = if let Some(tls) = tls {
        let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle.clone());
        hurry(server.http_builder());
        tokio::spawn(server.serve(service))
    } else {
        let mut server = axum_server::from_tcp(listener)?.handle(handle.clone());
        hurry(server.http_builder());
        tokio::spawn(server.serve(service))
    };
    warm(validator, config.terminology.url.is_none());
    tracing::info!(address = %address, "listening");
    Ok(Running { address, base_url, store, gateway, stop, handle, server, worker, sweeper })
}

/// The gateway's core over its database, without listener or worker, for commands.
///
/// # Errors
/// As [`start`], but for the address.
pub async fn at_rest(config: &Config, own: &PartyId, directory: Directory) -> anyhow::Result<Arc<Gateway>> {
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(&config.database).await.context("the database could not be opened")?);
    let (directory, base_url) = (kept(&store, directory, own).await?, config.public_url(config.listen));
    let parts = parts(config, policies(config)?, own, &store, &directory, &validator(), &base_url)?;
    Ok(Arc::new(Gateway::new(parts).await?))
}

/// The core over a database that is thrown away afterwards and not synced to disk; everything else as [`at_rest`].
///
/// # Errors
/// As [`at_rest`].
pub async fn simulated(database: &Path, own: &PartyId, directory: Directory) -> anyhow::Result<Arc<Gateway>> {
    let config = Config::default();
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open_unsynced(database).await.context("the database could not be opened")?);
    let (directory, base_url) = (kept(&store, directory, own).await?, config.public_url(config.listen));
    let parts = parts(&config, policies(&config)?, own, &store, &directory, &validator(), &base_url)?;
    Ok(Arc::new(Gateway::new(parts).await?))
}

/// The directory to begin with: what the database keeps, with what is new in the file.
async fn kept(store: &Arc<dyn Store>, file: Directory, own: &PartyId) -> anyhow::Result<(Arc<Directory>, i64)> {
    let kept = pipeline::kept(store.as_ref(), file, own, Timestamp::now()).await;
    let (directory, version) = kept.context("the directory the database keeps cannot be used")?;
    Ok((Arc::new(directory), version))
}

fn parts(
    config: &Config,
    engine: Engine,
    own: &PartyId,
    store: &Arc<dyn Store>,
    (directory, version): &(Arc<Directory>, i64),
    validator: &Arc<Validator>,
    base_url: &str,
) -> anyhow::Result<Parts> {
    Ok(Parts {
        store: store.clone(),
        directory: directory.clone(),
        directory_version: *version,
        engine: Arc::new(engine),
        rules: Arc::new(rules(config.rules.as_deref())?),
        validator: validator.clone(),
        schemas: Arc::new(Schemas::load(SCHEMAS)?),
        clocks: Arc::new(clock_rules(config.rules.as_deref())?),
        measures: Arc::new(measures(config.rules.as_deref())?),
        schema_texts: Arc::new(SCHEMAS.iter().map(|(kind, text)| (kind.code(), *text)).collect()),
        limits: Limits { max_bytes: config.limits.max_body_bytes, max_depth: config.limits.max_depth },
        own: own.clone(),
        base_url: base_url.into(),
        wake: Arc::new(Notify::new()),
    })
}

/// The consent policy of a gateway so configured. A site's own policies are taken only with proof.
///
/// # Errors
/// They have faults, or something that must hold is not proved of them; which, and a case that breaks it.
pub fn policies(config: &Config) -> anyhow::Result<Engine> {
    let folder = config.consent_policies.as_deref();
    prove::engine(folder).map_err(|error| match folder {
        Some(folder) => anyhow::anyhow!("the policies in {} are not taken: {error}", folder.display()),
        None => anyhow::anyhow!("the consent policy is broken: {error}"),
    })
}

/// The rules of clocks of a gateway so configured.
///
/// # Errors
/// The site's file cannot be read, or everything that is wrong in it.
pub fn clock_rules(folder: Option<&Path>) -> anyhow::Result<clocks::Rules> {
    let site = site_file(folder, clocks::FILE)?;
    without_faults("rules of clocks", clocks::Rules::load(site.as_deref()))
}

/// The definitions of measures of a gateway so configured.
///
/// # Errors
/// The site's file cannot be read, or everything that is wrong in it.
pub fn measures(folder: Option<&Path>) -> anyhow::Result<measures::Definitions> {
    let site = site_file(folder, measures::FILE)?;
    without_faults("definitions of measures", measures::Definitions::load(site.as_deref()))
}

/// Looks at the clocks again and again, and tells what is due soon or breached.
async fn sweep(gateway: Arc<Gateway>, every: Duration, mut stopping: watch::Receiver<bool>) {
    loop {
        // a failure was logged where it happened; the next look tells what this one did not
        let _ = gateway.sweep_clocks(Timestamp::now()).await;
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stopping.changed() => return,
        }
    }
}

/// The rules of routing of a gateway so configured: ours, with those of the site's folder.
///
/// # Errors
/// The folder cannot be read, or everything that is wrong in its files.
pub fn rules(folder: Option<&Path>) -> anyhow::Result<route::Rules> {
    let mut site = Vec::new();
    for name in route::FILES {
        site.extend(site_file(folder, name)?.map(|text| ((*name).to_owned(), text)));
    }
    without_faults("rules", route::Rules::load(&site))
}

/// A file of the site's folder of rules, where there is one.
fn site_file(folder: Option<&Path>, name: &str) -> anyhow::Result<Option<String>> {
    let Some(folder) = folder else { return Ok(None) };
    anyhow::ensure!(folder.is_dir(), "the rules folder {} is no folder", folder.display());
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// What was read, or everything that is wrong in it.
fn without_faults<T, F: Display>(what: &str, read: Result<T, Vec<F>>) -> anyhow::Result<T> {
    read.map_err(|faults| {
        let list: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        anyhow::anyhow!("the {what} have faults:\n{}", list.join("\n"))
    })
}

/// Closes connections whose next request does not begin to make sense in time.
fn hurry(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
}

fn pace(config: &Config) -> Pace {
    let worker = config.worker;
    Pace {
        concurrency: u32::try_from(worker.concurrency).unwrap_or(u32::MAX),
        timeout: worker.request_timeout,
        lease: worker.lease,
        poll: worker.poll,
        backoff: Backoff { base: worker.backoff_base, cap: worker.backoff_cap, max_attempts: worker.max_attempts },
    }
}

async fn tls(config: &Config) -> anyhow::Result<Option<RustlsConfig>> {
    let Some(files) = config.tls() else { return Ok(None) };
    let loaded = RustlsConfig::from_pem_file(files.certificate, files.key).await;
    Ok(Some(loaded.context("the TLS certificate or key cannot be used")?))
}

impl Running {
    /// Stops taking requests, lets what is under way finish, and returns when all is at rest.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(GRACE));
        let _ = self.server.await;
        let _ = self.stop.send(true);
        // A recipient that hangs must not keep the process; its delivery is tried again after the next start.
        let _ = tokio::time::timeout(GRACE, self.worker).await;
        let _ = tokio::time::timeout(GRACE, self.sweeper).await;
    }
}

/// Reads and checks a directory file.
///
/// # Errors
/// When the file cannot be read, or everything that is wrong in it.
pub fn read_directory(path: &Path) -> anyhow::Result<Directory> {
    let text = crate::files::read_text(path, crate::files::LARGEST)
        .with_context(|| format!("the directory file {} cannot be read", path.display()))?;
    Directory::from_toml(&text).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        anyhow::anyhow!("the directory file {} has faults:\n{}", path.display(), list.join("\n"))
    })
}
