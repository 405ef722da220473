//! The envelope that every answer under `/api/v1` wears.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ErrorCode;

crate::macros::words! {
    /// The `status` of a successful answer.
    SuccessStatus {
        /// The request was carried out.
        Success = "success",
    }
}

crate::macros::words! {
    /// The `status` of a refused or failed request.
    ErrorStatus {
        /// The request was not carried out.
        Error = "error",
    }
}

/// `{"status":"success","data":…,"pagination"?}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success<T> {
    /// Always `success`.
    pub status: SuccessStatus,
    /// What was asked for.
    pub data: T,
    /// Where the page stands, for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub pagination: Option<Pagination>,
}

impl<T> Success<T> {
    /// An answer that is not a page of a list.
    pub const fn new(data: T) -> Self {
        Self { status: SuccessStatus::Success, data, pagination: None }
    }
}

/// The `data` of an answer that has nothing more to say: an empty object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {}

/// One page of a list, as core hands it to the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// Where the page stands.
    pub pagination: Pagination,
}

/// Where a page stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pagination {
    /// Entries in the whole list.
    pub total: u64,
    /// This page, from 1.
    pub page: u32,
    /// Entries a page, 1 to 100.
    pub size: u32,
    /// Pages in the whole list.
    pub pages: u64,
}

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// From 1.
    pub page: u32,
    /// 1 to 100.
    pub size: u32,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { page: 1, size: 20 }
    }
}

impl PageRequest {
    /// Entries to pass over.
    pub fn offset(self) -> i64 {
        i64::from(self.page.saturating_sub(1)) * i64::from(self.size)
    }

    /// The page of `items` in a list of `total` entries.
    pub fn of<T>(self, items: Vec<T>, total: u64) -> Page<T> {
        let pages = total.div_ceil(u64::from(self.size.max(1)));
        Page { items, pagination: Pagination { total, page: self.page, size: self.size, pages } }
    }
}

/// `{"status":"error","error":{…}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// Always `error`.
    pub status: ErrorStatus,
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, for a person and for a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// A sentence for a person, in the language of `Accept-Language`.
    pub message: String,
    /// A stable word for programs.
    pub code: ErrorCode,
    /// A field's name to what is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub details: Option<BTreeMap<String, Vec<String>>>,
}
