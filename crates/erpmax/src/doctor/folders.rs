//! The folders: who may read them, and how much room is left.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Finding;
use crate::backup::folder_of;
use crate::configuration::Configuration;
use crate::data::DataFolder;

const MEBIBYTE: u64 = 1024 * 1024;
/// Below this a database stops before anybody is awake.
const TOO_LITTLE: u64 = 256 * MEBIBYTE;
const LITTLE: u64 = 2048 * MEBIBYTE;

/// Whether others may look into the data folder.
pub(super) fn privacy(folder: &Path) -> Finding {
    let about = "data folder";
    let shown = folder.display();
    match folder.metadata().map(|metadata| metadata.permissions().mode() & 0o077) {
        Ok(0) => Finding::good(about, format!("{shown}, for its owner alone")),
        Ok(_) => Finding::doubtful(about, format!("others may look into {shown}; run `chmod 700 {shown}`")),
        Err(error) => Finding::bad(about, format!("{shown} cannot be looked at: {error}")),
    }
}

/// The room that is left where we write.
pub(super) fn space(configuration: &Configuration, folder: &DataFolder) -> Vec<Finding> {
    let backups = folder_of(configuration, folder);
    let mut findings = vec![space_in("disk", folder.path())];
    if backups.is_dir() && !backups.starts_with(folder.path()) {
        findings.push(space_in("backups' disk", &backups));
    }
    findings
}

fn space_in(about: &'static str, folder: &Path) -> Finding {
    let shown = folder.display();
    let free = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Finding::bad(about, format!("the disk of {shown} cannot be looked at: {error}")),
    };
    judge(about, free, &format!("{} MiB are free in {shown}", free / MEBIBYTE))
}

fn judge(about: &'static str, free: u64, sentence: &str) -> Finding {
    if free < TOO_LITTLE {
        Finding::bad(about, format!("{sentence}; make room now"))
    } else if free < LITTLE {
        Finding::doubtful(about, format!("{sentence}; make room soon"))
    } else {
        Finding::good(about, sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_disk_is_judged_by_what_is_left() {
        for (free, verdict) in [(0, Verdict::Bad), (512, Verdict::Doubtful), (4096, Verdict::Good)] {
            assert!(judge("disk", free * MEBIBYTE, "").verdict == verdict, "{free} MiB");
        }
    }
}
