//! An address is invited in the moment in which it is registered: whoever comes second sees the first, whatever the order.

use tokio::task::JoinHandle;

use crate::support::{Person, TestApp, TestTenant, until};

const EMAIL: &str = "new@partner.example";

fn register(app: &TestApp, _: &TestTenant) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move { drop(Person::register(&app, EMAIL, "partner").await) })
}

fn invite(_: &TestApp, acme: &TestTenant) -> JoinHandle<()> {
    let acme = acme.clone();
    tokio::spawn(async move { drop(acme.invite(EMAIL, "user").await) })
}

type Start = fn(&TestApp, &TestTenant) -> JoinHandle<()>;

/// `first` gets as far as writing to `table`, then `second` as far as it comes.
async fn one_inside_the_other(first: Start, table: &str, second: Start) {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let held = app.database().hold(table).await;
    let first = first(&app, &acme);
    if held.is_some() {
        until("the first gets to the table", async || app.database().waiting().await == 1).await;
    }
    let second = second(&app, &acme);
    if held.is_some() {
        until("the second goes on", async || second.is_finished() || app.database().waiting().await == 2).await;
    }
    drop(held);
    first.await.expect("the first is carried out");
    second.await.expect("the second is carried out");
    let members = acme.owner.get(&acme.path("/users")).await.ok();
    let emails: Vec<_> = members.as_array().expect("a list").iter().map(|member| &member["email"]).collect();
    assert!(emails.contains(&&EMAIL.into()), "{emails:?}");
}

#[tokio::test]
async fn an_invitation_inside_a_registration_makes_a_member() {
    one_inside_the_other(register, "sessions", invite).await;
}

#[tokio::test]
async fn a_registration_inside_an_invitation_makes_a_member() {
    one_inside_the_other(invite, "invitations", register).await;
}
