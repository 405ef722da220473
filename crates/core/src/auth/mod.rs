//! Accounts and sessions: registration, sign-in, tokens and their end.

mod confirm;
mod device;
pub mod invitation;
pub mod keys;
mod login;
mod logout;
mod me;
pub mod password;
pub mod passwords;
mod profile;
pub mod proof;
mod refresh;
mod refusals;
mod register;
mod session;
pub mod sessions;
mod switch_tenant;
pub(crate) mod throttle;
pub mod two_factor;

use crate::messages::Language;

pub use confirm::confirm;
pub(crate) use confirm::{RECENT, check_password};
pub use login::login;
pub use logout::{deactivate, logout};
pub use me::me;
pub use profile::update_me;
pub use refresh::refresh;
pub use register::register;
pub use switch_tenant::switch_tenant;
pub use two_factor::login_second_factor;

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address; IPv6 as its /64.
    pub address: String,
    /// What it calls itself, cut short.
    pub user_agent: String,
    /// The language of answers.
    pub language: Language,
    /// Whether an `Authorization` header came along.
    pub bears_token: bool,
    /// Whether it came from within this process: from a client of ours that can keep a secret, such as the web app.
    pub is_from_within: bool,
}
