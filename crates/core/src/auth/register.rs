//! Registration: an account, a company, a trial and a first session, all at once.

use erpmax_store::tenants::TenantRow;
use erpmax_store::users::UserRow;
use erpmax_store::{StoreError, Tx, memberships, tenants, users};
use erpmax_types::ErrorCode;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::{Register, Role, SignedIn};
use serde_json::json;

use super::proof::ask_to_verify;
use super::{Origin, session, throttle};
use crate::audit::{Action, Actor, record};
use crate::tenants::{invitations, slug, to_tenant};
use crate::validation::{Fields, email_key};
use crate::{Core, Environment, Error, Result, billing};

/// How often a company is tried to be founded whose slug another one takes at the same moment.
const TRIES: u32 = 5;

/// Registers a person and a company.
pub async fn register(core: &Core, request: &Register, origin: &Origin) -> Result<SignedIn> {
    let applicant = Applicant::check(request)?;
    throttle::count_registration(core, &origin.address).await?;
    refuse_taken(core, &applicant.email_key).await?;
    let password_hash = core.passwords().hash(&request.password).await?;
    let user = applicant.user(core, password_hash, origin);
    for _ in 1..TRIES {
        match found(core, &applicant, &user, origin).await {
            Err(Error::Internal(cause)) if is_taken_slug(&cause) => {}
            end => return end,
        }
    }
    found(core, &applicant, &user, origin).await
}

async fn found(core: &Core, applicant: &Applicant, user: &UserRow, origin: &Origin) -> Result<SignedIn> {
    let mut tx = core.store().begin().await?;
    users::lock_email(&mut tx, &applicant.email_key).await?;
    users::insert(&mut tx, user, &applicant.email_key).await.map_err(taken)?;
    let tenant = found_tenant(core, &mut tx, user, &applicant.company).await?;
    let signed_in = sign_in(core, &mut tx, user, tenant, origin).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// What was typed, cleaned.
struct Applicant {
    email: String,
    email_key: String,
    full_name: String,
    company: String,
}

impl Applicant {
    fn check(request: &Register) -> Result<Self> {
        let mut fields = Fields::default();
        let email = fields.email("email", &request.email);
        let full_name = fields.name("full_name", &request.full_name);
        let company = fields.name("company_name", &request.company_name);
        fields.new_password("password", &request.password, &[&email, &full_name, &company]);
        fields.check()?;
        Ok(Self { email_key: email_key(&email), email, full_name, company })
    }

    fn user(&self, core: &Core, password_hash: String, origin: &Origin) -> UserRow {
        let now = core.now();
        // Without a mail server there is nothing to prove an address with; on a developer's machine it counts as proven.
        let settings = core.settings();
        let proven = settings.environment == Environment::Development && !settings.mail.is_configured();
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

fn is_taken_slug(cause: &anyhow::Error) -> bool {
    cause.downcast_ref().is_some_and(|error: &StoreError| error.is_unique("tenants.slug"))
}

/// The person's own company, with its trial.
pub(crate) async fn found_tenant(core: &Core, tx: &mut Tx, user: &UserRow, company: &str) -> Result<TenantRow> {
    let now = core.now();
    let tenant = TenantRow {
        id: core.id(),
        name: company.to_owned(),
        slug: slug::find_free(tx, company).await?,
        status: TenantStatus::Pending,
        settings: json!({"language": user.language}).to_string(),
        site_name: None,
        created_at: now,
        updated_at: now,
    };
    tenants::insert(tx, &tenant).await?;
    memberships::insert(tx, tenant.id, user.id, Role::Owner, true, now).await?;
    billing::trial::begin(core, tx, tenant.id).await?;
    Ok(tenant)
}

async fn sign_in(core: &Core, tx: &mut Tx, user: &UserRow, tenant: TenantRow, origin: &Origin) -> Result<SignedIn> {
    if user.email_proven_at.is_some() {
        invitations::accept_waiting(core, tx, user).await?;
    } else {
        ask_to_verify(core, tx, user).await?;
    }
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
