//! Accounts: each command's output, errors and exit code; what is kept on disk; the second factor.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use erpmax_core::Clock;
use erpmax_core::auth::two_factor::totp::{Secret, step_at};
use serde_json::json;

use crate::support::{PASSWORD, Server, text};
use crate::terminal::{OWNER, Terminal};
use crate::transcript::Transcript;

#[tokio::test]
async fn an_account_is_opened_left_and_entered_again() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    let register = ["register", OWNER, "--name", "Acme Owner", "--company", "Acme Trading", "--password-stdin"];
    let password = format!("{PASSWORD}\n");
    Transcript::of(&terminal)
        .run(&["whoami"])
        .run(&["logout"])
        .run_with(&register, "short\n")
        .run_with(&[&register[..], &["--json"]].concat(), "short\n")
        .run_with(&register, "")
        .run(&["register", OWNER, "--name", "Acme Owner"])
        .run_with(&register, &password)
        .run(&["whoami"])
        .run(&["whoami", "--json"])
        .run_with(&register, &password)
        .run(&["logout"])
        .run(&["tenant", "list"])
        .run_with(&["login", OWNER, "--password-stdin"], "WrongPass123\n")
        .run(&["login", OWNER])
        .run_with(&["login", OWNER, "--password-stdin", "--json"], &password)
        .run_with(&["login", OWNER, "--password-stdin", "--quiet"], &password)
        .is("account");
}

#[tokio::test]
async fn no_token_and_no_password_is_readable_on_disk_or_printed() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let printed = terminal.must(&["whoami", "--json"]) + &terminal.run(&["login", OWNER]).err;
    let files = files_below(terminal.home());
    assert!(files.iter().any(|file| file.extension().is_some_and(|ending| ending == "tokens")), "{files:?}");
    for file in &files {
        let bytes = fs::read(file).expect("it can be read");
        for secret in ["eyJ", "ert_", PASSWORD, "access_token", "refresh_token"] {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{} holds {secret}", file.display());
            assert!(!printed.contains(secret), "{printed}");
        }
        let is_secret = file.to_string_lossy().contains(".tokens") && !file.to_string_lossy().ends_with(".lock");
        let mode = file.metadata().expect("it is there").permissions().mode() & 0o777;
        assert!(!is_secret || mode == 0o600, "{} {mode:o}", file.display());
    }
    terminal.must(&["logout"]);
    let left = files_below(terminal.home());
    assert!(left.iter().all(|file| !file.to_string_lossy().ends_with(".tokens")), "{left:?}");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("it can be read").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_second_factor_is_asked_for() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    terminal.must(&["logout"]);
    let signed_in = server.post("/auth/login", "", json!({"email": OWNER, "password": PASSWORD})).await;
    let codes = set_up_factor(&server, text(&signed_in, "access_token")).await;

    let login = ["login", OWNER, "--password-stdin"];
    let refused = terminal.run_with(&login, &format!("{PASSWORD}\n"));
    assert_eq!(refused.exit, Some(1));
    assert!(refused.err.contains("second factor") && refused.err.contains("--code"), "{}", refused.err);
    let wrong = terminal.run_with(&[&login[..], &["--code", "000000"]].concat(), &format!("{PASSWORD}\n"));
    assert_eq!(wrong.exit, Some(1), "{}", wrong.err);
    let right = terminal.run_with(&[&login[..], &["--code", &codes]].concat(), &format!("{PASSWORD}\n"));
    assert_eq!(right.exit, Some(0), "{}", right.err);
    assert!(terminal.must(&["whoami"]).contains(OWNER));
}

/// A recovery code of the new second factor.
async fn set_up_factor(server: &Server, token: &str) -> String {
    let begun = server.post("/auth/two-factor", token, json!({"password": PASSWORD})).await;
    let secret = Secret::from_text(text(&begun, "secret")).expect("a good secret");
    let code = secret.code(step_at(Clock::System.now())).expect("a code");
    let activated = server.post("/auth/two-factor/activate", token, json!({"code": code})).await;
    activated["recovery_codes"][0].as_str().expect("a code").to_owned()
}
