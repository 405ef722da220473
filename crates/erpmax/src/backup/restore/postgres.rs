//! Into a PostgreSQL database, by `pg_restore`, as one transaction.

use erpmax_store::backup::{BackupError, contents_of_postgres, make_room_in_postgres, move_back_in_postgres};

use super::super::create::explain;
use super::super::programs;
use super::super::verify::{compare, feed_dump};
use super::Restoring;
use crate::failure::Failure;

pub(super) async fn restore(restoring: &Restoring<'_>) -> Result<Option<String>, Failure> {
    let aside = restoring.aside.as_ref().map(|stamp| format!("erpmax_before_{}", stamp.replace('-', "_")));
    programs::check_version("pg_restore", 0)?;
    let moved = make_room_in_postgres(&restoring.url, aside.as_deref()).await.map_err(refuse)?;
    let made = make(restoring).await;
    if let Err(failure) = made {
        let back = aside.as_deref().filter(|_| moved);
        move_back_in_postgres(&restoring.url, back).await.map_err(explain)?;
        return Err(failure);
    }
    restoring.keyring.install(restoring.aside.as_deref())?;
    Ok(aside.filter(|_| moved).map(|aside| format!("the schema {aside} of the database")))
}

fn refuse(error: BackupError) -> Failure {
    match error {
        BackupError::NotEmpty => Failure::wrong(
            "there is an installation already in the database; choose an empty database, or let --replace move it aside",
        ),
        other => explain(other),
    }
}

async fn make(restoring: &Restoring<'_>) -> Result<(), Failure> {
    let passphrase = restoring.passphrase.as_deref();
    let notes = restoring.folder.path().join("pg_restore.messages");
    let restored = programs::restore(&restoring.url, &notes, |to| feed_dump(restoring.file, passphrase, to));
    let _ = std::fs::remove_file(&notes);
    restored?;
    let contents = contents_of_postgres(&restoring.url).await.map_err(explain)?;
    compare(restoring.file, restoring.manifest, &contents)?;
    restoring.prove(&restoring.url).await
}
