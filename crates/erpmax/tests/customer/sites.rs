//! The site and what is done to it: in a pipe, with Ctrl-C, after failures.

use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::time::Duration;

use data_encoding::HEXLOWER;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Server, until};
use crate::terminal::{Said, Terminal, ended};
use crate::transcript::Transcript;

/// Slow enough that no step is missed, whatever the machine does.
const SLOW: (&str, &str) = ("SANDBOX__STEP_MILLISECONDS", "400");

#[tokio::test]
async fn a_site_is_built_backed_up_entered_and_deleted_in_a_pipe() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "1")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    Transcript::of(&terminal)
        .run(&["site", "open"])
        .run(&["site", "delete", "--yes"])
        .run(&["job", "list"])
        .run(&["job", "show"])
        .run(&["job", "watch"])
        .run(&["job", "cancel"])
        .run(&["site", "create", "--quiet"])
        .run(&["site", "create"])
        .run(&["tenant", "show"])
        .run(&["site", "open"])
        .run(&["site", "open", "--json"])
        .run(&["job", "list"])
        .run(&["job", "show"])
        .run(&["job", "show", "--json"])
        .run(&["job", "retry"])
        .run(&["job", "show", "nonsense"])
        .run(&["job", "show", "01999999-0000-7000-8000-000000000000"])
        .run(&["notification", "list"])
        .run(&["site", "delete"])
        .run(&["site", "delete", "--yes", "--quiet"])
        .run(&["tenant", "show"])
        .is("site");
}

#[tokio::test]
async fn progress_is_plain_lines_in_a_pipe_and_documents_for_programs() {
    let server = Server::start(&[SLOW]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let out = terminal.must(&["site", "create"]);
    let lines: Vec<_> = out.lines().collect();
    assert!(!out.contains(['\u{1b}', '\r']), "{out:?}");
    assert!(lines.iter().any(|line| line.contains(" %  0:0") && line.ends_with("Installing ERPNext…")), "{out}");
    assert!(lines.iter().any(|line| line.contains(" of about 0:")), "{out}");
    assert_eq!(lines.last(), Some(&"The site is ready. Open it: erpmax site open"));

    let backed_up = terminal.must(&["site", "backup", "--json"]);
    let jobs: Vec<Value> = backed_up.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(jobs.last().expect("a line")["status"], "completed", "{backed_up}");
    assert!(jobs.len() > 1 && jobs.iter().all(|job| job["id"] == jobs[0]["id"]), "{backed_up}");
}

#[tokio::test]
async fn archives_are_listed_fetched_once_more_and_never_written_over_a_file() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "1")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    terminal.must(&["site", "create", "--quiet"]);
    let file = terminal.home().join("acme.tar.gz").display().to_string();
    Transcript::of(&terminal).run(&["site", "backups"]).run(&["site", "download"]).is("archives_none");
    terminal.must(&["site", "backup", "--quiet"]);
    let said = terminal.must(&["site", "download", "--to", &file]);
    assert!(said.ends_with("B), whole and checked.\n") && said.starts_with(&file), "{said}");
    Transcript::of(&terminal)
        .run(&["site", "download", "--to", &file])
        .run(&["site", "download", "--to", "/nowhere/acme.tar.gz"])
        .run(&["site", "download", "01999999-0000-7000-8000-000000000000"])
        .is("archives");
    let listed = terminal.json(&["site", "backups"]);
    let fetched = std::fs::read(&file).expect("it is there");
    assert_eq!(listed["backups"][0]["bytes"], fetched.len());
    assert_eq!(listed["backups"][0]["sha256"], HEXLOWER.encode(&Sha256::digest(&fetched)));
    assert!(listed["backups"].as_array().is_some_and(|backups| backups.len() == 1), "{listed}");
}

#[tokio::test]
async fn ctrl_c_leaves_the_job_running_and_says_how_to_watch_it_again() {
    let server = Server::start(&[SLOW]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let mut watching = terminal.spawn(&["site", "create"]);
    wait_for_line(&mut watching);
    let said = interrupted(watching);
    assert_eq!(said.exit, Some(130), "{}", said.err);
    let again = said.err.trim_end().rsplit("erpmax ").next().expect("a command").to_owned();
    assert!(said.err.starts_with("The job goes on without you.") && again.starts_with("job watch "), "{}", said.err);
    let under_way = terminal.json(&["job", "show"]);
    assert_ne!(under_way["status"], "failed", "{under_way}");
    let watched = terminal.must(&again.split(' ').collect::<Vec<_>>());
    assert!(watched.contains("The site is ready."), "{watched}");
}

/// Waits for the first line, and lets the rest of them go.
fn wait_for_line(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().expect("it has an output")).lines();
    lines.next().expect("there is a line").expect("it is text");
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
}

fn interrupted(child: Child) -> Said {
    kill_process(Pid::from_child(&child), Signal::INT).expect("it runs");
    ended(child)
}

#[tokio::test]
async fn a_failed_job_is_told_and_tried_again_and_a_running_one_is_cancelled() {
    let server = Server::start(&[SLOW, ("SANDBOX__FAIL_AT", "apps"), ("SANDBOX__FAIL_ATTEMPTS", "1")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let failed = terminal.run(&["site", "create"]);
    assert_eq!(failed.exit, Some(1), "{}", failed.out);
    assert!(failed.err.starts_with("error: The job failed: "), "{}", failed.err);
    assert!(failed.err.contains("\nTry again: erpmax job retry "), "{}", failed.err);
    assert!(terminal.must(&["job", "list"]).contains("failed"));
    let detached = terminal.json(&["job", "retry", "--detach"]);
    assert_eq!(detached["attempt"], 2, "{detached}");
    assert!(terminal.must(&["job", "cancel"]).contains("is being stopped"));
    let ended = terminal.run(&["job", "watch"]);
    assert_eq!(ended.exit, Some(1), "{}", ended.out);
    assert!(ended.err.to_lowercase().contains("cancel"), "{}", ended.err);
}

#[tokio::test]
async fn messages_are_followed_until_ctrl_c() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "1")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let mut following = terminal.spawn(&["notification", "follow", "--json"]);
    let mut lines = BufReader::new(following.stdout.take().expect("it has an output")).lines();
    let first = tokio::task::spawn_blocking(move || lines.next());
    // It may not be connected yet when the first thing happens.
    until("a message", Duration::from_secs(30), async || {
        terminal.must(&["user", "invite", "accountant@acme.example"]);
        terminal.run(&["site", "create", "--quiet"]);
        terminal.run(&["site", "backup", "--quiet"]);
        first.is_finished().then_some(())
    })
    .await;
    let line = first.await.expect("no panic").expect("a line").expect("text");
    let message: Value = serde_json::from_str(&line).expect("JSON");
    assert!(message["title"].is_string(), "{message}");
    assert_eq!(interrupted(following).exit, Some(0));
}
