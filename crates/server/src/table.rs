//! Answers that are no envelope: tables for spreadsheets.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// The audit trail as CSV (RFC 4180), which browsers keep as a file.
pub(crate) struct AuditTable(pub(crate) String);

impl IntoResponse for AuditTable {
    fn into_response(self) -> Response {
        let headers =
            [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
        (headers, self.0).into_response()
    }
}
