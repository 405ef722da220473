//! The operations, by area (guide §3).

mod auth;
mod backups;
mod billing;
mod notifications;
mod operator;
mod provisioning;
mod sso;
mod tenants;
mod two_factor;
mod watch;

pub use auth::Auth;
pub use backups::Backups;
pub use billing::Billing;
pub use notifications::Notifications;
pub use operator::Operator;
pub use provisioning::Provisioning;
pub use sso::Sso;
pub use tenants::Tenants;
pub use two_factor::TwoFactor;
pub use watch::Watch;

/// A handle on an area, made from the client. Cheap to clone.
macro_rules! service {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: crate::ApiClient,
        }

        impl $name {
            pub(crate) fn of(client: &crate::ApiClient) -> Self {
                Self { client: client.clone() }
            }
        }
    };
}

pub(crate) use service;
