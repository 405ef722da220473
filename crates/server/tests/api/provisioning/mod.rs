//! `/provisioning/jobs`.

mod cancel;
mod create;
mod list;
mod retry;
mod show;
