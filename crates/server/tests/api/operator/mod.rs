//! `/operator`.

mod access;
mod audit;
mod entrance;
mod jobs;
mod summary;
mod tenants;
