//! `/tenants`.

mod audit;
mod change_role;
mod current;
mod invite;
mod list;
mod list_users;
mod remove_user;
mod show;
mod update;
