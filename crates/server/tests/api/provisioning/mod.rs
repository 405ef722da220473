//! `/provisioning/jobs`.

mod backups;
mod cancel;
mod create;
mod list;
mod retry;
mod show;
