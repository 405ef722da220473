//! Invites a team to the company, and goes on after an address that is refused.
//!
//! `cargo run -p erpmax-client --example invite_a_team -- owner@acme.example a@acme.example b@acme.example`, with the password in
//! `ERPMAX_PASSWORD` and the server's address in `ERPMAX_API` (<http://localhost:8000>).
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::env;

use erpmax_client::types::users::Role;
use erpmax_client::{ApiClient, Error, Result};
use futures_util::TryStreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let email = arguments.next().ok_or("say your e-mail address and those to invite")?;
    let password = env::var("ERPMAX_PASSWORD").map_err(|_| "put your password into ERPMAX_PASSWORD")?;
    let client = ApiClient::new(&env::var("ERPMAX_API").unwrap_or_else(|_| "http://localhost:8000".to_owned()))?;
    client.auth().login(&email, &password).await?;
    let invited = invite_a_team(&client, &arguments.collect::<Vec<_>>()).await?;
    println!("{invited} people were invited");
    client.auth().logout().await?;
    Ok(())
}

/// Invites everybody; how many could be.
pub(crate) async fn invite_a_team(client: &ApiClient, team: &[String]) -> Result<usize> {
    let tenant = client.tenants().current().await?;
    let mut invited = 0;
    for address in team {
        match client.tenants().invite(tenant.id, address, Role::User).await {
            Ok(_) => invited += 1,
            Err(Error::Validation { details, .. }) => println!("{address}: {details:?}"),
            Err(Error::Conflict(refusal)) => println!("{address}: {refusal}"),
            Err(error) => return Err(error),
        }
    }
    let mut members = client.tenants().users(tenant.id).stream();
    while let Some(member) = members.try_next().await? {
        println!("{} is {} of {}", member.full_name, member.role, tenant.name);
    }
    Ok(invited)
}
