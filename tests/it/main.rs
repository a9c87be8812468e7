//! The integration tests, as one binary: less to link.

// a test that cannot go on should stop
#![allow(clippy::unwrap_used)]

mod audit_log;
mod bad_input;
mod bad_input_unit;
mod bars;
mod care_plans;
mod cli;
mod consent_case;
mod consent_documents;
mod consent_labels;
mod consent_properties;
mod consent_reduction;
mod consent_rules;
mod definitions;
mod delivery;
mod demo;
mod document_answers;
mod document_examples;
mod document_foreign;
mod document_letters;
mod document_not_ours;
mod document_round_trip;
mod document_schema;
mod documents;
mod fhirpath;
mod fhirpath_cases;
mod foreign_fixtures;
mod guide;
mod guide_codes;
mod kill;
mod leaf_accounting;
mod letters_read;
mod messages;
mod narrative;
mod portal;
mod referral_examples;
mod referral_foreign;
mod referral_round_trip;
mod referral_schema;
mod rendered;
mod rendered_hostile;
mod safety_plan_templates;
mod strategies;
mod support;
mod terminology_server;
mod ukcore_examples;
mod unmapped_consent;
mod validate_bundles;
mod validate_cli;
mod validate_definitions;
mod validate_questionnaires;
mod validate_references;
mod validate_types;
