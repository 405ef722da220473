//! `erpmax user`: members of a company, and invitations to it.

use erpmax_client::types::UserId;
use erpmax_client::types::tenants::{OpenInvitation, Tenant, TenantUser};
use futures_util::TryStreamExt as _;
use serde_json::json;

use super::args::{Grade, Sure, UserArgs, UserCommand};
use super::explain::refused;
use super::output::{document, minute, when};
use super::table::{Table, clean};
use super::{Desk, ask, tenants};
use crate::failure::Failure;

pub(super) async fn run(args: &UserArgs, desk: &Desk<'_>) -> Result<(), Failure> {
    let tenant = tenants::find(args.of.tenant.as_deref(), desk).await?;
    match &args.command {
        UserCommand::List => list(&tenant, desk).await,
        UserCommand::Invite { email, role } => invite(&tenant, email, *role, desk).await,
        UserCommand::Role { who, role } => change_role(&tenant, who, *role, desk).await,
        UserCommand::Remove { who, sure } => remove(&tenant, who, sure, desk).await,
    }
}

async fn members(tenant: &Tenant, desk: &Desk<'_>) -> Result<Vec<TenantUser>, Failure> {
    Ok(desk.client.tenants().users(tenant.id).size(100).stream().try_collect().await?)
}

async fn invitations(tenant: &Tenant, desk: &Desk<'_>) -> Result<Vec<OpenInvitation>, Failure> {
    Ok(desk.client.tenants().invitations(tenant.id).size(100).stream().try_collect().await?)
}

async fn list(tenant: &Tenant, desk: &Desk<'_>) -> Result<(), Failure> {
    let (members, invitations) = (members(tenant, desk).await?, invitations(tenant, desk).await?);
    let mut table = Table::new().text("E-mail").text("Name").whole("Role").whole("Since (UTC)");
    for member in &members {
        let (email, name) = (member.email.clone(), member.full_name.clone());
        table.row([email, name, member.role.to_string(), minute(member.joined_at)]);
    }
    for invitation in &invitations {
        let state = if invitation.is_expired { "(invitation ran out)" } else { "(invited)" };
        let (email, role) = (invitation.email.clone(), invitation.role.to_string());
        table.row([email, state.to_owned(), role, minute(invitation.created_at)]);
    }
    desk.table(&json!({"users": members, "invitations": invitations}), &table, "There is nobody.");
    Ok(())
}

async fn invite(tenant: &Tenant, email: &str, role: Grade, desk: &Desk<'_>) -> Result<(), Failure> {
    let invitation = desk.client.tenants().invite(tenant.id, email, role.into()).await?;
    let until = when(invitation.expires_at);
    let text = match &invitation.link {
        Some(link) => {
            format!("Pass this link on to {}; it is good once, until {until}:\n{}", invitation.email, clean(link))
        }
        None => format!("{} is invited to {} until {until}.", invitation.email, clean(&tenant.name)),
    };
    let document = document(&invitation)?;
    match invitation.link {
        Some(_) => desk.printer.result(&document, &text),
        None => desk.printer.done(&document, &text),
    }
    Ok(())
}

async fn change_role(tenant: &Tenant, who: &str, role: Grade, desk: &Desk<'_>) -> Result<(), Failure> {
    let user = member(tenant, who, desk).await?.ok_or_else(|| nobody(tenant, who))?;
    let changed = desk.client.tenants().change_role(tenant.id, user.user_id, role.into()).await?;
    let text = format!("{} is {} of {} now.", changed.email, changed.role, tenant.name);
    desk.printer.done(&document(&changed)?, &clean(&text));
    Ok(())
}

async fn remove(tenant: &Tenant, who: &str, sure: &Sure, desk: &Desk<'_>) -> Result<(), Failure> {
    if let Some(user) = member(tenant, who, desk).await? {
        ask::confirm(sure, &format!("{} is to leave {}.", user.email, clean(&tenant.name)), "yes")?;
        desk.client.tenants().remove_user(tenant.id, user.user_id).await?;
        let text = format!("{} is no member of {} any more.", user.email, tenant.name);
        desk.printer.done(&json!({"removed": user}), &clean(&text));
        return Ok(());
    }
    let waiting = invitations(tenant, desk).await?;
    let found = waiting.into_iter().find(|invitation| invitation.email.eq_ignore_ascii_case(who));
    let invitation = found.ok_or_else(|| nobody(tenant, who))?;
    ask::confirm(sure, &format!("The invitation of {} is to be taken back.", invitation.email), "yes")?;
    desk.client.tenants().revoke_invitation(tenant.id, invitation.id).await?;
    let text = format!("The invitation of {} is taken back.", invitation.email);
    desk.printer.done(&json!({"revoked": invitation}), &clean(&text));
    Ok(())
}

async fn member(tenant: &Tenant, who: &str, desk: &Desk<'_>) -> Result<Option<TenantUser>, Failure> {
    let id = who.parse::<UserId>().ok();
    let is_meant = |user: &TenantUser| id.map_or_else(|| user.email.eq_ignore_ascii_case(who), |id| user.user_id == id);
    Ok(members(tenant, desk).await?.into_iter().find(is_meant))
}

fn nobody(tenant: &Tenant, who: &str) -> Failure {
    refused(format!("`{who}` is no member of {}.", clean(&tenant.name)), "See who is: erpmax user list")
}
