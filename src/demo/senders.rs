//! Those who send in the demonstration, each under its own credentials, and what they are answered. Knows the
//! gateway's address and nothing of its inside.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::fhir::Format;
use crate::model::DocumentKind;
use crate::pipeline::{MissingAnswer, RecipientAnswer};

/// Clients of the demonstration directory. Their secrets are public, and good for nothing else.
pub(super) const GP: &str = "demo-gp";
pub(super) const TRUST: &str = "lpt";
pub(super) const CHARITY: &str = "wellbeing-roots";
pub(super) const CLINIC: &str = "harbour-clinic";

/// The answer to a document, as far as it is shown.
pub(super) struct Told {
    pub(super) recipients: Vec<RecipientAnswer>,
    pub(super) missing: Vec<MissingAnswer>,
}

/// One HTTP client for all of them.
pub(super) struct Senders {
    client: reqwest::Client,
    base: String,
}

impl Senders {
    /// # Errors
    /// When the HTTP client cannot be made.
    pub(super) fn new(base: &str, patience: Duration) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(patience).build()?;
        Ok(Self { client, base: base.to_owned() })
    }

    /// A FHIR message to `$process-message`, and the response message.
    ///
    /// # Errors
    /// When it is not accepted.
    pub(super) async fn message(&self, sender: &str, message: &Value) -> anyhow::Result<Value> {
        self.post(sender, "fhir/$process-message", Format::Json.media_type(), message).await
    }

    /// A native document to `/documents/{kind}`.
    ///
    /// # Errors
    /// When it is not accepted.
    pub(super) async fn native(&self, sender: &str, kind: DocumentKind, document: &Value) -> anyhow::Result<Told> {
        self.document(sender, kind, "application/json", document).await
    }

    /// A document Bundle to the same place.
    ///
    /// # Errors
    /// When it is not accepted.
    pub(super) async fn fhir(&self, sender: &str, kind: DocumentKind, bundle: &Value) -> anyhow::Result<Told> {
        self.document(sender, kind, Format::Json.media_type(), bundle).await
    }

    /// A question to the gateway itself, and its answer.
    ///
    /// # Errors
    /// When it is not answered.
    pub(super) async fn ask(&self, sender: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.post(sender, path, "application/json", body).await
    }

    /// What the gateway answers to a look at an address.
    ///
    /// # Errors
    /// When it is not answered.
    pub(super) async fn read(&self, sender: &str, path: &str) -> anyhow::Result<Value> {
        let request =
            self.client.get(format!("{}/{path}", self.base)).basic_auth(sender, Some(format!("{sender}-secret")));
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// The Consents kept about a person, as the trust finds them; the number stands in no address.
    ///
    /// # Errors
    /// When they are not found.
    pub(super) async fn consents(&self, sender: &str, number: &str) -> anyhow::Result<Vec<Value>> {
        let request = self
            .client
            .post(format!("{}/fhir/Consent/_search", self.base))
            .basic_auth(sender, Some(format!("{sender}-secret")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("patient:identifier=https://fhir.nhs.uk/Id/nhs-number|{number}"));
        let found: Value = request.send().await?.error_for_status()?.json().await?;
        let entries = found["entry"].as_array().cloned().unwrap_or_default();
        Ok(entries.into_iter().map(|mut entry| entry["resource"].take()).collect())
    }

    /// Withdraws a Consent, of which this is the version that was read.
    ///
    /// # Errors
    /// When it is not taken.
    pub(super) async fn withdraw(&self, sender: &str, consent: &Value) -> anyhow::Result<()> {
        let mut consent = consent.clone();
        consent["status"] = "inactive".into();
        let id = consent["id"].as_str().context("a Consent without id")?;
        let version = consent["meta"]["versionId"].as_str().context("a Consent without version")?;
        let request = self
            .client
            .put(format!("{}/fhir/Consent/{id}", self.base))
            .basic_auth(sender, Some(format!("{sender}-secret")))
            .header("content-type", Format::Json.media_type())
            .header("if-match", format!("W/\"{version}\""))
            .body(consent.to_string());
        request.send().await?.error_for_status().context("the withdrawal was not taken")?;
        Ok(())
    }

    /// Replaces something by JSON.
    ///
    /// # Errors
    /// When it is not taken.
    pub(super) async fn put(&self, sender: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request =
            self.client.put(format!("{}/{path}", self.base)).basic_auth(sender, Some(format!("{sender}-secret")));
        let request = request.header("content-type", "application/json").body(body.to_string());
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Reads something as this media type.
    ///
    /// # Errors
    /// When it is not given.
    pub(super) async fn fetch(&self, sender: &str, path: &str, media_type: &str) -> anyhow::Result<Value> {
        let request =
            self.client.get(format!("{}/{path}", self.base)).basic_auth(sender, Some(format!("{sender}-secret")));
        Ok(request.header("accept", media_type).send().await?.error_for_status()?.json().await?)
    }

    /// Imports a directory made of a version of it, and gives status and answer, whatever they are.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) async fn import(
        &self,
        sender: &str,
        of_version: i64,
        media_type: &'static str,
        body: String,
    ) -> anyhow::Result<(u16, Value)> {
        let request =
            self.client.post(format!("{}/directory", self.base)).basic_auth(sender, Some(format!("{sender}-secret")));
        let request = request.header("content-type", media_type).header("if-match", format!("W/\"{of_version}\""));
        let answer = request.body(body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// The report to a person, as text.
    ///
    /// # Errors
    /// When it is not made.
    pub(super) async fn report(&self, sender: &str, number: &str) -> anyhow::Result<String> {
        let request = self
            .client
            .post(format!("{}/consent/report", self.base))
            .basic_auth(sender, Some(format!("{sender}-secret")))
            .header("content-type", "application/json")
            .header("accept", "text/plain")
            .body(serde_json::json!({"person": number}).to_string());
        Ok(request.send().await?.error_for_status().context("the report was not made")?.text().await?)
    }

    async fn document(&self, sender: &str, kind: DocumentKind, media: &str, body: &Value) -> anyhow::Result<Told> {
        let mut answer = self.post(sender, &format!("documents/{}", kind.code()), media, body).await?;
        Ok(Told {
            recipients: serde_json::from_value(answer["recipients"].take()).context("the answer's recipients")?,
            missing: serde_json::from_value(answer["missing"].take()).context("the answer's missing items")?,
        })
    }

    async fn post(&self, sender: &str, path: &str, media: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self
            .client
            .post(format!("{}/{path}", self.base))
            .basic_auth(sender, Some(format!("{sender}-secret")))
            .header("content-type", media)
            .body(body.to_string());
        let response = request.send().await.with_context(|| format!("{path} could not be reached"))?;
        let status = response.status();
        let answer: Value =
            response.json().await.with_context(|| format!("{path} was answered with something unreadable"))?;
        ensure!(status.is_success(), "{path} was answered with {status}: {answer}");
        Ok(answer)
    }
}
