//! The edge: hosts, the envelope, extractors, endpoints, the OpenAPI document, Socket.IO and the loop that serves it all.

pub mod api;
mod app;
mod docs;
mod envelope;
mod error;
mod extract;
mod headers;
mod health;
mod hosts;
pub mod openapi;
mod pages;
pub mod realtime;
mod request_id;
mod router;
mod sandbox_checkout;
mod serve;
mod table;

pub use app::{App, EdgeSettings};
pub use router::router;
pub use serve::{Indoors, Listener, Peer, ServeSettings, Tls, TlsError, serve};
