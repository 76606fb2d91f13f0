//! The record's interface and the documents' submission, asked over their routes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop at the first surprise")]

mod audit_events;
mod bad_input;
mod bundle;
mod clerks;
#[path = "../common/mod.rs"]
mod common;
mod conditional;
mod examples;
mod forms;
mod individual_number;
mod interference;
mod leaves;
mod lens;
mod log_and_metadata;
mod merge;
mod minors;
mod operations;
mod papers;
mod patch;
mod protected;
mod rest;
mod restrictions;
mod search;
mod sent;
mod standing;
mod submit;
mod summary;
mod write_faults;
