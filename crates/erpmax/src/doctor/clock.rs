//! Whether something keeps the machine's clock right.

use std::process::{Command, Stdio};

use super::Finding;

const ABOUT: &str = "time service";

/// What systemd says of it.
pub(super) fn kept() -> Finding {
    let mut command = Command::new("timedatectl");
    command.args(["show", "--property=NTPSynchronized", "--value"]).stdin(Stdio::null()).stderr(Stdio::null());
    let said = command.output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match said.as_deref() {
        Ok("yes") => Finding::good(ABOUT, "the clock is kept by NTP"),
        Ok("no") => Finding::doubtful(ABOUT, "the clock is not kept by NTP; install systemd-timesyncd or chrony"),
        _ => Finding::doubtful(ABOUT, "whether the clock is kept by NTP cannot be told here; see to it yourself"),
    }
}
