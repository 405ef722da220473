//! The demonstration: the whole journey, and nothing of it left.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::terminal::{Terminal, ended};

/// It ends by itself where nobody can press Enter.
#[test]
fn the_journey_is_played_in_under_a_minute_and_leaves_nothing() {
    let began = Instant::now();
    let terminal = Terminal::talking_to("http://127.0.0.1:1");
    let said = terminal.run(&["demo"]);
    assert_eq!(said.exit, Some(0), "{}{}", said.out, said.err);
    assert!(began.elapsed() < Duration::from_secs(60));
    for part in
        ["A sandbox", "100 %", "sso.login?token=", "/invitation?token=", "is user of Acme Trading", "--profile demo"]
    {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
    let folder = said.out.split("on this machine, in ").nth(1).and_then(|rest| rest.lines().next()).expect("a folder");
    assert!(folder.contains("erpmax-demo-") && !Path::new(folder).exists(), "{folder}");
}

#[test]
fn somebody_goes_on_from_another_terminal_until_ctrl_c() {
    let terminal = Terminal::talking_to("http://127.0.0.1:1");
    let mut demo = terminal.spawn(&["demo", "--json"]);
    let lines = BufReader::new(demo.stdout.take().expect("it has an output")).lines();
    let mut documents = lines.map(|line| serde_json::from_str::<Value>(&line.expect("text")).expect("JSON"));
    let last = documents.find(|document| document["login"].is_string()).expect("it tells how to go on");
    let (login, password) = (last["login"].as_str().expect("text"), last["password"].as_str().expect("text"));
    let mut arguments: Vec<_> = login.split(' ').skip(1).collect();
    arguments.push("--password-stdin");
    let said = terminal.run_with(&arguments, &format!("{password}\n"));
    assert_eq!(said.exit, Some(0), "{}", said.err);
    assert!(
        terminal
            .must(&["user", "list", "--profile", "demo", "--api", last["api"].as_str().expect("text")])
            .contains("accountant@")
    );
    kill_process(Pid::from_child(&demo), Signal::INT).expect("it runs");
    assert_eq!(ended(demo).exit, Some(0));
    assert!(!Path::new(last["folder"].as_str().expect("text")).exists());
}
