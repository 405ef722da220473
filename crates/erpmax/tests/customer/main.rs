//! The command line of customers and scripts, as they run it: the real binary against a real `serve`.

mod account;
mod company;
mod demo;
mod misuse;
mod pages;
mod screen;
mod shared;
mod sites;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod transcript;
