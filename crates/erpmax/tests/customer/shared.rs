//! Several terminals, profiles and servers.

use crate::support::{PASSWORD, Server};
use crate::terminal::{OWNER, Terminal, ended};

#[tokio::test]
async fn two_processes_share_one_sign_in_even_while_its_tokens_run_out() {
    // Access tokens that are good for seconds have to be refreshed by whoever comes first.
    let server = Server::start(&[("AUTH__ACCESS_SECONDS", "4")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(4_100));
        let asked: Vec<_> = (0..4).map(|_| terminal.spawn(&["whoami"])).collect();
        for child in asked {
            let said = ended(child);
            assert_eq!(said.exit, Some(0), "{}", said.err);
        }
    }
    terminal.must(&["logout"]);
    assert_eq!(terminal.run(&["whoami"]).exit, Some(1));
}

#[tokio::test]
async fn profiles_are_apart_and_remember_their_server() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let work = ["--profile", "work"];
    assert_eq!(terminal.run(&[&["whoami"][..], &work].concat()).exit, Some(1));
    let login = [&["login", OWNER, "--password-stdin"][..], &work].concat();
    assert_eq!(terminal.run_with(&login, &format!("{PASSWORD}\n")).exit, Some(0));
    terminal.must(&["logout"]);
    assert_eq!(terminal.run(&["whoami"]).exit, Some(1));

    let without_address = || {
        let mut command = terminal.command(&["whoami", "--json"]);
        command.env_remove("ERPMAX_API").env("ERPMAX_PROFILE", "work");
        command.output().expect("the binary starts")
    };
    let output = without_address();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains(terminal.api()), "{told}");
}

#[tokio::test]
async fn a_script_signs_in_with_variables_alone() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    terminal.must(&["logout"]);
    let output = terminal.command(&["login", OWNER]).env("ERPMAX_PASSWORD", PASSWORD).output();
    let output = output.expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let refused = terminal.run(&["login", OWNER, "--password", PASSWORD]);
    assert_eq!(refused.exit, Some(2), "{}", refused.out);
}
