//! Finds the site that a request is for.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use erpmax_types::site_name::SiteName;

use super::App;
use super::pages::Notice;
use crate::sandbox::delete::CLOSED;
use crate::sandbox::layout::Layout;
use crate::sandbox::record::SiteRecord;
use crate::sandbox::suspend::is_suspended;

/// What is at a site's address.
pub(super) enum Found {
    Open(SiteRecord),
    /// A job is building it.
    Building,
    /// A job is about to remove it.
    Closed,
    /// Nobody pays for it.
    Suspended,
    Nowhere,
}

/// The site of the request, whatever its state.
pub(super) struct AnySite {
    pub(super) name: String,
    pub(super) found: Found,
}

/// The site of the request, which is open; else the request is answered with a page that says what it is instead.
pub(super) struct OpenSite(pub(super) SiteRecord);

impl FromRequestParts<Arc<App>> for AnySite {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let Some(name) = parts.extensions.get::<SiteName>().cloned() else {
            return Ok(Self { name: String::new(), found: Found::Nowhere });
        };
        let (layout, label) = (app.layout.clone(), name.clone());
        let found = tokio::task::spawn_blocking(move || find(&layout, &label)).await;
        let found = found.unwrap_or_else(|error| Err(io::Error::other(error))).unwrap_or_else(|error| {
            tracing::error!(%error, site.name = %name, "The site's folder cannot be read");
            Found::Nowhere
        });
        Ok(Self { name: name.into(), found })
    }
}

impl FromRequestParts<Arc<App>> for OpenSite {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let AnySite { found, .. } = match AnySite::from_request_parts(parts, app).await {
            Ok(site) => site,
            Err(never) => match never {},
        };
        match found {
            Found::Open(record) => Ok(Self(record)),
            Found::Building => Err(being_built()),
            Found::Closed => {
                Err(Notice::new("This site is closed", "It is about to be removed.")
                    .show(StatusCode::SERVICE_UNAVAILABLE))
            }
            Found::Suspended => Err(Notice::new(
                "This site is closed until a payment",
                "Its subscription is not paid for. All data is kept. An owner or administrator pays in ERPMax; within a minute the site is open again, as it was.",
            )
            .with_link(&app.public_url, "Pay in ERPMax")
            .show(StatusCode::PAYMENT_REQUIRED)),
            Found::Nowhere => Err(Notice::new("There is no site here", "No sandbox site has this address.")
                .with_link(&app.public_url, "To ERPMax")
                .show(StatusCode::NOT_FOUND)),
        }
    }
}

fn find(layout: &Layout, label: &SiteName) -> io::Result<Found> {
    let folder = layout.site(label);
    if let Some(record) = SiteRecord::read(&folder)? {
        return Ok(if folder.join(CLOSED).try_exists()? {
            Found::Closed
        } else if is_suspended(&folder)? {
            Found::Suspended
        } else {
            Found::Open(record)
        });
    }
    for building in layout.buildings()? {
        if SiteRecord::read(&building)?.is_some_and(|record| record.name == *label) {
            return Ok(Found::Building);
        }
    }
    Ok(Found::Nowhere)
}

fn being_built() -> Response {
    let page = Notice::new("This site is being built", "It takes a moment. This page looks again by itself.")
        .that_looks_again();
    let mut response = page.show(StatusCode::SERVICE_UNAVAILABLE).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
    response
}
