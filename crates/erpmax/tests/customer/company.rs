//! Companies, members, plans, subscription, payments and messages: each command's output, errors and exit code.

use serde_json::json;

use crate::support::{PASSWORD, Server};
use crate::terminal::Terminal;
use crate::transcript::Transcript;

const GUEST: &str = "accountant@acme.example";

#[tokio::test]
async fn a_company_and_its_members_are_looked_after() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    Transcript::of(&terminal)
        .run(&["tenant", "list"])
        .run(&["tenant", "list", "--json"])
        .run(&["tenant", "show"])
        .run(&["tenant", "show", "nobody"])
        .run(&["tenant", "rename", "Acme & Sons"])
        .run(&["tenant", "set", "timezone=Europe/Kyiv", "require_second_factor=maybe"])
        .run(&["tenant", "set", "timezone=Europe/Kyiv"])
        .run(&["tenant", "set", "timezone=", "--json"])
        .run(&["tenant", "switch", "acme-trading"])
        .run(&["user", "list"])
        .run(&["user", "invite", "nonsense"])
        .run(&["user", "invite", GUEST, "--role", "admin"])
        .run(&["user", "invite", GUEST, "--role", "chief"])
        .run(&["user", "list"])
        .run(&["user", "remove", GUEST])
        .run(&["user", "remove", GUEST, "--yes"])
        .run(&["user", "remove", GUEST, "--yes"])
        .is("company");
}

#[tokio::test]
async fn members_change_roles_and_leave_and_are_told_what_they_may_not() {
    let server = Server::start(&[]).await;
    let (owner, guest) = (Terminal::at(&server), Terminal::at(&server));
    owner.register();
    let register = ["register", GUEST, "--name", "Acme Accountant", "--company", "Accounts", "--password-stdin"];
    assert_eq!(guest.run_with(&register, &format!("{PASSWORD}\n")).exit, Some(0));
    owner.must(&["user", "invite", GUEST]);
    let listed = owner.json(&["user", "list"]);
    assert_eq!(
        (&listed["users"][1]["email"], &listed["users"][1]["role"]),
        (&json!(GUEST), &json!("user")),
        "{listed}"
    );

    guest.must(&["tenant", "switch", "acme-trading"]);
    let tenants = guest.json(&["tenant", "list"]);
    assert_eq!(tenants["tenants"].as_array().map(Vec::len), Some(2), "{tenants}");
    let refused = guest.run(&["user", "invite", "other@acme.example"]);
    assert_eq!(refused.exit, Some(1));
    assert!(refused.err.ends_with("Ask an owner or admin of the company: erpmax user list\n"), "{}", refused.err);
    assert!(owner.must(&["user", "role", GUEST, "admin"]).contains("is admin of Acme Trading now"));
    guest.must(&["user", "invite", "other@acme.example"]);
    let document = owner.json(&["user", "remove", GUEST, "--yes", "--tenant", "acme-trading"]);
    assert_eq!(document["removed"]["email"], GUEST);
    let gone = guest.run(&["tenant", "show"]);
    assert_eq!(gone.exit, Some(1));
    assert!(gone.err.contains("erpmax tenant switch"), "{}", gone.err);
    guest.must(&["tenant", "switch", "accounts"]);
    assert!(guest.must(&["whoami"]).contains("Accounts (accounts)"));
}

#[tokio::test]
async fn a_subscription_is_looked_at_bought_and_cancelled() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    Transcript::of(&terminal)
        .run(&["plan", "list"])
        .run(&["subscription", "show"])
        .run(&["subscription", "checkout", "golden"])
        .run(&["subscription", "checkout", "business", "--return-to", "http://elsewhere.example"])
        .run(&["subscription", "checkout", "business", "--period", "yearly"])
        .run(&["subscription", "checkout", "business", "--json"])
        .run(&["subscription", "cancel"])
        .run(&["subscription", "cancel", "--yes", "--reason", "We close the shop"])
        .run(&["subscription", "show", "--json"])
        .run(&["invoice", "list"])
        .run(&["invoice", "list", "--json"])
        .run(&["notification", "list"])
        .run(&["notification", "list", "--unread", "--json"])
        .run(&["notification", "read", "--all"])
        .run(&["notification", "read", "nonsense"])
        .run(&["notification", "read"])
        .is("subscription");
}

#[tokio::test]
async fn the_price_list_needs_no_sign_in_and_no_home() {
    let server = Server::start(&[]).await;
    let terminal = Terminal::at(&server);
    let plans = terminal.json(&["plan", "list"]);
    assert_eq!(plans["plans"][0]["slug"], "starter");
}
