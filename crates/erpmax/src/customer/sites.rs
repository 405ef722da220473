//! `erpmax site`: the company's site.

use erpmax_client::types::provisioning::JobType;

use super::args::{Showing, SiteCommand, Watching};
use super::output::document;
use super::{Desk, ask, browser, watch};
use crate::failure::Failure;

pub(super) async fn run(command: &SiteCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        SiteCommand::Create(watching) => begin(JobType::CreateSite, watching, desk).await,
        SiteCommand::Backup(watching) => begin(JobType::BackupSite, watching, desk).await,
        SiteCommand::Delete { sure, watching } => {
            let tenant = desk.client.tenants().current().await?;
            // Where there is none, the server says so.
            if tenant.erpnext_site_url.is_some() {
                let what = format!("The site {} is to be deleted with all that is in it.", tenant.slug);
                ask::confirm(sure, &what, &tenant.slug)?;
            }
            begin(JobType::DeleteSite, watching, desk).await
        }
        SiteCommand::Open(showing) => open(showing, desk).await,
    }
}

async fn begin(job_type: JobType, watching: &Watching, desk: &Desk<'_>) -> Result<(), Failure> {
    let job = desk.client.provisioning().create(job_type).await?;
    watch::unless_detached(&job, watching, desk).await
}

async fn open(showing: &Showing, desk: &Desk<'_>) -> Result<(), Failure> {
    let pass = desk.client.sso().token().await?;
    browser::show(&pass.sso_url, "The site, for a minute and once", &document(&pass)?, showing, desk);
    Ok(())
}
