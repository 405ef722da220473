//! The configuration: defaults, then a file, then the environment, then the command line.

mod check;
mod mail;
mod production;
mod sections;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Config, Environment as EnvironmentSource, File, FileFormat};

use crate::failure::Failure;

pub(crate) use sections::{Configuration, LogFormat};

/// Every key with its default.
pub(crate) const DEFAULTS: &str = include_str!("../../config.default.toml");

const PREFIX: &str = "ERPMAX_";
/// Variables with our prefix that are not keys.
const NOT_KEYS: &[&str] = &[
    "ERPMAX_API",
    "ERPMAX_BACKUP_PASSPHRASE",
    "ERPMAX_BIN",
    "ERPMAX_CONFIG",
    "ERPMAX_PASSWORD",
    "ERPMAX_PROFILE",
    "ERPMAX_PROVE",
    "ERPMAX_TEST_",
    "ERPMAX_TO_URL",
];
/// Keys whose variables are text whatever they look like: a password of digits stays as it is.
const TEXTS: &[&str] = &["mail.username", "mail.password"];
const LISTS: &[&str] = &[
    "listen",
    "hosts",
    "trusted_proxies",
    "cors.origins",
    "billing.return_urls",
    "billing.reminder_days",
    "billing.warning_days",
    "operator.allowed_networks",
];

/// What the command line says.
#[derive(Default)]
pub(crate) struct Overrides {
    pub(crate) data: Option<PathBuf>,
    pub(crate) listen: Vec<String>,
}

/// What the configuration is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Letting people in: production refuses here what would harm them.
    Serving,
    /// Looking after an installation, also to mend what production refuses.
    Tending,
}

/// Reads and checks the configuration.
pub(crate) fn load(file: Option<&Path>, overrides: &Overrides, purpose: Purpose) -> Result<Configuration, Failure> {
    let configuration = read(file, overrides)?;
    let complaints = check::complaints(&configuration, purpose);
    if complaints.is_empty() {
        return Ok(configuration);
    }
    let lines: Vec<String> = complaints.iter().map(|complaint| format!("  {complaint}")).collect();
    Err(Failure::wrong(format!("the configuration cannot be used:\n{}", lines.join("\n"))))
}

fn read(file: Option<&Path>, overrides: &Overrides) -> Result<Configuration, Failure> {
    let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::wrong(format!("the configuration file {} cannot be read: {error}", path.display()))
        })?;
        builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
    }
    let mut environment = EnvironmentSource::with_prefix("ERPMAX")
        .separator("__")
        .prefix_separator("_")
        .try_parsing(true)
        .list_separator(",");
    for key in LISTS {
        environment = environment.with_list_parse_key(key);
    }
    let variables: HashMap<String, String> = std::env::vars().filter(|(name, _)| is_key(name)).collect();
    builder = builder.add_source(environment.source(Some(variables)));
    for key in TEXTS {
        let variable = format!("{PREFIX}{}", key.replace('.', "__").to_uppercase());
        if let Ok(text) = std::env::var(variable) {
            builder = builder.set_override(*key, text).map_err(Failure::unexpected)?;
        }
    }
    if let Some(data) = &overrides.data {
        builder = builder.set_override("data", data.to_string_lossy().into_owned()).map_err(Failure::unexpected)?;
    }
    if !overrides.listen.is_empty() {
        builder = builder.set_override("listen", overrides.listen.clone()).map_err(Failure::unexpected)?;
    }
    let origin = file.map_or_else(String::new, |path| format!(" ({})", path.display()));
    let explain = |error| Failure::wrong(format!("the configuration{origin} cannot be read: {error}"));
    builder.build().and_then(Config::try_deserialize).map_err(explain)
}

fn is_key(name: &str) -> bool {
    name.starts_with(PREFIX) && !NOT_KEYS.iter().any(|other| name.starts_with(other))
}
