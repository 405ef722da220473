//! Registration: an account, a company, a trial and a first session, all at once.

use erpmax_store::tenants::TenantRow;
use erpmax_store::users::UserRow;
use erpmax_store::{StoreError, Tx, memberships, tenants, users};
use erpmax_types::ErrorCode;
use erpmax_types::users::{Register, SignedIn};
use serde_json::json;

use super::proof::ask_to_verify;
use super::{Origin, session, throttle};
use crate::audit::{Action, Actor, record};
use crate::tenants::found::{Life, TRIES, found, is_taken_slug};
use crate::tenants::invitations::{self, links};
use crate::tenants::to_tenant;
use crate::validation::{Fields, email_key};
use crate::{Core, Environment, Error, Result};

/// Registers a person and a company.
pub async fn register(core: &Core, request: &Register, origin: &Origin) -> Result<SignedIn> {
    let applicant = Applicant::check(request)?;
    throttle::count_registration(core, &origin.address).await?;
    refuse_taken(core, &applicant.email_key).await?;
    insert(core, &applicant, &request.password, origin).await
}

/// Registers somebody who was invited. The session starts in the inviting company; the own one, called as the person, is dormant.
pub(super) async fn register_invited(
    core: &Core,
    invited: links::Invited,
    full_name: &str,
    password: &str,
    origin: &Origin,
) -> Result<SignedIn> {
    let applicant = Applicant::check_invited(invited, full_name, password)?;
    throttle::count_registration(core, &origin.address).await?;
    insert(core, &applicant, password, origin).await
}

async fn insert(core: &Core, applicant: &Applicant, password: &str, origin: &Origin) -> Result<SignedIn> {
    let password_hash = core.passwords().hash(password).await?;
    let user = applicant.user(core, password_hash, origin);
    for _ in 1..TRIES {
        match insert_once(core, applicant, &user, origin).await {
            Err(error) if is_taken_slug(&error) => {}
            end => return end,
        }
    }
    insert_once(core, applicant, &user, origin).await
}

async fn insert_once(core: &Core, applicant: &Applicant, user: &UserRow, origin: &Origin) -> Result<SignedIn> {
    let mut tx = core.store().begin().await?;
    users::lock_email(&mut tx, &applicant.email_key).await?;
    let invited = match &applicant.invited {
        Some(invited) => Some(links::find(core, &mut tx, &invited.token).await?),
        None => None,
    };
    users::insert(&mut tx, user, &applicant.email_key).await.map_err(taken)?;
    let life = if invited.is_some() { Life::Dormant } else { Life::Awake };
    let own = found(core, &mut tx, user, &applicant.company, life).await?;
    let tenant = match &invited {
        Some(invited) => start_in_inviting(core, &mut tx, user, invited).await?,
        None => own,
    };
    if user.email_proven_at.is_none() {
        ask_to_verify(core, &mut tx, user).await?;
    } else if invited.is_none() {
        invitations::accept_waiting(core, &mut tx, user).await?;
    }
    let signed_in = sign_in(core, &mut tx, user, tenant, origin).await?;
    tx.commit().await?;
    Ok(signed_in)
}

async fn start_in_inviting(core: &Core, tx: &mut Tx, user: &UserRow, invited: &links::Invited) -> Result<TenantRow> {
    let joined = invitations::accept(core, tx, user, invited).await?;
    memberships::update_default(tx, user.id, joined.tenant_id).await?;
    Ok(tenants::find(tx, joined.tenant_id).await?.ok_or(ErrorCode::InvalidToken)?)
}

/// What was typed, cleaned.
struct Applicant {
    email: String,
    email_key: String,
    full_name: String,
    company: String,
    invited: Option<links::Invited>,
}

impl Applicant {
    fn check(request: &Register) -> Result<Self> {
        let mut fields = Fields::default();
        let email = fields.email("email", &request.email);
        let full_name = fields.name("full_name", &request.full_name);
        let company = fields.name("company_name", &request.company_name);
        fields.new_password("password", &request.password, &[&email, &full_name, &company]);
        fields.check()?;
        Ok(Self { email_key: email_key(&email), email, full_name, company, invited: None })
    }

    fn check_invited(invited: links::Invited, full_name: &str, password: &str) -> Result<Self> {
        let email = invited.invitation.email.clone();
        let mut fields = Fields::default();
        let full_name = fields.name("full_name", full_name);
        fields.new_password("password", password, &[&email, &full_name]);
        fields.check()?;
        let company = full_name.clone();
        Ok(Self { email_key: email_key(&email), email, full_name, company, invited: Some(invited) })
    }

    fn user(&self, core: &Core, password_hash: String, origin: &Origin) -> UserRow {
        let now = core.now();
        // Without a mail server there is nothing to prove an address with; on a developer's machine it counts as proven.
        let settings = core.settings();
        let by_itself = settings.environment == Environment::Development && !settings.mail.is_configured();
        let proven = by_itself || self.invited.as_ref().is_some_and(links::Invited::proves_address);
        UserRow {
            id: core.id(),
            email: self.email.clone(),
            full_name: self.full_name.clone(),
            password_hash,
            language: origin.language.tag(),
            is_active: true,
            is_superuser: false,
            email_proven_at: proven.then_some(now),
            created_at: now,
            updated_at: now,
        }
    }
}

async fn refuse_taken(core: &Core, email_key: &str) -> Result<()> {
    match users::find_by_email(&mut core.store().read().await?, email_key).await? {
        Some(_) => Err(ErrorCode::EmailTaken.into()),
        None => Ok(()),
    }
}

fn taken(error: StoreError) -> Error {
    if error.is_unique("users.email_key") { ErrorCode::EmailTaken.into() } else { error.into() }
}

async fn sign_in(core: &Core, tx: &mut Tx, user: &UserRow, tenant: TenantRow, origin: &Origin) -> Result<SignedIn> {
    let session = session::begin(core, tx, user.id, tenant.id, origin).await?;
    let tokens = session::fresh_tokens(core, tx, user.id, session.id, tenant.id, session.expires_at).await?;
    let actor = Actor::in_session(user.id, session.id, Some(&origin.address));
    let change = json!({"slug": tenant.slug});
    let target = Some(user.id.to_string());
    record(core, tx, actor, Action { name: "auth.register", tenant: Some(tenant.id), target, change }).await?;
    Ok(SignedIn {
        tokens,
        tenants: memberships::list_of_user(tx, user.id).await?,
        user: user.to_user(),
        current_tenant: to_tenant(core, tenant)?,
    })
}
