//! The store on a real database: `SQLite`, or `PostgreSQL` where `ERPMAX_TEST_DATABASE` says so.

mod api_keys;
mod copying;
mod factors;
mod idempotency;
mod lived_in;
mod looking;
mod mail_tokens;
mod mails;
mod operators;
mod outbox;
mod queries;
mod reading;
mod refresh_tokens;
mod sample;
mod sealed;
mod support;
mod throttles;
mod transactions;
mod unique;
mod upgrade;
mod wake_up;
mod work;
