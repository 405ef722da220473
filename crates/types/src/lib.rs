//! The wire of API v1: ids, times, models, requests, the envelope, error codes, events and the runner protocol.
//!
//! Nothing here does I/O. The server derives its `OpenAPI` document from these types and clients decode them,
//! so the two cannot drift apart.

pub mod api_keys;
pub mod audit;
pub mod backups;
pub mod billing;
pub mod envelope;
pub mod error;
pub mod events;
pub mod ids;
pub mod language;
mod macros;
pub mod mail;
pub mod notifications;
pub mod operator;
pub mod proof;
pub mod provisioning;
pub mod redirect;
pub mod runner;
pub mod site_name;
pub mod sso;
pub mod tenants;
pub mod timestamp;
pub mod two_factor;
pub mod users;

pub use envelope::{ErrorBody, Page, Pagination, Success};
pub use error::ErrorCode;
pub use ids::*;
pub use timestamp::Timestamp;
