//! `/tenants/{id}/api-keys`, and what programs do with keys.

mod doors;
mod ends;
mod guessing;
mod making;
mod traces;
