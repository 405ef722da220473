//! Somebody's terminal: a home folder of its own, and a server to talk to.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{PASSWORD, Server, command};

pub(crate) const OWNER: &str = "owner@acme.example";

/// A terminal whose commands keep what they keep in a folder that goes with it.
pub(crate) struct Terminal {
    home: TempDir,
    api: String,
}

/// What a command said, and how it ended.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) exit: Option<i32>,
}

impl Terminal {
    pub(crate) fn at(server: &Server) -> Self {
        Self::talking_to(&format!("http://127.0.0.1:{}", server.port()))
    }

    pub(crate) fn talking_to(api: &str) -> Self {
        Self { home: tempfile::tempdir().expect("a folder can be made"), api: api.to_owned() }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn api(&self) -> &str {
        &self.api
    }

    /// The binary with this home and, where it is not said otherwise, this server. No keyring of whoever runs the tests is touched.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&[("ERPMAX_API".to_owned(), self.api.clone())]);
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "DISPLAY", "WAYLAND_DISPLAY", "LC_ALL", "LC_MESSAGES", "LANG"]
        {
            command.env_remove(name);
        }
        command.env("HOME", self.home()).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").env("NO_COLOR", "1");
        command.args(arguments);
        command
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the binary starts")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "")
    }

    /// With something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = self.spawn(arguments);
        let mut stdin = child.stdin.take().expect("it has a standard input");
        // A command that refuses before it reads has hung up.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        ended(child)
    }

    /// A command that is to succeed; what it said.
    #[track_caller]
    pub(crate) fn must(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.exit, Some(0), "{arguments:?}: {}", said.err);
        said.out
    }

    /// The document that a command prints with --json.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.must(&[arguments, &["--json"]].concat());
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    pub(crate) fn register(&self) {
        let arguments = ["register", OWNER, "--name", "Acme Owner", "--company", "Acme Trading", "--password-stdin"];
        let said = self.run_with(&arguments, &format!("{PASSWORD}\n"));
        assert_eq!(said.exit, Some(0), "{}", said.err);
    }
}

pub(crate) fn ended(child: Child) -> Said {
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    Said { out: text(output.stdout), err: text(output.stderr), exit: output.status.code() }
}
