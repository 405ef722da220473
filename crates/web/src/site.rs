//! `/site`: building, opening and backing up the company's site.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::types::provisioning::JobType;

use crate::page::{Failure, Frame, SignedIn};
use crate::words::key;

/// A page that moves on by itself: browsers that hold forms to this site would not follow a redirect to another one.
#[derive(Template)]
#[template(path = "moving_on.html")]
pub(crate) struct MovingOnPage {
    pub(crate) frame: Frame,
    pub(crate) heading: String,
    pub(crate) address: String,
}

/// `POST /site`: has the site built; one that is being built already is shown.
pub(crate) async fn create(signed: SignedIn) -> Result<Redirect, Failure> {
    begin(&signed, JobType::CreateSite).await
}

/// `POST /site/backup`.
pub(crate) async fn backup(signed: SignedIn) -> Result<Redirect, Failure> {
    begin(&signed, JobType::BackupSite).await
}

async fn begin(signed: &SignedIn, job_type: JobType) -> Result<Redirect, Failure> {
    let job = signed.client.provisioning().create(job_type).await?;
    Ok(Redirect::to(&format!("/jobs/{}", job.id)))
}

/// `POST /site/open`: signs the person in to the site, by a link that works once.
pub(crate) async fn open(signed: SignedIn) -> Result<Response, Failure> {
    let link = signed.client.sso().token().await?;
    let heading = signed.page.words.say(key::SITE_OPENING);
    let frame = signed.frame(heading.clone());
    Ok(signed.page.show(&MovingOnPage { frame, heading, address: link.sso_url }).into_response())
}
