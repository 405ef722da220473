//! All database access: schema, migrations and queries, for `SQLite` and `PostgreSQL` with one SQL text.
//!
//! Reads take a connection from [`Store::read`], writes go through [`Store::begin`] and end in [`Tx::commit`]. Functions
//! of the table modules take `&mut Conn`, to which a [`Tx`] dereferences. No clock and no randomness in here: times
//! and ids are arguments.

pub mod access;
pub mod all_tenants;
pub mod api_keys;
pub mod audit;
pub mod backup;
pub mod backups;
pub mod checkouts;
pub mod copy;
mod engine;
pub mod grants;
pub mod health;
pub mod idempotency;
pub mod installation;
pub mod invitations;
pub mod jobs;
pub mod login_challenges;
pub mod mail_tokens;
pub mod mails;
pub mod memberships;
pub mod notifications;
pub mod operators;
pub mod outbox;
pub mod payments;
pub mod plans;
pub mod refresh_tokens;
pub mod schema;
pub mod sealed;
pub mod second_factors;
pub mod sessions;
pub mod signing_keys;
pub mod sites;
pub mod sockets;
pub mod sso_tokens;
pub mod subscriptions;
pub mod support_accesses;
pub mod tenants;
pub mod throttles;
pub mod users;
pub mod work;

pub use engine::{Conn, OpenError, Store, StoreError, Tx};
