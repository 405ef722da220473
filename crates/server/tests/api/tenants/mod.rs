//! `/tenants`.

mod api_keys;
mod audit;
mod change_role;
mod current;
mod invitations;
mod invite;
mod invite_while_registering;
mod list;
mod list_users;
mod remove_user;
mod second_factor;
mod show;
mod stale_roles;
mod support_access;
mod transfer;
mod update;
