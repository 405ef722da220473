//! `erpmax restore`: an installation out of a backup, whole or not at all.

mod postgres;
mod sqlite;

use std::fs;
use std::path::{Path, PathBuf};

use erpmax_core::secrets::check_fits;
use erpmax_core::{Clock, MasterKey};
use erpmax_store::Store;
use serde_json::json;

use super::archive::{self, KEYRING};
use super::manifest::{Kind, Manifest, stamp};
use super::passphrase;
use crate::args::RestoreArgs;
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::key_file;
use crate::printer::Printer;

/// Restores a backup where there is nothing, or in the place of what is moved aside.
pub(crate) fn run(args: &RestoreArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    let manifest = archive::manifest(&args.file)?;
    refuse_unfit(&configuration, &args.file, &manifest)?;
    archive::check_sums(&args.file)?;
    let passphrase = passphrase::for_reading(&configuration, args.passphrase, &args.file)?;
    archive::check_passphrase(&args.file, passphrase.as_deref())?;
    let folder = DataFolder::take(&configuration)?;
    let keyring = Keyring::read(args, passphrase.as_deref(), folder.master_key_path(&configuration))?;
    let restoring = Restoring {
        file: &args.file,
        manifest: &manifest,
        passphrase,
        folder: &folder,
        url: folder.database_url(&configuration),
        keyring,
        aside: args.replace.then(|| stamp(Clock::System.now())),
    };
    let aside = crate::runtime()?.block_on(restoring.run())?;
    report(&manifest, aside.as_deref(), printer);
    Ok(())
}

/// Another kind of database, or one of a later version, is told before anything is read or made.
fn refuse_unfit(configuration: &Configuration, file: &Path, manifest: &Manifest) -> Result<(), Failure> {
    let url = configuration.database.url.as_str();
    let here = if url.is_empty() { Kind::Sqlite } else { Kind::of(url) };
    if here != manifest.database {
        let (there, here) = (manifest.database.name(), here.name());
        return Err(Failure::wrong(format!(
            "the backup {} is of {there}, and database.url names {here}; restore it to {there} first (`erpmax database copy` \
             moves from SQLite to PostgreSQL)",
            file.display()
        )));
    }
    if manifest.schema > erpmax_store::schema::newest() {
        return Err(Failure::wrong(format!(
            "the backup {} was written by a newer version (migration {}, ERPMax {}); restore it with that version",
            file.display(),
            manifest.schema,
            manifest.erpmax
        )));
    }
    Ok(())
}

/// What is needed to restore, once everything that can be refused has been.
struct Restoring<'a> {
    file: &'a Path,
    manifest: &'a Manifest,
    passphrase: Option<String>,
    folder: &'a DataFolder,
    url: String,
    keyring: Keyring,
    /// What the names of things moved aside end in; none if there must be nothing.
    aside: Option<String>,
}

impl Restoring<'_> {
    /// Where the old installation was moved, if there was one.
    async fn run(&self) -> Result<Option<String>, Failure> {
        match self.manifest.database {
            Kind::Sqlite => sqlite::restore(self).await,
            Kind::Postgres => postgres::restore(self).await,
        }
    }

    /// Brings the restored database up to date and tries the master key on it.
    async fn prove(&self, url: &str) -> Result<(), Failure> {
        let store = Store::open(url, 1).await.map_err(|error| Failure::wrong(error.to_string()))?;
        let fits = check_fits(&store, &self.keyring.key).await;
        store.close().await;
        fits.map_err(|error| Failure::wrong(format!("{error:#}")))
    }
}

/// The master key that the restored installation will have.
struct Keyring {
    path: PathBuf,
    key: MasterKey,
    /// What has to be written; none if the file that is there is the right one.
    text: Option<String>,
    /// Another key is there and has to be moved aside.
    displaces: bool,
}

impl Keyring {
    fn read(args: &RestoreArgs, passphrase: Option<&str>, path: PathBuf) -> Result<Self, Failure> {
        let there = path.exists().then(|| fs::read_to_string(&path)).transpose();
        let there = there.map_err(|error| key_file::unusable(&path, &error))?;
        let text = match (in_archive(&args.file, passphrase)?, &there) {
            (Some(text), _) => text,
            (None, Some(there)) => there.clone(),
            (None, None) => {
                return Err(Failure::wrong(format!(
                    "the backup {} does not carry the master key; put a copy of the key file at {} first",
                    args.file.display(),
                    path.display()
                )));
            }
        };
        let key = MasterKey::from_text(&text).map_err(|error| key_file::unusable(&path, &error))?;
        let is_right = there.as_ref().is_some_and(|there| holds_all(there, &key));
        if there.is_some() && !is_right && !args.replace {
            return Err(Failure::wrong(format!(
                "there is another master key at {}; move it away, or let --replace move it aside",
                path.display()
            )));
        }
        Ok(Self { path, key, text: (!is_right).then_some(text), displaces: there.is_some() && !is_right })
    }

    /// Writes the key file, unless it is there.
    fn install(&self, aside: Option<&str>) -> Result<(), Failure> {
        let Some(text) = &self.text else { return Ok(()) };
        if let (true, Some(aside)) = (self.displaces, aside) {
            let old = self.path.with_extension(format!("key.before-{aside}"));
            fs::rename(&self.path, &old).map_err(|error| key_file::unusable(&self.path, &error))?;
        }
        let keys: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(ToOwned::to_owned).collect();
        key_file::write(&self.path, &keys)
    }
}

fn holds_all(text: &str, key: &MasterKey) -> bool {
    MasterKey::from_text(text).is_ok_and(|there| key.ids().iter().all(|id| there.ids().contains(id)))
}

fn in_archive(file: &Path, passphrase: Option<&str>) -> Result<Option<String>, Failure> {
    let mut text = String::new();
    let found = archive::read_entry(file, passphrase, KEYRING, |entry| {
        entry.read_to_string(&mut text).map(drop).map_err(|error| archive::damaged(file, &error))
    })?;
    Ok(found.then_some(text))
}

fn report(manifest: &Manifest, aside: Option<&str>, printer: &Printer) {
    let rows: u64 = manifest.tables.values().sum();
    let old = aside.map(|aside| format!("\nWhat was there is at {aside}.")).unwrap_or_default();
    let text = format!(
        "Restored {rows} rows of {} tables as they were at {}. Counts are those of the backup.{old}\n\
         Next: start `erpmax serve`. Sessions of that time go on; jobs that were under way are taken up again. Sites are not \
         part of the backup.",
        manifest.tables.len(),
        manifest.created_at
    );
    printer.result(&json!({"rows": rows, "created_at": manifest.created_at, "moved_aside": aside}), &text);
}
