//! API v1 through the whole edge, on a real database. The folders mirror the addresses; `work` is what nobody waits for.

#[allow(dead_code, unused_imports, reason = "each test binary uses another part of it")]
mod support;

#[path = "api/auth/mod.rs"]
mod auth;
#[path = "api/billing/mod.rs"]
mod billing;
#[path = "api/edge/mod.rs"]
mod edge;
#[path = "api/invitation_page.rs"]
mod invitation_page;
#[path = "api/mails.rs"]
mod mails;
#[path = "api/notifications/mod.rs"]
mod notifications;
#[path = "api/operator/mod.rs"]
mod operator;
#[path = "api/pages.rs"]
mod pages;
#[path = "api/provisioning/mod.rs"]
mod provisioning;
#[path = "api/security/mod.rs"]
mod security;
#[path = "api/sso/mod.rs"]
mod sso;
#[path = "api/tenants/mod.rs"]
mod tenants;
#[path = "api/work/mod.rs"]
mod work;
