//! Single sign-on: one-time passes into the tenant's site, redeemed by the site itself.

use std::time::Duration;

use erpmax_store::sso_tokens::{self, NewSsoToken, SsoTokenRow};
use erpmax_store::{Tx, sites, support_accesses};
use erpmax_types::envelope::SuccessStatus;
use erpmax_types::operator::SupportAccessStanding;
use erpmax_types::redirect::{START, safe_redirect};
use erpmax_types::sso::{SsoCallback, SsoIdentity, SsoRedeemed, SsoTenant, SsoToken, SsoUser, SsoValidity};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, SessionId, SupportAccessId, TenantId, UserId};
use serde_json::json;

use crate::access::Member;
use crate::audit::{Action, Actor, record};
use crate::billing::limits::check_subscription;
use crate::validation::id;
use crate::{Core, Error, Result, hash, random_token};

const LIFETIME: Duration = Duration::from_secs(60);

/// A pass into the member's tenant's site.
pub async fn token(core: &Core, member: &Member) -> Result<SsoToken> {
    let session = member.require_session()?;
    let mut tx = core.store().begin().await?;
    let pass = issue(core, &mut tx, member.tenant_id, (member.user_id, session), None).await?;
    tx.commit().await?;
    Ok(pass)
}

/// A pass into a tenant's site: a member's own, or one of a support access.
pub(crate) async fn issue(
    core: &Core,
    tx: &mut Tx,
    tenant: TenantId,
    (user, session): (UserId, SessionId),
    support_access: Option<SupportAccessId>,
) -> Result<SsoToken> {
    let site = sites::find_of_tenant(tx, tenant).await?.filter(|site| site.ready_at.is_some());
    let site = site.ok_or(ErrorCode::SiteMissing)?;
    check_subscription(tx, tenant).await?;
    let (token, now) = (random_token(), core.now());
    let pass = NewSsoToken {
        token_hash: &hash(&token),
        tenant,
        site: site.id,
        user,
        session,
        support_access,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    sso_tokens::insert(tx, &pass).await?;
    let site_url = core.settings().sites.url(site.name.as_str());
    let sso_url = format!("{site_url}/api/method/erpmax.sso.login?token={token}");
    Ok(SsoToken { sso_url, token, expires_at: pass.expires_at })
}

/// Redeems a pass for the site that shows `site_key`. Every refusal is `forbidden` and spends nothing.
pub async fn redeem(core: &Core, request: &SsoCallback, site_key: Option<&str>) -> Result<SsoRedeemed> {
    let token_hash = hash(&request.token);
    let mut tx = core.store().begin().await?;
    let pass = sso_tokens::find(&mut tx, &token_hash).await?.ok_or(ErrorCode::Forbidden)?;
    let role = check(core, &pass, site_key)?;
    check_subscription(&mut tx, pass.tenant_id).await.map_err(as_forbidden)?;
    if !sso_tokens::spend(&mut tx, &token_hash, core.now()).await? {
        return Err(ErrorCode::Forbidden.into());
    }
    note(core, &mut tx, &pass).await?;
    tx.commit().await?;
    Ok(SsoRedeemed {
        status: SuccessStatus::Success,
        success: true,
        data: identity(core, pass, role),
        redirect: safe_redirect(request.redirect.as_deref().unwrap_or(START)).to_owned(),
    })
}

/// A site learns nothing of the tenant's payments.
fn as_forbidden(error: Error) -> Error {
    if error.code() == ErrorCode::SubscriptionInactive { ErrorCode::Forbidden.into() } else { error }
}

/// Whether a pass is good, without spending it; it names no user.
pub async fn validate(core: &Core, token: &str) -> Result<SsoValidity> {
    let pass = sso_tokens::find(&mut core.store().read().await?, &hash(token)).await?.ok_or(ErrorCode::NotFound)?;
    if !is_good(core, &pass) {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(SsoValidity { valid: true, tenant_id: pass.tenant_id, created_at: pass.created_at })
}

/// Until when a temporary user may stay in the site that shows `site_key`: asked by that site before it shows such a user anything.
pub async fn support_access(core: &Core, access: &str, site_key: Option<&str>) -> Result<SupportAccessStanding> {
    let row = support_accesses::find_standing(&mut core.store().read().await?, id(access)?).await?;
    let row = row.ok_or(ErrorCode::NotFound)?;
    let stands = row.ended_at.is_none() && row.expires_at > core.now() && row.operator_stands;
    if stands && key_is_good(core, site_key, row.site_key_hash.as_deref(), row.is_legacy) {
        Ok(SupportAccessStanding { valid_until: row.expires_at })
    } else {
        Err(ErrorCode::NotFound.into())
    }
}

/// The role that the pass gives, if everything that it stands on still stands.
fn check(core: &Core, pass: &SsoTokenRow, site_key: Option<&str>) -> Result<Role> {
    match role(core, pass) {
        Some(role)
            if key_is_good(core, site_key, pass.site_key_hash.as_deref(), pass.is_legacy) && is_good(core, pass) =>
        {
            Ok(role)
        }
        _ => Err(ErrorCode::Forbidden.into()),
    }
}

fn key_is_good(core: &Core, site_key: Option<&str>, expected: Option<&str>, is_legacy: bool) -> bool {
    match (site_key, expected) {
        (Some(key), Some(expected)) => hash(key) == expected,
        (None, Some(_)) => !core.settings().require_site_key || is_legacy,
        (_, None) => false,
    }
}

fn is_good(core: &Core, pass: &SsoTokenRow) -> bool {
    let unspent = pass.used_at.is_none() && pass.expires_at > core.now();
    unspent && pass.ended_at.is_none() && pass.is_active && role(core, pass).is_some() && pass.site_key_hash.is_some()
}

/// A member's own role; a running support access gives an admin's, whatever its operator is elsewhere.
fn role(core: &Core, pass: &SsoTokenRow) -> Option<Role> {
    if pass.support_access_id.is_none() {
        return pass.role;
    }
    let runs = pass.access_ended_at.is_none() && pass.access_expires_at.is_some_and(|end| end > core.now());
    (runs && pass.is_superuser).then_some(Role::Admin)
}

async fn note(core: &Core, tx: &mut Tx, pass: &SsoTokenRow) -> Result<()> {
    let actor = Actor::in_session(pass.user_id, pass.session_id, None);
    let target = pass.support_access_id.map_or_else(|| pass.user_id.to_string(), |access| access.to_string());
    let (tenant, target) = (Some(pass.tenant_id), Some(target));
    let change = pass.support_access_id.map_or_else(|| json!({}), |_| json!({"support_access": true}));
    record(core, tx, actor, Action { name: "sso.login", tenant, target, change }).await
}

fn identity(core: &Core, pass: SsoTokenRow, role: Role) -> SsoIdentity {
    let user = match pass.support_access_id {
        Some(access) => temporary_user(core, access, &pass.full_name, role),
        None => SsoUser { id: pass.user_id, email: pass.email, full_name: pass.full_name, role },
    };
    SsoIdentity {
        user,
        valid_until: pass.access_expires_at,
        tenant: SsoTenant { id: pass.tenant_id, name: pass.tenant_name, slug: pass.tenant_slug },
    }
}

/// Whom a site sees in place of an operator: a user of this access alone, who never is its Administrator.
fn temporary_user(core: &Core, access: SupportAccessId, operator: &str, role: Role) -> SsoUser {
    let text = access.to_string();
    let short = text.rsplit('-').next().unwrap_or_default();
    let host = core.settings().public_host();
    SsoUser {
        id: access.into(),
        email: format!("support+{short}@{host}"),
        full_name: format!("Support ({operator})"),
        role,
    }
}
