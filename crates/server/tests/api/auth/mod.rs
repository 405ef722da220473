//! `/auth`.

mod register;
