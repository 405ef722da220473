//! What all endpoints share.

mod addresses;
mod connections;
mod cors;
mod documents;
mod envelope;
mod headers;
mod health;
mod hosts;
mod languages;
mod openapi;
mod slow;
mod statements;
mod texts;
