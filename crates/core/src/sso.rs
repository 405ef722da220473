//! Single sign-on: one-time passes into the tenant's site, redeemed by the site itself.

use std::time::Duration;

use erpmax_store::sso_tokens::{self, NewSsoToken, SsoTokenRow};
use erpmax_store::{Tx, sites};
use erpmax_types::ErrorCode;
use erpmax_types::envelope::SuccessStatus;
use erpmax_types::redirect::{START, safe_redirect};
use erpmax_types::sso::{SsoCallback, SsoIdentity, SsoRedeemed, SsoTenant, SsoToken, SsoUser, SsoValidity};
use erpmax_types::users::Role;
use serde_json::json;

use crate::access::Member;
use crate::audit::{Action, Actor, record};
use crate::{Core, Result, hash, random_token};

const LIFETIME: Duration = Duration::from_secs(60);

/// A pass into the member's tenant's site.
pub async fn token(core: &Core, member: &Member) -> Result<SsoToken> {
    let session = member.require_session()?;
    let mut tx = core.store().begin().await?;
    let site = sites::find_of_tenant(&mut tx, member.tenant_id).await?.filter(|site| site.ready_at.is_some());
    let site = site.ok_or(ErrorCode::SiteMissing)?;
    let (token, now) = (random_token(), core.now());
    let pass = NewSsoToken {
        token_hash: &hash(&token),
        tenant: member.tenant_id,
        site: site.id,
        user: member.user_id,
        session,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    sso_tokens::insert(&mut tx, &pass).await?;
    tx.commit().await?;
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
    if !sso_tokens::spend(&mut tx, &token_hash, core.now()).await? {
        return Err(ErrorCode::Forbidden.into());
    }
    note(core, &mut tx, &pass).await?;
    tx.commit().await?;
    Ok(SsoRedeemed {
        status: SuccessStatus::Success,
        success: true,
        data: identity(pass, role),
        redirect: safe_redirect(request.redirect.as_deref().unwrap_or(START)).to_owned(),
    })
}

/// Whether a pass is good, without spending it; it names no user.
pub async fn validate(core: &Core, token: &str) -> Result<SsoValidity> {
    let pass = sso_tokens::find(&mut core.store().read().await?, &hash(token)).await?.ok_or(ErrorCode::NotFound)?;
    if !is_good(core, &pass) {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(SsoValidity { valid: true, tenant_id: pass.tenant_id, created_at: pass.created_at })
}

/// The role that the pass gives, if everything that it stands on still stands.
fn check(core: &Core, pass: &SsoTokenRow, site_key: Option<&str>) -> Result<Role> {
    let key_is_good = match (site_key, &pass.site_key_hash) {
        (Some(key), Some(expected)) => hash(key) == *expected,
        (None, Some(_)) => !core.settings().require_site_key || pass.is_legacy,
        (_, None) => false,
    };
    match pass.role {
        Some(role) if key_is_good && is_good(core, pass) => Ok(role),
        _ => Err(ErrorCode::Forbidden.into()),
    }
}

fn is_good(core: &Core, pass: &SsoTokenRow) -> bool {
    let unspent = pass.used_at.is_none() && pass.expires_at > core.now();
    unspent && pass.ended_at.is_none() && pass.is_active && pass.role.is_some() && pass.site_key_hash.is_some()
}

async fn note(core: &Core, tx: &mut Tx, pass: &SsoTokenRow) -> Result<()> {
    let actor = Actor::in_session(pass.user_id, pass.session_id, None);
    let (tenant, target) = (Some(pass.tenant_id), Some(pass.user_id.to_string()));
    record(core, tx, actor, Action { name: "sso.login", tenant, target, change: json!({}) }).await
}

fn identity(pass: SsoTokenRow, role: Role) -> SsoIdentity {
    SsoIdentity {
        user: SsoUser { id: pass.user_id, email: pass.email, full_name: pass.full_name, role },
        tenant: SsoTenant { id: pass.tenant_id, name: pass.tenant_name, slug: pass.tenant_slug },
    }
}
