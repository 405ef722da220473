//! The SDK of `ERPMax`: everything that the API can do, from Rust.
//!
//! [`ApiClient`] holds connections and the sign-in; services hang on it: [`auth`](ApiClient::auth), [`tenants`](ApiClient::tenants),
//! [`billing`](ApiClient::billing), [`provisioning`](ApiClient::provisioning), [`sso`](ApiClient::sso),
//! [`notifications`](ApiClient::notifications) and [`realtime`](ApiClient::realtime). What crosses the wire is in [`types`].
//!
//! - **The sign-in keeps itself.** A 401 makes one refresh, which all waiting requests share, also those of other processes with
//!   the same [token store](store), and then one repetition. A refused refresh is the end: the store is cleared and the
//!   [application is told](Builder::on_session_end).
//! - **Patience.** What may be repeated is, after broken connections and passing refusals; see [`Patience`].
//! - **Redirects are not followed**, so no token reaches another host, and certificates are always checked.
//! - **Tokens are in no log** and no `Debug`; the log calls a request by its operation's name.

mod answer;
mod builder;
mod cache;
mod call;
mod client;
mod download;
pub mod endpoints;
mod error;
mod keyed;
mod leniency;
mod pages;
mod patience;
mod realtime;
pub mod services;
mod session;
pub mod store;
pub mod transport;
mod whole_file;

pub use erpmax_types as types;

pub use builder::Builder;
pub use client::ApiClient;
pub use download::Download;
pub use error::{Cause, Error, Refusal, Result};
pub use keyed::Keyed;
pub use pages::{Listed, Pages, PaginatedList};
pub use patience::Patience;
pub use realtime::{Events, Realtime, Update};
pub use session::SessionEnd;
