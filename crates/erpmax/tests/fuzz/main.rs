//! The OpenAPI document is taken at its word: Schemathesis makes requests that it allows and requests that it forbids and looks
//! whether each answer is one that the document knows. What it knows of a customer is in `hooks.py`.
#![expect(clippy::print_stdout, reason = "a proof tells its numbers")]

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use support::{Server, is_full_proof, python_program};

/// Nothing that is limited stands in the fuzzer's way, and sites are made quickly.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("AUTH__LOGIN_FAILURES", "1000000"),
    ("AUTH__LOGIN_FAILURES_PER_ADDRESS", "1000000"),
    ("AUTH__LOGIN_FAILURES_PER_ACCOUNT", "1000000"),
    ("SANDBOX__STEP_MILLISECONDS", "10"),
];

/// For how long requests are made.
fn seconds() -> u32 {
    match std::env::var("ERPMAX_TEST_DATABASE").as_deref() {
        _ if is_full_proof() => 600,
        Ok("postgres") => 30,
        _ => 60,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

fn fuzzer(server: &Server, outcome: &Path) -> Command {
    let origin = format!("http://127.0.0.1:{}", server.port());
    let mut command = Command::new(python_program("st"));
    command.arg("--config-file").arg(folder().join("schemathesis.toml"));
    command.args(["run", &format!("{origin}/openapi.json"), "--max-time", &seconds().to_string()]);
    command.env("SCHEMATHESIS_HOOKS", "hooks").env("PYTHONPATH", folder()).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("ERPMAX_FUZZ_API", format!("{origin}/api/v1")).env("ERPMAX_FUZZ_OUTCOME", outcome);
    // It would keep notes of earlier runs in the folder that it runs in.
    command.current_dir(outcome.parent().expect("a folder"));
    command
}

/// How many operations a list of the outcome has.
fn count(outcome: &Value, list: &str) -> usize {
    outcome[list].as_array().expect("a list").len()
}

/// How many answers had a status for which `wanted` holds.
fn answers(outcome: &Value, wanted: impl Fn(u16) -> bool) -> u64 {
    let statuses = outcome["statuses"].as_object().expect("an object").iter();
    let wanted = statuses.filter(|(status, _)| wanted(status.parse().expect("a status")));
    wanted.filter_map(|(_, count)| count.as_u64()).sum()
}

#[tokio::test]
async fn whatever_is_asked_the_answer_is_one_that_the_document_knows() {
    let server = Server::start(&ENVIRONMENT).await;
    let place = tempfile::tempdir().expect("a folder can be made");
    let file = place.path().join("outcome.json");
    let status = fuzzer(&server, &file).status().expect("the fuzzer starts");
    assert!(status.success(), "the fuzzer found something: {status}");
    let outcome = std::fs::read(&file).expect("the fuzzer writes its outcome");
    let outcome: Value = serde_json::from_slice(&outcome).expect("the outcome is JSON");
    let (tried, carried_out) = (count(&outcome, "tried"), count(&outcome, "carried_out"));
    assert_eq!(answers(&outcome, |status| status >= 500), 0, "{outcome}");
    assert!(carried_out * 3 > tried, "the fuzzer does not get far: {outcome}");
    let log = server.log();
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    println!(
        "proof: {} requests to {tried} operations, {carried_out} of them carried out at least once; every answer is one that \
         the document knows, none is 5xx",
        answers(&outcome, |_| true),
    );
}
