//! Making a backup: a copy of one moment, packed, read back, and only then given its name.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use erpmax_core::Clock;
use erpmax_core::secrets::passphrase::Stretching;
use erpmax_store::backup::{BackupError, Contents, PostgresSnapshot, contents_of_sqlite, copy_sqlite};
use erpmax_types::Timestamp;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio_util::sync::CancellationToken;

use super::archive::{self, KEYRING, Writer};
use super::folder::{self, Workshop, unwritable};
use super::manifest::{FORMAT, Kind, Manifest, Reason, stamp};
use super::programs;
use crate::failure::Failure;
use crate::key_file::{private_file, sync_folder_of};

/// What is asked for.
pub(crate) struct Order {
    /// The database.
    pub(crate) url: String,
    /// The master key's file.
    pub(crate) key_file: PathBuf,
    pub(crate) to: Destination,
    pub(crate) reason: Reason,
    pub(crate) passphrase: Option<String>,
    /// Ends it half-way; nothing is left then.
    pub(crate) stop: CancellationToken,
}

/// Where a backup is to lie.
pub(crate) enum Destination {
    Folder(PathBuf),
    File(PathBuf),
}

/// A backup that was made.
pub(crate) struct Made {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) manifest: Manifest,
    /// Where the master key is.
    pub(crate) key_file: PathBuf,
}

/// Makes a backup while others read and write.
pub(crate) async fn create(order: Order) -> Result<Made, Failure> {
    let moment = Clock::System.now();
    let folder = match &order.to {
        Destination::Folder(folder) => folder.as_path(),
        Destination::File(file) => parent_of(file),
    };
    let _only = folder::take(folder)?;
    let file = match &order.to {
        Destination::Folder(folder) => folder::free_name(folder, order.reason, &stamp(moment)),
        Destination::File(file) if file.exists() => {
            return Err(Failure::wrong(format!("{} is there already; choose another name", file.display())));
        }
        Destination::File(file) => file.clone(),
    };
    let workshop = Workshop::beside(&file)?;
    let source = Source::take(&order.url, &workshop).await?;
    let manifest = describe(&order, moment, source.contents());
    let key_file = order.key_file.clone();
    let packing = Packing { order, manifest: manifest.clone(), workshop };
    let packed =
        tokio::task::spawn_blocking(move || packing.pack(source).map(|(source, draft)| (source, draft, packing)));
    let (source, draft, packing) = packed.await.map_err(Failure::unexpected)??;
    source.release().await?;
    keep(&draft, &file)?;
    drop(packing);
    let bytes = file.metadata().map_or(0, |file| file.len());
    Ok(Made { file, bytes, manifest, key_file })
}

fn parent_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn describe(order: &Order, moment: Timestamp, contents: &Contents) -> Manifest {
    Manifest {
        format: FORMAT,
        erpmax: env!("CARGO_PKG_VERSION").to_owned(),
        schema: contents.schema,
        database: Kind::of(&order.url),
        created_at: moment,
        reason: order.reason,
        tables: contents.tables.iter().cloned().collect(),
        sealed: order.passphrase.as_ref().map(|_| Stretching::generate()),
        has_keyring: order.passphrase.is_some(),
    }
}

fn keep(draft: &Path, file: &Path) -> Result<(), Failure> {
    fs::rename(draft, file).and_then(|()| sync_folder_of(file)).map_err(|error| unwritable(file, &error))
}

/// The database at one moment.
enum Source {
    Sqlite { copy: PathBuf, contents: Contents },
    Postgres(PostgresSnapshot),
}

impl Source {
    async fn take(url: &str, workshop: &Workshop) -> Result<Self, Failure> {
        if Kind::of(url) == Kind::Postgres {
            let snapshot = PostgresSnapshot::take(url).await.map_err(explain)?;
            programs::check_version("pg_dump", snapshot.server_major)?;
            return Ok(Self::Postgres(snapshot));
        }
        let copy = workshop.join("copy.sqlite");
        copy_sqlite(url, &copy).await.map_err(explain)?;
        let contents = contents_of_sqlite(&copy).await.map_err(explain)?;
        Ok(Self::Sqlite { copy, contents })
    }

    const fn contents(&self) -> &Contents {
        match self {
            Self::Sqlite { contents, .. } => contents,
            Self::Postgres(snapshot) => &snapshot.contents,
        }
    }

    async fn release(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite { .. } => Ok(()),
            Self::Postgres(snapshot) => snapshot.release().await.map_err(explain),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn explain(error: BackupError) -> Failure {
    Failure::wrong(error.to_string())
}

/// The part that blocks: everything is given, the rest is bytes.
struct Packing {
    order: Order,
    manifest: Manifest,
    /// Removed when this is.
    workshop: Workshop,
}

impl Packing {
    /// Writes the archive and reads it back.
    fn pack(&self, source: Source) -> Result<(Source, PathBuf), Failure> {
        let draft = self.workshop.join("archive");
        let cannot = |error: io::Error| unwritable(&draft, &error);
        let file = private_file().create_new(true).open(&draft).map_err(cannot)?;
        let mut failure = None;
        if let Err(error) = self.write(file, &source, &mut failure) {
            return Err(failure.unwrap_or_else(|| cannot(error)));
        }
        archive::check_sums(&draft)?;
        Ok((source, draft))
    }

    fn write(&self, file: File, source: &Source, failure: &mut Option<Failure>) -> io::Result<()> {
        let key = match (&self.manifest.sealed, &self.order.passphrase) {
            (Some(stretching), Some(passphrase)) => Some(stretching.key(passphrase).map_err(io::Error::other)?),
            _ => None,
        };
        let mut writer = Writer::begin(file, &self.manifest, key)?;
        if self.manifest.has_keyring {
            let keyring = fs::read(&self.order.key_file)?;
            writer.entry(KEYRING, |entry| entry.write_all(&keyring))?;
        }
        writer.entry(self.manifest.database.entry(), |entry| match source {
            Source::Sqlite { copy, .. } => self.write_sqlite(copy, entry),
            Source::Postgres(snapshot) => self.write_postgres(&snapshot.id, entry).map_err(|problem| {
                *failure = Some(problem);
                io::Error::other("pg_dump failed")
            }),
        })?;
        writer.finish()
    }

    fn write_sqlite(&self, copy: &Path, to: &mut dyn Write) -> io::Result<()> {
        let mut encoder = GzEncoder::new(to, Compression::fast());
        self.copy(&mut File::open(copy)?, &mut encoder)?;
        encoder.finish().map(drop)
    }

    fn write_postgres(&self, snapshot: &str, to: &mut dyn Write) -> Result<(), Failure> {
        programs::dump(&self.order.url, snapshot, &self.workshop.join("messages"), |from| self.copy(from, to))
    }

    fn copy(&self, from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            if self.order.stop.is_cancelled() {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "it was stopped"));
            }
            match from.read(&mut buffer)? {
                0 => return Ok(()),
                read => to.write_all(&buffer[..read])?,
            }
        }
    }
}
