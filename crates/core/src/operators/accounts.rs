//! Who is an operator. Whoever has the database decides, from the command line; no request can.

use erpmax_store::operators::{self, OperatorRow};
use erpmax_store::users::{self, UserRow};
use erpmax_store::{Store, Tx, support_accesses};
use erpmax_types::{ErrorCode, UserId};
use serde_json::{Value, json};

use crate::audit::{Action, Actor, record};
use crate::messages::Language;
use crate::tenants::found::{Life, found};
use crate::tenants::invitations;
use crate::validation::{Fields, email_key};
use crate::{Core, Result};

/// An operator who has no account yet.
#[derive(Clone)]
pub struct NewOperator {
    /// The address; it counts as proven, because whoever has the database says so.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// The name of the tenant that comes with every account.
    pub company: String,
    /// The password, in clear.
    pub password: String,
    /// The language of messages to the person.
    pub language: Language,
}

fn command_line() -> Actor<'static> {
    Actor { address: Some("command line"), ..Actor::default() }
}

/// All operators.
pub async fn list(store: &Store) -> Result<Vec<OperatorRow>> {
    Ok(operators::list(&mut store.read().await?).await?)
}

/// The account with an address, if there is one.
pub async fn find(store: &Store, email: &str) -> Result<Option<UserRow>> {
    Ok(users::find_by_email(&mut store.read().await?, &email_key(email)).await?)
}

/// Makes an account that is an operator's.
pub async fn create(core: &Core, new: &NewOperator) -> Result<UserId> {
    let mut fields = Fields::default();
    let email = fields.email("email", &new.email);
    let full_name = fields.name("full_name", &new.full_name);
    let company = fields.name("company_name", &new.company);
    fields.new_password("password", &new.password, &[&email, &full_name, &company]);
    fields.check()?;
    let (password_hash, key, now) = (core.passwords().hash(&new.password).await?, email_key(&email), core.now());
    let user = UserRow {
        id: core.id(),
        email,
        full_name,
        password_hash,
        language: new.language.tag(),
        is_active: true,
        is_superuser: true,
        email_proven_at: Some(now),
        created_at: now,
        updated_at: now,
    };
    let mut tx = core.store().begin().await?;
    users::lock_email(&mut tx, &key).await?;
    if users::find_by_email(&mut tx, &key).await?.is_some() {
        return Err(ErrorCode::EmailTaken.into());
    }
    users::insert(&mut tx, &user, &key).await?;
    found(core, &mut tx, &user, &company, Life::Awake).await?;
    invitations::accept_waiting(core, &mut tx, &user).await?;
    note(core, &mut tx, "operator.create", user.id, json!({"email": user.email})).await?;
    tx.commit().await?;
    Ok(user.id)
}

/// Makes an existing account an operator's; false if it is that already. An address that was never proven may be somebody
/// else's, so its account is refused.
pub async fn raise(core: &Core, email: &str) -> Result<bool> {
    let mut tx = core.store().begin().await?;
    let user = lock(&mut tx, email).await?;
    if !user.is_active {
        return Err(ErrorCode::AccountDisabled.into());
    }
    if user.email_proven_at.is_none() {
        return Err(ErrorCode::EmailNotVerified.into());
    }
    if !operators::update(&mut tx, user.id, true, core.now()).await? {
        return Ok(false);
    }
    note(core, &mut tx, "operator.raise", user.id, json!({"email": user.email})).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes the right away, with everything that was begun by it; false if the account is no operator's.
pub async fn revoke(core: &Core, email: &str) -> Result<bool> {
    let mut tx = core.store().begin().await?;
    let user = lock(&mut tx, email).await?;
    if !operators::update(&mut tx, user.id, false, core.now()).await? {
        return Ok(false);
    }
    operators::delete_confirmations(&mut tx, user.id).await?;
    for (access, tenant) in support_accesses::end_of_operator(&mut tx, user.id, core.now()).await? {
        let target = Some(access.to_string());
        let action = Action { name: "operator.end_support_access", tenant: Some(tenant), target, change: Value::Null };
        record(core, &mut tx, command_line(), action).await?;
    }
    note(core, &mut tx, "operator.revoke", user.id, json!({"email": user.email})).await?;
    tx.commit().await?;
    Ok(true)
}

async fn lock(tx: &mut Tx, email: &str) -> Result<UserRow> {
    let found = users::find_by_email(tx, &email_key(email)).await?.ok_or(ErrorCode::NotFound)?;
    Ok(users::lock(tx, found.id).await?.ok_or(ErrorCode::NotFound)?)
}

async fn note(core: &Core, tx: &mut Tx, name: &str, user: UserId, change: Value) -> Result<()> {
    let target = Some(user.to_string());
    record(core, tx, command_line(), Action { name, tenant: None, target, change }).await
}
