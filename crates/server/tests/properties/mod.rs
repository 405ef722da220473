//! Properties of tokens.

mod no_loop;
mod refresh_families;
mod refresh_model;
