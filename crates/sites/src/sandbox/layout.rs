//! Where everything of a sandbox lies.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use erpmax_types::JobId;
use erpmax_types::site_name::SiteName;

use super::files;

const BUILDING: &str = ".building";
const REMOVING: &str = ".removing";
const PART: &str = ".part";

/// The sandbox's folder. Names made from a job's id hold a `.`, which no site's name does, so the two never meet.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The folder of all sites.
    pub(super) fn sites(&self) -> PathBuf {
        self.root.join("sites")
    }

    /// A finished site.
    pub(super) fn site(&self, name: &SiteName) -> PathBuf {
        self.sites().join(name.as_str())
    }

    /// The site that a job builds.
    pub(super) fn building(&self, job: JobId) -> PathBuf {
        self.sites().join(format!("j-{job}{BUILDING}"))
    }

    /// The site that a job removes.
    pub(super) fn removing(&self, job: JobId) -> PathBuf {
        self.sites().join(format!("j-{job}{REMOVING}"))
    }

    /// The folder of a site's archives.
    pub(super) fn backups(&self, name: &SiteName) -> PathBuf {
        self.root.join("backups").join(name.as_str())
    }

    /// A finished archive.
    pub(super) fn archive(&self, name: &SiteName, job: JobId) -> PathBuf {
        self.backups(name).join(format!("{job}.tar.gz"))
    }

    /// An archive being written.
    pub(super) fn archive_part(&self, name: &SiteName, job: JobId) -> PathBuf {
        self.backups(name).join(format!("{job}.tar.gz{PART}"))
    }

    /// A path as it is told outside: relative to the sandbox's folder.
    pub(super) fn told(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// Waits for the one lock over all file work, also against other processes; dropping the file lets go of it.
    pub(super) fn lock(&self) -> io::Result<File> {
        fs::create_dir_all(self.sites())?;
        let file = File::create(self.root.join("lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// All half-built sites.
    pub(super) fn buildings(&self) -> io::Result<Vec<PathBuf>> {
        Ok(ending_with(files::entries(&self.sites())?, &[BUILDING]))
    }

    /// Everything that only a job under way may have left.
    pub(super) fn leftovers(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = ending_with(files::entries(&self.sites())?, &[BUILDING, REMOVING]);
        for folder in files::entries(&self.root.join("backups"))? {
            found.extend(ending_with(files::entries(&folder)?, &[PART]));
        }
        Ok(found)
    }
}

fn ending_with(paths: Vec<PathBuf>, endings: &[&str]) -> Vec<PathBuf> {
    let ends = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        endings.iter().any(|ending| name.ends_with(ending))
    };
    paths.into_iter().filter(ends).collect()
}
