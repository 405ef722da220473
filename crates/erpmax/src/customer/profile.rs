//! Profiles: which server somebody works with, remembered between commands. There is no secret in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use erpmax_client::store::{self, TokenStore};
use serde::{Deserialize, Serialize};

use super::args::Reach;
use crate::failure::Failure;

const NEAR: &str = "http://localhost:8000";

/// A server, and whose sign-in.
pub(super) struct Profile {
    pub(super) name: String,
    /// The server's address.
    pub(super) api: String,
    file: PathBuf,
    data: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    api: String,
}

impl Profile {
    /// What the command line says, else the environment, else what was remembered.
    pub(super) fn choose(reach: &Reach) -> Result<Self, Failure> {
        let name = reach.profile.clone().or_else(|| variable("ERPMAX_PROFILE")).unwrap_or_else(|| "default".to_owned());
        if !is_name(&name) {
            return Err(Failure::wrong(format!("--profile: `{name}` is no name; use letters, digits, - and _")));
        }
        let file = folder("XDG_CONFIG_HOME", ".config")?.join("profiles").join(format!("{name}.json"));
        let data = folder("XDG_DATA_HOME", ".local/share")?.join("profiles").join(&name);
        let api = match reach.api.clone().or_else(|| variable("ERPMAX_API")) {
            Some(api) => api,
            None => remembered(&file)?.unwrap_or_else(|| NEAR.to_owned()),
        };
        let api = api.trim().trim_end_matches('/');
        let api = api.strip_suffix("/api/v1").unwrap_or(api).to_owned();
        Ok(Self { name, api, file, data })
    }

    /// Uses this server from now on.
    pub(super) fn remember(&self) -> Result<(), Failure> {
        if remembered(&self.file).ok().flatten().as_ref() == Some(&self.api) {
            return Ok(());
        }
        let text = serde_json::to_string(&Remembered { api: self.api.clone() }).map_err(Failure::unexpected)?;
        write(&self.file, &text).map_err(|error| unusable(&self.file, "written", &error))
    }

    /// Where the sign-in is kept: the machine's keyring, or else a sealed file.
    pub(super) fn tokens(&self) -> Arc<dyn TokenStore> {
        let entry = match self.name.as_str() {
            "default" => self.api.clone(),
            name => format!("{}#{name}", self.api),
        };
        store::best(&entry, &self.data)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// A variable that says something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Our folder below one of the person's, which a variable may put elsewhere.
fn folder(variable_name: &str, usual: &str) -> Result<PathBuf, Failure> {
    let given = variable(variable_name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below_home = || variable("HOME").map(|home| PathBuf::from(home).join(usual));
    let base = given.or_else(below_home);
    let nowhere = || Failure::wrong(format!("there is no place to keep anything: set HOME or {variable_name}"));
    Ok(base.ok_or_else(nowhere)?.join("erpmax"))
}

fn remembered(file: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let read = serde_json::from_str::<Remembered>(&text);
            read.map(|remembered| Some(remembered.api)).map_err(|error| unusable(file, "read", &error))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(file, "read", &error)),
    }
}

/// Under another name first, so that another terminal never reads half of it.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let unfinished = file.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&unfinished, text)?;
    std::fs::rename(&unfinished, file)
}

fn unusable(file: &Path, what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::wrong(format!("{} cannot be {what}: {error}; put it right or remove it", file.display()))
}
