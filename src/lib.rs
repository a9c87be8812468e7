//! cmht-gateway: a FHIR R4 interoperability gateway for community mental health teams in England.
//! One ordered path for every message: intake, map, validate, consent, route, outbox, deliver; everything is audited.

pub mod app;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clocks;
pub mod config;
pub mod consent;
pub mod definitions;
pub mod deliver;
pub mod demo;
pub mod directory;
pub mod documents;
pub mod fhir;
pub mod files;
pub mod guide;
pub mod http;
pub mod intake;
pub mod map;
pub mod measures;
pub mod model;
pub mod outbox;
pub mod pipeline;
pub mod portal;
pub mod prove;
pub mod render;
pub mod route;
pub mod rule_file;
pub mod simulate;
pub mod store;
pub mod telemetry;
pub mod terminology_server;
pub mod validate;
pub mod workflow;
