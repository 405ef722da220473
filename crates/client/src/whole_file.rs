//! Files that are there whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Replaces a file, under another name first: nobody reads half of it, and nobody but its owner (0600) reads it at all.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = file.to_owned().into_os_string();
    unfinished.push(format!(".{}.new", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    remove(&unfinished)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(&unfinished)?;
    opened.write_all(bytes).and_then(|()| opened.sync_all())?;
    fs::rename(&unfinished, file)
}

/// Removes a file; one that is not there is as good as removed.
pub(crate) fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
