//! `/company`: another of the person's companies.

use axum::Form;
use axum::response::Redirect;
use serde::Deserialize;

use crate::page::{Failure, SignedIn};

/// The company to go to.
#[derive(Deserialize)]
pub(crate) struct Switch {
    tenant: String,
}

/// `POST /company`.
pub(crate) async fn switch(signed: SignedIn, Form(chosen): Form<Switch>) -> Result<Redirect, Failure> {
    let tenant = chosen.tenant.parse().map_err(|_| Failure::NotFound)?;
    signed.client.auth().switch_tenant(tenant).await?;
    Ok(Redirect::to("/"))
}
