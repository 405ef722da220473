//! `erpmax database grant ROLE`: `serve` signs in to `PostgreSQL` as a role that may add audit events and neither change nor delete
//! them. Run as the owner of the schema.

use erpmax_store::Store;
use erpmax_store::grants::{self, GrantError};
use serde_json::json;

use crate::args::GrantArgs;
use crate::backup::daily;
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;

pub(crate) fn run(args: &GrantArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    if !configuration.database.url.starts_with("postgres") {
        return Err(Failure::wrong(
            "a SQLite database knows no roles; database.url (ERPMAX_DATABASE__URL) names a PostgreSQL database, as the owner \
             of its schema",
        ));
    }
    crate::runtime()?.block_on(grant(&configuration, &args.role))?;
    let text = format!(
        "The schema is up to date, and {0} may use it. It may add audit events, and neither change nor delete them. Let \
         database.url of `serve` sign in as {0}, and run this again after each update.",
        args.role
    );
    printer.result(&json!({"role": args.role, "granted": true}), &text);
    Ok(())
}

async fn grant(configuration: &Configuration, role: &str) -> Result<(), Failure> {
    let folder = DataFolder::take(configuration)?;
    daily::before_migration(configuration, &folder).await?;
    let url = folder.database_url(configuration);
    let store = Store::open(&url, 1).await.map_err(|error| Failure::wrong(error.to_string()))?;
    store.close().await;
    grants::grant(&url, role).await.map_err(explain)
}

fn explain(error: GrantError) -> Failure {
    if error.is_wrong_use() { Failure::wrong(error.to_string()) } else { Failure::unexpected(error) }
}
