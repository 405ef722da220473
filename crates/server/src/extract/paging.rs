//! Query parameters of lists.

use std::collections::HashMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use erpmax_core::field;
use erpmax_types::envelope::PageRequest;

use super::query::query;
use crate::App;
use crate::error::{ApiError, ApiResult};

/// The most that one page holds.
pub(crate) const LARGEST_PAGE_SIZE: u32 = 100;

/// `page` and `size`.
pub(crate) struct Paging(pub(crate) PageRequest);

/// `types=all` of the jobs' list: also jobs of types that the seed client does not know.
pub(crate) struct JobTypes {
    pub(crate) all: bool,
}

impl FromRequestParts<App> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let query = query(parts, app).await?;
        let default = PageRequest::default();
        let page =
            number(&query, "page", default.page).filter(|page| *page >= 1).ok_or_else(|| field("page", "page"))?;
        let size = number(&query, "size", default.size).filter(|size| (1..=LARGEST_PAGE_SIZE).contains(size));
        Ok(Self(PageRequest { page, size: size.ok_or_else(|| field("size", "size"))? }))
    }
}

impl FromRequestParts<App> for JobTypes {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let query = query(parts, app).await?;
        match query.get("types").map(String::as_str) {
            None => Ok(Self { all: false }),
            Some("all") => Ok(Self { all: true }),
            Some(_) => Err(field("types", "types").into()),
        }
    }
}

fn number(query: &HashMap<String, String>, name: &str, otherwise: u32) -> Option<u32> {
    query.get(name).map_or(Some(otherwise), |text| text.parse().ok())
}
