//! The runner against a control plane in memory, the sandbox against the file system, and its pages over HTTP.

#![expect(unreachable_pub, reason = "the support modules are the tests' own")]

mod cancels;
mod crashes;
mod line;
mod pages;
mod saga;
mod sandbox;
mod sign_in;
mod support;
