//! `/billing`.

mod cancel;
mod checkout;
mod invoices;
mod pay;
mod plans;
mod subscription;
mod webhook;
