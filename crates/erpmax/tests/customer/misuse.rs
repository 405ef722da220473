//! Wrong use, and servers that are not there: a sentence, what to do, and the exit code.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Value;

use crate::support::Server;
use crate::terminal::Terminal;
use crate::transcript::Transcript;

#[test]
fn wrong_use_is_told_with_exit_code_2() {
    let terminal = Terminal::talking_to("http://127.0.0.1:1");
    Transcript::of(&terminal)
        .run(&["tenant", "frob"])
        .run(&["tenant", "set", "timezone"])
        .run(&["tenant", "show", "--json", "--nonsense"])
        .run(&["whoami", "--profile", "../else"])
        .run(&["whoami", "--api", "not an address"])
        .run(&["doctor", "--api", "http://localhost:8000"])
        .run(&["site", "delete", "--password"])
        .is("misuse");
}

#[test]
fn a_server_that_is_not_there_is_told_with_exit_code_3() {
    let terminal = Terminal::talking_to("http://127.0.0.1:1");
    let said = terminal.run(&["plan", "list"]);
    assert_eq!((said.exit, said.out.as_str()), (Some(3), ""));
    assert!(said.err.starts_with("error: the server cannot be reached: "), "{}", said.err);
    assert!(said.err.contains("\nIs ERPMax running there? Another address is given with --api"), "{}", said.err);
    let said = terminal.run(&["plan", "list", "--json"]);
    let document: Value = serde_json::from_str(&said.err).expect("JSON on standard error");
    assert!(document["next"].as_str().is_some_and(|next| next.contains("--api")), "{document}");
}

#[test]
fn another_programs_server_is_told_with_exit_code_3_and_cannot_command_the_terminal() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let terminal = Terminal::talking_to(&format!("http://{}", listener.local_addr().expect("an address")));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4_096]);
            let body = "{\"status\":\"error\",\"error\":{\"code\":\"x\",\"message\":\"\\u001b]0;gotcha\\u0007no\"}}";
            let head =
                format!("HTTP/1.1 400 Bad\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
            let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes());
        }
    });
    let said = terminal.run(&["plan", "list"]);
    assert_eq!(said.exit, Some(1), "{}", said.err);
    assert!(said.err.contains("gotcha") && !said.err.contains('\u{1b}'), "{:?}", said.err);
}

#[tokio::test]
async fn languages_follow_the_terminal() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    let output = terminal.command(&["tenant", "list"]).env("LANG", "uk_UA.UTF-8").output().expect("it starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.chars().any(|letter| ('а'..='я').contains(&letter)), "{told}");
    assert_eq!(output.status.code(), Some(1));
}
