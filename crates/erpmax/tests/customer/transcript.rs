//! What a terminal shows, held against a text that was read and found good.
//!
//! `ERPMAX_TEST_WRITE=1` writes the texts anew; the difference is to be read before it is committed.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::terminal::{Said, Terminal};

/// Commands with what they said.
pub(crate) struct Transcript<'a> {
    terminal: &'a Terminal,
    text: String,
}

impl<'a> Transcript<'a> {
    pub(crate) fn of(terminal: &'a Terminal) -> Self {
        Self { terminal, text: String::new() }
    }

    pub(crate) fn run(&mut self, arguments: &[&str]) -> &mut Self {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&mut self, arguments: &[&str], input: &str) -> &mut Self {
        let said = self.terminal.run_with(arguments, input);
        let quoted =
            |argument: &&str| if argument.contains(' ') { format!("\"{argument}\"") } else { (*argument).to_owned() };
        let line: Vec<_> = arguments.iter().map(quoted).collect();
        self.note(&line.join(" "), &said);
        self
    }

    fn note(&mut self, line: &str, said: &Said) {
        let _ = writeln!(self.text, "$ erpmax {line}\n{}", said.out.trim_end());
        if !said.err.is_empty() {
            let _ = writeln!(self.text, "[stderr]\n{}", said.err.trim_end());
        }
        let _ = writeln!(self.text, "[exit {}]\n", said.exit.unwrap_or(-1));
    }

    /// Holds all of it against `expected/{name}.txt`.
    #[track_caller]
    pub(crate) fn is(&self, name: &str) {
        let text = redacted(&self.text, self.terminal);
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/customer/expected/{name}.txt"));
        if std::env::var_os("ERPMAX_TEST_WRITE").is_some() {
            std::fs::write(&file, &text).expect("it can be written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        let differs = text.lines().zip(expected.lines()).find(|(line, expected)| line != expected);
        assert_eq!(text, expected, "{} differs, first in {differs:?}", file.display());
    }
}

/// Without what is another one each time.
fn redacted(text: &str, terminal: &Terminal) -> String {
    let port = terminal.api().rsplit(':').next().unwrap_or_default();
    let text = text.replace(port, "8000").replace(&terminal.home().display().to_string(), "~");
    text.lines().map(|line| redacted_line(line) + "\n").collect()
}

fn redacted_line(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let (length, shown) = match () {
            () if is_like(rest, ID) => (ID.len(), "ID.................................."),
            () if is_like(rest, EXACTLY) => (EXACTLY.len(), "TIME"),
            () if is_like(rest, MINUTE) => (MINUTE.len(), "YYYY-MM-DD HH:MM"),
            () if is_like(rest, DAY) => (DAY.len(), "YYYY-MM-DD"),
            () if rest.starts_with("token=") => (rest.find([' ', '"']).unwrap_or(rest.len()), "token=TOKEN"),
            () if rest.starts_with("token\":\"") => (8 + rest[8..].find('"').unwrap_or(0), "token\":\"TOKEN"),
            () => {
                text.push(character);
                rest = &rest[character.len_utf8()..];
                continue;
            }
        };
        text.push_str(shown);
        rest = &rest[length..];
    }
    text
}

/// x is a hexadecimal digit, 0 a decimal one; everything else is itself.
const ID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
const EXACTLY: &str = "0000-00-00T00:00:00.000000Z";
const MINUTE: &str = "0000-00-00 00:00";
const DAY: &str = "0000-00-00";

fn is_like(text: &str, shape: &str) -> bool {
    let fits = |(found, wanted): (char, char)| match wanted {
        'x' => found.is_ascii_hexdigit(),
        '0' => found.is_ascii_digit(),
        other => found == other,
    };
    text.len() >= shape.len() && text.chars().zip(shape.chars()).all(fits)
}
