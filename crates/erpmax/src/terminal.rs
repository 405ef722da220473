//! Secrets from whoever sits at the terminal, or from standard input: never from an argument, which other users of the machine can
//! read.

use std::io::{BufRead, IsTerminal as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use crate::failure::Failure;

/// Whether somebody is there to answer.
pub(crate) fn is_at_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The first line of standard input; none if it is empty.
pub(crate) fn first_line() -> Result<Option<String>, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::unexpected)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()).filter(|line| !line.is_empty()))
}

/// Asks at the terminal, which shows nothing of the answer.
pub(crate) fn ask(question: &str) -> Result<Option<String>, Failure> {
    let mut stderr = std::io::stderr();
    stderr.write_all(question.as_bytes()).map_err(Failure::unexpected)?;
    let hidden = Hidden::begin()?;
    let answer = typed(std::io::stdin().lock());
    drop(hidden);
    stderr.write_all(b"\n").map_err(Failure::unexpected)?;
    Ok(Some(answer?).filter(|line| !line.is_empty()))
}

/// A terminal that shows nothing of what is typed and hands over each key, Ctrl-C among them, so that whatever ends the question
/// finds its way back to a terminal that shows what is typed.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> Result<Self, Failure> {
        let shown = tcgetattr(std::io::stdin()).map_err(Failure::unexpected)?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &hidden).map_err(Failure::unexpected)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing restored.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
    }
}

/// The line that is typed, key by key: Ctrl-C gives up, Ctrl-D ends, backspace and Ctrl-U take back.
fn typed(keys: impl BufRead) -> Result<String, Failure> {
    let mut line = Vec::new();
    for key in keys.bytes() {
        match key.map_err(Failure::unexpected)? {
            b'\n' | b'\r' | 0x04 => break,
            0x03 => return Err(Failure::Interrupted("Nothing was done.".to_owned())),
            0x15 => line.clear(),
            0x08 | 0x7f => while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            byte => line.push(byte),
        }
    }
    String::from_utf8(line).map_err(|_| Failure::wrong("what was typed is no text in UTF-8"))
}

/// Asks for what cannot be seen while it is typed, and once more; none if the first answer is empty. `what` is the two together.
pub(crate) fn ask_twice(question: &str, what: &str) -> Result<Option<String>, Failure> {
    let Some(first) = ask(question)? else { return Ok(None) };
    if ask("Once more: ")?.as_ref() == Some(&first) {
        Ok(Some(first))
    } else {
        Err(Failure::wrong(format!("the two {what} differ")))
    }
}

/// Asks at the terminal, which shows the answer.
pub(crate) fn ask_openly(question: &str) -> Result<Option<String>, Failure> {
    std::io::stderr().write_all(question.as_bytes()).map_err(Failure::unexpected)?;
    let line = first_line()?;
    Ok(line.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_is_not_part_of_the_answer() {
        let answer = |keys: &str| typed(keys.as_bytes()).expect("it is text");
        assert_eq!(answer("secret\nmore"), "secret");
        assert_eq!(answer("sé\u{7f}ecret\r"), "secret");
        assert_eq!(answer("wrong\u{15}right\u{4}"), "right");
        assert_eq!(answer("\u{7f}\n"), "");
    }

    #[test]
    fn ctrl_c_gives_up() {
        assert!(matches!(typed("secr\u{3}et\n".as_bytes()), Err(Failure::Interrupted(_))));
    }
}
