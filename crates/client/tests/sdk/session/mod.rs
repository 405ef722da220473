//! The sign-in: one refresh for all, and an end to everything.

mod hostile;
mod real;
mod shared;
