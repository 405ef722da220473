//! `/jobs/{id}`: a job while it runs, and what came of it.

mod view;

use askama::Template;
use axum::extract::Path;
use axum::response::{Redirect, Response};
use erpmax_client::types::JobId;

use crate::page::{Failure, Frame, SignedIn};
use crate::words::key;

pub(crate) use view::{JobView, StepState};

#[derive(Template)]
#[template(path = "jobs/show.html")]
pub(crate) struct JobPage {
    pub(crate) frame: Frame,
    pub(crate) job: JobView,
    /// Whether the person may retry and cancel.
    pub(crate) may_act: bool,
}

/// `GET /jobs/{id}`.
pub(crate) async fn show(signed: SignedIn, Path(id): Path<String>) -> Result<Response, Failure> {
    let job = signed.client.provisioning().get(job_id(&id)?).await?;
    let job = JobView::of(&signed.page.words, &job);
    let view = JobPage { frame: signed.frame(job.title.clone()), job, may_act: signed.is_admin() };
    Ok(signed.page.show(&view))
}

/// `POST /jobs/{id}/retry`.
pub(crate) async fn retry(signed: SignedIn, Path(id): Path<String>) -> Result<Redirect, Failure> {
    let job = signed.client.provisioning().retry(job_id(&id)?).await?;
    Ok(Redirect::to(&format!("/jobs/{}", job.id)))
}

/// `POST /jobs/{id}/cancel`.
pub(crate) async fn cancel(signed: SignedIn, Path(id): Path<String>) -> Result<Redirect, Failure> {
    let job = signed.client.provisioning().cancel(job_id(&id)?).await?;
    Ok(Redirect::to(&format!("/jobs/{}", job.id)))
}

fn job_id(text: &str) -> Result<JobId, Failure> {
    text.parse().map_err(|_| Failure::NotFound)
}
