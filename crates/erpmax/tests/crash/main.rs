//! Crash is normal: the binary is killed with SIGKILL at each step of each job type, while it undoes, right after its answers, while it
//! invites and sends mails, and at random instants, and started again. Each job ends in the right state, nothing is left over, and nobody misses an end.

mod answers;
mod company;
mod mails;
mod random;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod undo;
