//! API keys of a tenant. Only persons handle them.

pub(super) mod create;
pub(super) mod list;
pub(super) mod revoke;
