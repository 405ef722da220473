//! Everybody who might see the wrong thing.

use serde_json::{Value, json};

use super::company::{Company, fresh_pass};
use crate::support::{Factor, Ids, Operation, PASSWORD, Person, TestApp, random_id, token_of};

/// Somebody who tries everything.
pub(super) struct Visitor {
    pub(super) name: &'static str,
    pub(super) person: Person,
    /// What is the person's own, or of the own tenant.
    own: Ids,
    shows: Shows,
}

/// What somebody shows to be let in.
enum Shows {
    Session,
    Key(String),
    Nothing,
}

impl Visitor {
    /// Everybody: the roles of a company, its program, an operator, a stranger and somebody who is not signed in.
    pub(super) async fn all(app: &TestApp, company: &Company) -> Vec<Self> {
        let operator = app.person("operator").await;
        app.raise(&operator).await;
        let stranger = app.person("stranger").await;
        vec![
            Self::of("owner", &company.owner, &company.ids),
            Self::of("admin", &company.admin, &company.ids),
            Self::of("user", &company.user, &company.ids),
            Self::of("operator", &operator, &elsewhere(&company.ids, &operator)),
            Self::of("stranger", &stranger, &elsewhere(&company.ids, &stranger)),
            Self::program(company),
            Self { shows: Shows::Nothing, ..Self::of("nobody", &stranger, &elsewhere(&company.ids, &stranger)) },
        ]
    }

    fn of(name: &'static str, person: &Person, own: &Ids) -> Self {
        Self { name, person: person.clone(), own: own.clone(), shows: Shows::Session }
    }

    /// A program of the company, that knows all that its owner knows.
    fn program(company: &Company) -> Self {
        Self { shows: Shows::Key(company.key.text.clone()), ..Self::of("program", &company.owner, &company.ids) }
    }

    /// A session of its own for one operation, because some end it; with what goes with a session.
    pub(super) async fn session(&self, operation: &Operation) -> (Person, Ids) {
        self.forget_factor().await;
        self.own_again().await;
        let person = self.person.login_again().await;
        if self.own.tenant != person.own_tenant {
            person.switch_to(&self.own.tenant).await;
        }
        let ids = Ids {
            pass: fresh_pass(&person).await,
            session: person.login_again().await.session_id().await,
            refresh_token: person.refresh_token(),
            email: person.email.clone(),
            password: PASSWORD.to_owned(),
            ..self.own.clone()
        };
        let ids = shown_for(operation, &person, ids).await;
        let ids = self.invitation_for(operation, &person, ids).await;
        (person, ids)
    }

    /// Whoever had the company handed over has it again.
    async fn own_again(&self) {
        if self.name == "owner" {
            let sql = format!("UPDATE memberships SET role = 'owner' WHERE user_id = '{}'", self.person.id);
            self.person.app().database().execute(&sql).await;
        }
    }

    /// A fresh invitation, because operations spend them; who may not invite has the one that everybody knows.
    async fn invitation_for(&self, operation: &Operation, person: &Person, ids: Ids) -> Ids {
        match operation.id.as_str() {
            "auth.look_at_invitation" | "auth.accept_invitation" => {
                let link = invite(person, &person.own_tenant).await["link"].clone();
                Ids { invitation_token: token_of(link.as_str().expect("a link")), ..ids }
            }
            "tenants.revoke_invitation" | "tenants.resend_invitation" => {
                let invitation = invite(person, &ids.tenant).await["id"].clone();
                let invitation = invitation.as_str().map_or(ids.invitation, ToOwned::to_owned);
                Ids { invitation, ..ids }
            }
            _ => ids,
        }
    }

    /// What the operation before left of a second factor.
    async fn forget_factor(&self) {
        for table in ["recovery_codes", "login_challenges", "second_factors"] {
            self.person
                .app()
                .database()
                .execute(&format!("DELETE FROM {table} WHERE user_id = '{}'", self.person.id))
                .await;
        }
    }

    pub(super) fn token(&self, person: &Person) -> Option<String> {
        match &self.shows {
            Shows::Session => Some(person.access()),
            Shows::Key(text) => Some(text.clone()),
            Shows::Nothing => None,
        }
    }
}

/// The second factor, challenge, code and token that an operation asks for.
async fn shown_for(operation: &Operation, person: &Person, ids: Ids) -> Ids {
    match operation.id.as_str() {
        "auth.two_factor_activate" => Ids { code: Factor::begin(person).await.code(), ..ids },
        "auth.two_factor_disable" | "auth.two_factor_recovery_codes" => {
            Ids { code: Factor::of(person).await.code_of(1), ..ids }
        }
        "auth.login_second_factor" => {
            let factor = Factor::of(person).await;
            Ids { challenge: factor.challenge().await, code: factor.code_of(1), ..ids }
        }
        "auth.verify_email" => Ids { mail_token: person.app().plant_token(person, "verify").await, ..ids },
        "backups.download" => {
            Ids { backup_token: fresh_link(person, &ids.backup).await.unwrap_or(ids.backup_token), ..ids }
        }
        "auth.reset_password" => Ids { mail_token: person.app().plant_token(person, "reset").await, ..ids },
        _ => ids,
    }
}

/// The token of a link to an archive, for who may have one.
pub(super) async fn fresh_link(person: &Person, backup: &str) -> Option<String> {
    let answer = person.post_nothing(&format!("/backups/{backup}/download")).await;
    answer.body["data"]["url"].as_str().and_then(|url| url.rsplit('/').next()).map(ToOwned::to_owned)
}

async fn invite(person: &Person, tenant: &str) -> Value {
    let body = json!({"email": format!("{}@new.example", random_id()), "role": "user"});
    person.post(&format!("/tenants/{tenant}/users/invite"), body).await.body["data"].clone()
}

/// What somebody with a company without anything has.
fn elsewhere(ids: &Ids, person: &Person) -> Ids {
    Ids {
        tenant: person.own_tenant.clone(),
        user: person.id.clone(),
        failed_job: random_id(),
        pending_job: random_id(),
        notification: random_id(),
        session: random_id(),
        api_key: random_id(),
        backup: random_id(),
        backup_token: random_id(),
        site_key: random_id(),
        access: random_id(),
        ..ids.clone()
    }
}
