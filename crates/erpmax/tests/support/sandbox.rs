//! What lies in the folder of the sandbox.

use std::path::Path;

use super::Server;

const TEMPORARY: &[&str] = &[".building", ".removing", ".part"];

impl Server {
    /// What only a job under way may leave: half-built and half-removed sites, unfinished archives.
    pub fn leftovers(&self) -> Vec<String> {
        let is_temporary = |path: &String| TEMPORARY.iter().any(|ending| path.ends_with(ending));
        let (sites, archives) = (self.sites(), self.archives());
        sites.into_iter().chain(archives).filter(is_temporary).collect()
    }

    /// The sites, whole or not.
    pub fn sites(&self) -> Vec<String> {
        names(&self.folder().join("sandbox/sites"))
    }

    /// The archives of all sites, as `site/archive`.
    pub fn archives(&self) -> Vec<String> {
        let backups = self.folder().join("sandbox/backups");
        let of_site = |site: String| {
            let archives = names(&backups.join(&site));
            archives.into_iter().map(move |archive| format!("{site}/{archive}"))
        };
        names(&backups).into_iter().flat_map(of_site).collect()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
