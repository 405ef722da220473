//! `/auth`.

mod accept_invitation;
mod change_password;
mod confirm;
mod hashing;
mod login;
mod login_limits;
mod login_second_factor;
mod logout;
mod me;
mod refresh;
mod register;
mod sessions;
mod switch_tenant;
mod tokens;
mod two_factor;
