//! `/billing`.

mod cancel;
mod checkout;
mod invoices;
mod life;
mod limits;
mod pay;
mod plans;
mod subscription;
mod webhook;
