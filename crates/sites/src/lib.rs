//! How sites are made: the runner loop, the control plane as a runner sees it, and the drivers.
//!
//! A [`Driver`] knows how a job's steps are carried out and undone; [`runner::run`] leases jobs from a [`Control`] and takes them
//! through their steps, so that the truth is always with the control plane. Nothing here knows a database or the API's routes.

pub mod control;
pub mod driver;
mod hexadecimal;
pub mod runner;
pub mod sandbox;

pub use control::{Control, ControlError};
pub use driver::{Driver, StepContext, StepError, StepInfo};
pub use runner::{RunnerSettings, run};
