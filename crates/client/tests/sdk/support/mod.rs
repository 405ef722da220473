//! A real control plane, and a server that does what a test tells it.

mod hostile;
mod node;

use erpmax_client::ApiClient;
use erpmax_client::store::MemoryStore;
use erpmax_client::types::users::{Register, Tokens};

pub(crate) use hostile::{Hostile, Play, Seen, envelope, refusal};
pub(crate) use node::Node;

pub(crate) const PASSWORD: &str = "BlueHorse-Battery-42";

/// Tokens that a hostile server takes or refuses as it likes.
pub(crate) fn tokens(name: &str) -> Tokens {
    Tokens { access_token: format!("access-{name}"), refresh_token: format!("refresh-{name}") }
}

/// A store of somebody who is signed in.
pub(crate) fn signed_in(name: &str) -> MemoryStore {
    MemoryStore::with(tokens(name))
}

/// Registers the owner of a company of this name.
pub(crate) async fn register(client: &ApiClient, company: &str) {
    let register = Register {
        email: format!("owner@{company}.example"),
        password: PASSWORD.to_owned(),
        full_name: "The Owner".to_owned(),
        company_name: company.to_owned(),
    };
    client.auth().register(&register).await.expect("the owner is registered");
}
