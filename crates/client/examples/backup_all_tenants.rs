//! Backs up the site of every company that a person belongs to, one after the other.
//!
//! `cargo run -p erpmax-client --example backup_all_tenants -- owner@acme.example`, with the password in `ERPMAX_PASSWORD` and the
//! server's address in `ERPMAX_API` (<http://localhost:8000>). The sign-in is kept, sealed, in `.erpmax`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::env;
use std::path::Path;

use erpmax_client::types::provisioning::{JobStatus, JobType};
use erpmax_client::types::tenants::TenantStatus;
use erpmax_client::{ApiClient, Result, store};
use futures_util::TryStreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = env::var("ERPMAX_API").unwrap_or_else(|_| "http://localhost:8000".to_owned());
    let store = store::best(&server, Path::new(".erpmax"));
    let client = ApiClient::builder(&server).shared_token_store(store).build()?;
    if !client.auth().is_authenticated().await? {
        let email = env::args().nth(1).ok_or("say your e-mail address")?;
        let password = env::var("ERPMAX_PASSWORD").map_err(|_| "put your password into ERPMAX_PASSWORD")?;
        client.auth().login(&email, &password).await?;
    }
    let backups = backup_all_tenants(&client).await?;
    println!("{backups} sites were backed up");
    Ok(())
}

/// Backs everything up that has a site; how many backups there are.
pub(crate) async fn backup_all_tenants(client: &ApiClient) -> Result<usize> {
    let tenants: Vec<_> = client.tenants().list().size(100).stream().try_collect().await?;
    let mut backups = 0;
    for tenant in tenants.iter().filter(|tenant| tenant.status == TenantStatus::Active) {
        client.auth().switch_tenant(tenant.id).await?;
        let job = client.provisioning().create(JobType::BackupSite).await?;
        let ended = client.provisioning().watch(job.id).finished().await?;
        match ended.status {
            JobStatus::Completed => backups += 1,
            _ => println!("{}: {}", tenant.name, ended.error.unwrap_or_default()),
        }
    }
    Ok(backups)
}
