//! Handing a company over: the owner makes a member the owner, and becomes an admin.

use erpmax_store::memberships::{self, MemberRow};
use erpmax_store::users;
use erpmax_store::{Tx, tenants};
use erpmax_types::notifications::NotificationType;
use erpmax_types::tenants::{TenantUser, TransferOwnership};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, UserId};
use serde_json::json;

use super::members::{role_now, to_tenant_user};
use crate::access::{Caller, Owner};
use crate::audit::{Action, record};
use crate::auth::check_password;
use crate::mail::{Letter, Recipient};
use crate::notifications::{Text, tell_person};
use crate::validation::id;
use crate::{Core, Result, field};

/// Makes a member the owner in the caller's place, who shows the password once more; both are told.
pub async fn transfer(core: &Core, owner: &Owner, request: &TransferOwnership) -> Result<TenantUser> {
    let to: UserId = id(&request.user_id)?;
    if to == owner.user_id {
        return Err(field("user_id", "own_account"));
    }
    check_password(core, owner, "password", &request.password).await?;
    let tenant = owner.tenant_id;
    let mut tx = core.store().begin().await?;
    let account = users::lock(&mut tx, to).await?;
    tenants::lock(&mut tx, tenant).await?;
    if role_now(&mut tx, owner).await? != Role::Owner {
        return Err(ErrorCode::Forbidden.into());
    }
    let successor = memberships::find(&mut tx, tenant, to).await?.ok_or(ErrorCode::NotFound)?;
    if !account.is_some_and(|account| account.is_active && account.email_proven_at.is_some()) {
        return Err(field("user_id", "not_proven"));
    }
    memberships::update_role(&mut tx, tenant, to, Role::Owner).await?;
    memberships::update_role(&mut tx, tenant, owner.user_id, Role::Admin).await?;
    tell_both(core, &mut tx, owner, &successor).await?;
    let change = json!({"from": owner.user_id, "to": to, "former_role": successor.role});
    let action = Action { name: "tenants.transfer", tenant: Some(tenant), target: Some(to.to_string()), change };
    record(core, &mut tx, (&****owner).into(), action).await?;
    tx.commit().await?;
    Ok(to_tenant_user(MemberRow { role: Role::Owner, ..successor }))
}

async fn tell_both(core: &Core, tx: &mut Tx, owner: &Owner, successor: &MemberRow) -> Result<()> {
    let company = tenants::find(tx, owner.tenant_id).await?.map(|row| row.name).unwrap_or_default();
    let giver: &Caller = owner;
    let text = |name, person: &str| {
        let text = Text::new(name, NotificationType::Warning);
        text.with("company", company.clone()).with("person", person.to_owned())
    };
    let letter = Letter::OwnershipGiven { company: company.clone(), person: successor.full_name.clone() };
    let given = text("ownership_given", &successor.full_name);
    tell_person(core, tx, (giver.user_id, &Recipient::from(giver)), owner.tenant_id, &given, &letter).await?;
    let letter = Letter::OwnershipReceived { company: company.clone(), person: giver.full_name.clone() };
    let received = text("ownership_received", &giver.full_name);
    tell_person(core, tx, (successor.user_id, &Recipient::from(successor)), owner.tenant_id, &received, &letter).await
}
