//! Support access: an operator signs in to a company's site as a temporary user of that access alone.

use std::time::Duration;

use erpmax_store::support_accesses::{self, SupportAccessRow};
use erpmax_store::tenants::{self, TenantRow};
use erpmax_store::{Tx, memberships};
use erpmax_types::notifications::NotificationType;
use erpmax_types::operator::{StartSupportAccess, SupportAccess, SupportAccessStarted};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, SupportAccessId, TenantId, UserId};
use serde_json::json;

use crate::access::Operator;
use crate::audit::{Action, Actor, record};
use crate::idempotency::{keep_for_operator, replay_to_operator};
use crate::mail::{self, Letter};
use crate::messages::Language;
use crate::notifications::{Text, notify_user};
use crate::validation::{Fields, id};
use crate::{Core, Idempotency, Result, sso};

const REASON_LENGTH: usize = 500;
const MOST_MINUTES: u32 = 60;

/// Opens an access and tells the owners in the same transaction. Repeated with the same `Idempotency-Key` it is the same access,
/// with a fresh way in.
pub async fn start(
    core: &Core,
    operator: &Operator,
    tenant: &str,
    request: &StartSupportAccess,
    idempotency: Option<Idempotency>,
) -> Result<SupportAccessStarted> {
    let tenant: TenantId = id(tenant)?;
    let reason = check(request)?;
    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, tenant).await?;
    let company = tenants::find(&mut tx, tenant).await?.ok_or(ErrorCode::NotFound)?;
    if !tenants::allows_support_access(&mut tx, tenant).await? {
        return Err(ErrorCode::SupportAccessForbidden.into());
    }
    let (who, key) = ((operator, tenant), idempotency.as_ref());
    let access = if let Some(kept) = replay_to_operator(core, &mut tx, who, key).await? {
        running(core, &mut tx, &kept).await?
    } else {
        open(core, &mut tx, operator, &company, reason, request.minutes).await?
    };
    keep_for_operator(core, &mut tx, who, key, &access).await?;
    let sso = sso::issue(core, &mut tx, tenant, (operator.user_id, operator.session_id), Some(access.id)).await?;
    tx.commit().await?;
    Ok(SupportAccessStarted { access, sso })
}

fn check(request: &StartSupportAccess) -> Result<String> {
    let mut fields = Fields::default();
    let reason = fields.sentences("reason", &request.reason, REASON_LENGTH);
    if !(1..=MOST_MINUTES).contains(&request.minutes) {
        fields.problem("minutes", "minutes");
    }
    fields.check()?;
    Ok(reason)
}

/// The access of a request that was made before; it may be over by now.
async fn running(core: &Core, tx: &mut Tx, kept: &SupportAccess) -> Result<SupportAccess> {
    let row = support_accesses::find(tx, kept.tenant_id, kept.id).await?.ok_or(ErrorCode::Conflict)?;
    if row.ended_at.is_some() || row.expires_at <= core.now() {
        return Err(ErrorCode::Conflict.into());
    }
    Ok(to_access(row))
}

async fn open(
    core: &Core,
    tx: &mut Tx,
    operator: &Operator,
    company: &TenantRow,
    reason: String,
    minutes: u32,
) -> Result<SupportAccess> {
    let now = core.now();
    let access = SupportAccessRow {
        id: core.id(),
        tenant_id: company.id,
        operator_id: operator.user_id,
        operator_name: operator.full_name.clone(),
        reason,
        created_at: now,
        expires_at: now + Duration::from_secs(u64::from(minutes) * 60),
        ended_at: None,
        ended_by: None,
    };
    support_accesses::insert(tx, &access).await?;
    tell_owners(core, tx, company, &access, minutes).await?;
    let change = json!({"reason": access.reason, "minutes": minutes});
    let (tenant, target) = (Some(company.id), Some(access.id.to_string()));
    let action = Action { name: "operator.support_access", tenant, target, change };
    record(core, tx, (&**operator).into(), action).await?;
    Ok(to_access(access))
}

async fn tell_owners(
    core: &Core,
    tx: &mut Tx,
    company: &TenantRow,
    access: &SupportAccessRow,
    minutes: u32,
) -> Result<()> {
    let text = Text::new("support_access", NotificationType::Warning)
        .with("operator", access.operator_name.clone())
        .with("company", company.name.clone())
        .with("minutes", minutes.to_string())
        .with("reason", access.reason.clone());
    for owner in memberships::list_with_role(tx, company.id, Role::Owner).await? {
        let language = Language::from_tag(&owner.language);
        notify_user(core, tx, owner.user_id, Some(company.id), &language, &text).await?;
    }
    let letter = Letter::SupportAccess {
        company: company.name.clone(),
        reason: access.reason.clone(),
        until: access.expires_at,
    };
    mail::send_to_members(core, tx, company.id, Role::Owner, &letter).await
}

/// Ends an access before its time; one that is over stays as it is.
pub async fn end(core: &Core, operator: &Operator, tenant: &str, access: &str) -> Result<SupportAccess> {
    let (tenant, access) = (id(tenant)?, id(access)?);
    let mut tx = core.store().begin().await?;
    let ended = end_one(
        core,
        &mut tx,
        (tenant, access),
        operator.user_id,
        ("operator.end_support_access", (&**operator).into()),
    )
    .await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends a tenant's access by `person`, and notes it as the action of the actor.
pub(crate) async fn end_one(
    core: &Core,
    tx: &mut Tx,
    (tenant, access): (TenantId, SupportAccessId),
    person: UserId,
    (name, actor): (&str, Actor<'_>),
) -> Result<SupportAccess> {
    tenants::lock(tx, tenant).await?;
    let there = support_accesses::find(tx, tenant, access).await?.is_some();
    if there && support_accesses::end(tx, access, person, core.now()).await? {
        let target = Some(access.to_string());
        record(core, tx, actor, Action { name, tenant: Some(tenant), target, change: json!({}) }).await?;
    }
    let row = support_accesses::find(tx, tenant, access).await?.ok_or(ErrorCode::NotFound)?;
    Ok(to_access(row))
}

pub(crate) fn to_access(row: SupportAccessRow) -> SupportAccess {
    SupportAccess {
        id: row.id,
        tenant_id: row.tenant_id,
        operator_name: row.operator_name,
        reason: row.reason,
        from: row.created_at,
        until: row.expires_at,
        ended_at: row.ended_at,
        ended_by: row.ended_by,
    }
}
