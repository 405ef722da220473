//! Proofs of access. Only this module makes them, so a function that takes an [`Admin`] cannot be called without the check.

mod calls;
mod key;
mod operator;

use std::ops::Deref;
use std::time::Duration;

use erpmax_store::access::{AccessRow, find};
use erpmax_types::users::Role;
use erpmax_types::{ApiKeyId, ErrorCode, SessionId, TenantId, Timestamp, UserId};

use crate::auth::keys::Claims;
use crate::messages::Language;
use crate::{Core, Result};

pub(crate) use calls::KeyCalls;
pub(crate) use key::PREFIX;
pub use key::{Presented, is_key, member_by_key, member_of_by_key};
pub use operator::{Operator, operator};

/// Who calls: a person in a session, or a program with an API key that acts for a person.
#[derive(Clone, Debug)]
pub struct Caller {
    credential: Credential,
    /// The account.
    pub user_id: UserId,
    /// Its address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// The language of messages to the person.
    pub language: Language,
    /// Where the request came from.
    pub address: String,
    second_factor: bool,
    email_proven: bool,
}

#[derive(Clone, Copy, Debug)]
enum Credential {
    Session { id: SessionId, confirmed_at: Timestamp },
    Key(ApiKeyId),
}

/// Somebody with a living session.
#[derive(Clone, Debug)]
pub struct Signed {
    caller: Caller,
    /// The session.
    pub session_id: SessionId,
    /// Whether it is an operator of the installation; no right inside tenants.
    pub is_superuser: bool,
    membership: Option<Membership>,
}

/// What a person is in one tenant.
#[derive(Clone, Copy, Debug)]
struct Membership {
    tenant: TenantId,
    role: Role,
    requires_second_factor: bool,
}

/// A member of the tenant `tenant_id`, or a key of one.
#[derive(Clone, Debug)]
pub struct Member {
    caller: Caller,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The role in it.
    pub role: Role,
}

/// A member who is at least admin.
#[derive(Clone, Debug)]
pub struct Admin(Member);

/// A member who is owner: always a person.
#[derive(Clone, Debug)]
pub struct Owner(Admin);

impl Deref for Signed {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Deref for Member {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Deref for Admin {
    type Target = Member;

    fn deref(&self) -> &Member {
        &self.0
    }
}

impl Deref for Owner {
    type Target = Admin;

    fn deref(&self) -> &Admin {
        &self.0
    }
}

/// Checks the session behind a verified token, in one statement; role and tenant are those of the current tenant.
pub async fn signed(core: &Core, claims: &Claims, address: &str) -> Result<Signed> {
    let row = find(&mut core.store().read().await?, claims.session, None).await?;
    let row = check_session(core, claims, row)?;
    let tenant = row.session_tenant_id;
    Ok(to_signed(row, tenant, address))
}

/// Checks the session behind a verified token and the membership in `tenant`, in one statement. To a stranger the tenant
/// does not exist.
pub async fn member_of(core: &Core, claims: &Claims, tenant: TenantId, address: &str) -> Result<Member> {
    let row = find(&mut core.store().read().await?, claims.session, Some(tenant)).await?;
    let row = check_session(core, claims, row)?;
    to_signed(row, tenant, address).into_member(ErrorCode::NotFound)
}

fn check_session(core: &Core, claims: &Claims, row: Option<AccessRow>) -> Result<AccessRow> {
    let row = row.ok_or(ErrorCode::Unauthorized)?;
    check_living(core, row.ended_at, row.expires_at, row.is_active)?;
    check_tenant(claims, row.session_tenant_id)?;
    Ok(row)
}

/// Refuses a session that is over, or whose account is closed.
pub(crate) fn check_living(
    core: &Core,
    ended_at: Option<Timestamp>,
    expires_at: Timestamp,
    is_active: bool,
) -> Result<()> {
    if ended_at.is_some() || expires_at <= core.now() {
        return Err(ErrorCode::Unauthorized.into());
    }
    if is_active { Ok(()) } else { Err(ErrorCode::AccountDisabled.into()) }
}

/// Refuses a token that names another tenant than its session's row does; a refresh cures it.
pub(crate) fn check_tenant(claims: &Claims, session_tenant: TenantId) -> Result<()> {
    if claims.tenant == session_tenant { Ok(()) } else { Err(ErrorCode::TokenExpired.into()) }
}

fn to_signed(row: AccessRow, tenant: TenantId, address: &str) -> Signed {
    let caller = Caller {
        credential: Credential::Session { id: row.session_id, confirmed_at: row.confirmed_at },
        user_id: row.user_id,
        email: row.email,
        full_name: row.full_name,
        language: Language::from_tag(&row.language),
        address: address.to_owned(),
        second_factor: row.second_factor_at.is_some(),
        email_proven: row.email_proven_at.is_some(),
    };
    let requires_second_factor = row.requires_second_factor;
    let membership = row.role.map(|role| Membership { tenant, role, requires_second_factor });
    Signed { caller, session_id: row.session_id, is_superuser: row.is_superuser, membership }
}

impl Caller {
    /// The session; none for a key.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session { id, .. } => Some(id),
            Credential::Key(_) => None,
        }
    }

    /// The API key; none for a person.
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::Session { .. } => None,
            Credential::Key(id) => Some(id),
        }
    }

    /// The session, for what is a person's alone.
    pub fn require_session(&self) -> Result<SessionId> {
        self.session().ok_or(ErrorCode::Forbidden.into())
    }

    /// Refuses unless the person showed the password within `age`: at the sign-in or by `POST /auth/confirm`. A key never did.
    pub fn require_confirmation(&self, core: &Core, age: Duration) -> Result<()> {
        match self.credential {
            Credential::Session { confirmed_at, .. } if confirmed_at + age > core.now() => Ok(()),
            Credential::Session { .. } => Err(ErrorCode::ConfirmationRequired.into()),
            Credential::Key(_) => Err(ErrorCode::Forbidden.into()),
        }
    }

    /// Refuses an account whose address is not proven, where mails reach people: there it can be.
    pub fn require_proven_email(&self, core: &Core) -> Result<()> {
        if self.email_proven || !core.settings().mail.is_configured() {
            Ok(())
        } else {
            Err(ErrorCode::EmailNotVerified.into())
        }
    }

    /// Whether signing in to the account asks for a code.
    pub fn has_second_factor(&self) -> bool {
        self.second_factor
    }

    /// Refuses an account without a second factor.
    pub fn require_second_factor(&self) -> Result<()> {
        if self.second_factor { Ok(()) } else { Err(ErrorCode::SecondFactorRequired.into()) }
    }
}

impl Signed {
    /// The membership in the session's current tenant.
    pub fn member(self) -> Result<Member> {
        self.into_member(ErrorCode::NotAMember)
    }

    fn into_member(self, otherwise: ErrorCode) -> Result<Member> {
        let Membership { tenant, role, requires_second_factor } = self.membership.ok_or(otherwise)?;
        if requires_second_factor {
            self.require_second_factor()?;
        }
        Ok(Member { caller: self.caller, tenant_id: tenant, role })
    }
}

impl Member {
    /// The same member as admin, if the role reaches that far.
    pub fn admin(self) -> Result<Admin> {
        if self.role.includes(Role::Admin) { Ok(Admin(self)) } else { Err(ErrorCode::Forbidden.into()) }
    }

    /// The same member as owner.
    pub fn owner(self) -> Result<Owner> {
        self.require_session()?;
        if self.role == Role::Owner { Ok(Owner(Admin(self))) } else { Err(ErrorCode::Forbidden.into()) }
    }
}
