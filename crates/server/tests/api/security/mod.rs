//! What somebody with bad intentions tries, by name.

mod addresses;
mod enumeration;
mod lock_out;
mod names;
