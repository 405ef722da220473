//! `erpmax secrets create` and `rotate`: a master key, another one, or another key that signs, without signing anybody out.

use std::path::Path;
use std::time::Duration;

use erpmax_core::auth::keys;
use erpmax_core::secrets::{check_fits, count_others, reseal};
use erpmax_core::{Clock, MasterKey};
use erpmax_store::Store;
use serde_json::json;

use crate::args::RotateArgs;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::key_file;
use crate::printer::Printer;

/// How long we wait for transactions of others that sealed under the old key and are not committed yet.
const GRACE: Duration = Duration::from_secs(2);

/// Makes a file with a new key, where there is none.
pub(crate) fn create(file: &Path, printer: &Printer) -> Result<(), Failure> {
    let shown = file.display();
    if file.exists() {
        return Err(Failure::wrong(format!(
            "{shown} is there already; `erpmax secrets rotate` puts a new key into it"
        )));
    }
    key_file::write(file, &[MasterKey::generate_text()])?;
    let text = format!("{shown} holds a new master key. Keep a copy of it apart from the database's backups.");
    printer.result(&json!({"file": file}), &text);
    Ok(())
}

/// Rotates the master key, or the signing key, while `serve` may be running.
pub(crate) fn rotate(args: &RotateArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    let folder = DataFolder::look(&configuration)?;
    let _only = folder.reserve("rotation.lock", "another rotation is under way; let it end")?;
    let path = folder.master_key_path(&configuration);
    crate::runtime()?.block_on(async {
        let store = folder.open_store(&configuration).await?;
        let done = if args.signing {
            rotate_signing(&store, &path, printer).await
        } else {
            rotate_master(&store, &path, args, printer).await
        };
        store.close().await;
        done
    })
}

async fn rotate_signing(store: &Store, path: &Path, printer: &Printer) -> Result<(), Failure> {
    let master = key_file::load(path)?;
    check_fits(store, &master).await.map_err(explain)?;
    let kid = keys::rotate(store, &master, &Clock::System).await.map_err(explain)?;
    let text = format!(
        "The key {kid} signs access tokens from now on; nodes that run hear of it within seconds. Tokens signed by the key \
         before stay good: it verifies for 24 hours."
    );
    printer.result(&json!({"signing_key": kid}), &text);
    Ok(())
}

async fn rotate_master(store: &Store, path: &Path, args: &RotateArgs, printer: &Printer) -> Result<(), Failure> {
    let went_on = begin(store, path, args.new_key_file.as_deref()).await?;
    let master = key_file::load(path)?;
    let id = master.sealing_id().map_err(explain)?;
    if args.prepare {
        let text = format!(
            "{} holds the new key {id} and the old one. Give the file to every node, then run `erpmax secrets rotate`.",
            path.display()
        );
        printer.result(&json!({"key": id, "prepared": true}), &text);
        return Ok(());
    }
    let count = reseal_all(store, &master).await?;
    let keys = key_file::read(path)?;
    key_file::write(path, &keys[..1])?;
    let begin = if went_on { "Went on with a rotation that was begun before. " } else { "" };
    let text = format!(
        "{begin}Sealed {count} secrets under the key {id}; {} holds nothing else now. Keep a copy of it apart from the \
         database's backups. Nobody was signed out.",
        path.display()
    );
    printer.result(&json!({"key": id, "resealed": count, "went_on": went_on}), &text);
    Ok(())
}

/// Puts a new key before the old one, unless that was done before: then true.
async fn begin(store: &Store, path: &Path, new: Option<&Path>) -> Result<bool, Failure> {
    let master = key_file::load(path)?;
    check_fits(store, &master).await.map_err(explain)?;
    let mut keys = key_file::read(path)?;
    let given = new.map(read_new).transpose()?;
    if keys.len() > 1 {
        return match given {
            Some(given) if given != keys[0] => Err(Failure::wrong(
                "a rotation to another key is under way; run `erpmax secrets rotate` without --new-key-file to end it first",
            )),
            _ => Ok(true),
        };
    }
    let new = given.unwrap_or_else(MasterKey::generate_text);
    if keys.contains(&new) {
        return Err(Failure::wrong("the new key is the present one"));
    }
    keys.insert(0, new);
    key_file::write(path, &keys)?;
    Ok(false)
}

fn read_new(path: &Path) -> Result<String, Failure> {
    key_file::load(path)?;
    match key_file::read(path)?.as_slice() {
        [key] => Ok(key.clone()),
        _ => Err(key_file::unusable(path, &"it holds more than one key")),
    }
}

async fn reseal_all(store: &Store, master: &MasterKey) -> Result<u64, Failure> {
    let mut count = reseal(store, master).await.map_err(explain)?;
    tokio::time::sleep(GRACE).await;
    while count_others(store, master).await.map_err(explain)? > 0 {
        count += reseal(store, master).await.map_err(explain)?;
    }
    Ok(count)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn explain(error: anyhow::Error) -> Failure {
    Failure::wrong(format!("{error:#}"))
}
