//! Kills while somebody is invited and the mail of it is sent: one membership or invitation, and every mail, more than once
//! only as the same one.
#![expect(clippy::print_stdout, reason = "a proof tells its numbers")]

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::answers::{crash, kill_during};
use crate::support::{MailServer, Server, is_full_proof, parse, text, until};

/// When the server dies after a request began, in milliseconds.
const MOMENTS: [u64; 9] = [0, 2, 4, 6, 9, 13, 18, 25, 40];

/// The request to invite, always with the same key.
fn invitation(server: &Server, owner: &Value, email: &str) -> RequestBuilder {
    let path = format!("/tenants/{}/users/invite", text(&owner["current_tenant"], "id"));
    let body = json!({"email": email, "role": "user"});
    let request = server.request(Method::POST, &path, text(owner, "access_token"), Some(body));
    request.header("idempotency-key", "one-and-the-same")
}

async fn all_mails_are_sent(server: &Server) {
    let waiting = async || server.count("SELECT count(*) FROM mails WHERE status <> 'sent'").await;
    until("the sending of all mails", Duration::from_secs(30), async || (waiting().await == 0).then_some(())).await;
}

/// Every mail that there is reached the mail server; how many came more than once.
async fn check_mails(server: &Server, mail_server: &MailServer) -> usize {
    all_mails_are_sent(server).await;
    let mails = mail_server.mails();
    let ids: BTreeSet<String> = mails.iter().map(|mail| parse(mail).message_id().expect("an id").to_owned()).collect();
    let written = server.count("SELECT count(*) FROM mails").await;
    assert_eq!(i64::try_from(ids.len()), Ok(written), "each mail has one id and comes");
    mails.len() - ids.len()
}

/// Invites somebody on a server that dies at a moment of the request, and at the same moment after its repetition.
async fn invite_dangerously(server: &mut Server, number: usize, moment: u64) {
    let company = format!("company{number}");
    let colleague = server.register(&format!("colleague{number}")).await;
    let owner = server.register(&company).await;
    let email = text(&colleague["user"], "email");
    let request = invitation(server, &owner, email);
    kill_during(server, request, moment).await;
    let again = invitation(server, &owner, email).send().await.expect("the server answers");
    assert_eq!(again.status(), 200);
    tokio::time::sleep(Duration::from_millis(moment)).await;
    crash(server).await;
    let user = text(&colleague["user"], "id");
    let invitations = format!("SELECT count(*) FROM invitations WHERE email = '{email}'");
    let memberships = format!("SELECT count(*) FROM memberships WHERE user_id = '{user}'");
    assert_eq!(server.count(&invitations).await, 1);
    assert!(server.count(&memberships).await <= 2, "in the own company, and once in the other");
}

#[tokio::test]
async fn an_invitation_under_kills_makes_one_member_and_its_mail_comes() {
    let mail_server = MailServer::start("take");
    let environment = mail_server.environment();
    let environment: Vec<(&str, &str)> = environment.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut server = Server::start(&environment).await;
    let rounds = if is_full_proof() { 10 } else { 1 };
    for (number, moment) in MOMENTS.iter().cycle().take(MOMENTS.len() * rounds).enumerate() {
        invite_dangerously(&mut server, number, *moment).await;
    }
    let repeated = check_mails(&server, &mail_server).await;
    println!(
        "proof: {} kills while somebody was invited and mails were sent: one invitation each, every mail came, {repeated} \
         of them twice, as the same mail",
        2 * MOMENTS.len() * rounds
    );
}
