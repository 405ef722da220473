//! `erpmax register`, `login`, `logout`, `whoami`.

use erpmax_client::types::users::{Me, Register, Role, SignedIn};
use serde_json::{Value, json};

use super::args::{LoginArgs, RegisterArgs};
use super::explain::{SIGN_IN, refused};
use super::output::{Fields, document, word};
use super::{Desk, ask};
use crate::failure::Failure;

pub(super) async fn register(args: &RegisterArgs, desk: &Desk<'_>) -> Result<(), Failure> {
    let register = Register {
        email: ask::given_or_asked(args.email.as_ref(), "EMAIL", "E-mail address: ")?,
        full_name: ask::given_or_asked(args.name.as_ref(), "--name", "Your name: ")?,
        company_name: ask::given_or_asked(args.company.as_ref(), "--company", "Company: ")?,
        password: ask::new_password(&args.password)?,
    };
    let signed_in = desk.client.auth().register(&register).await?;
    welcome(&signed_in, "Have the site built: erpmax site create", desk)
}

pub(super) async fn login(args: &LoginArgs, desk: &Desk<'_>) -> Result<(), Failure> {
    let email = ask::given_or_asked(args.email.as_ref(), "EMAIL", "E-mail address: ")?;
    let password = ask::password(&args.password)?;
    let auth = desk.client.auth();
    let signed_in = match auth.login(&email, &password).await {
        Ok(signed_in) => signed_in,
        Err(error) => {
            let Some(challenge) = error.challenge() else { return Err(error.into()) };
            let code = args.code.clone().map_or_else(ask::code, |code| Ok(Some(code)))?;
            let missing = || refused("This account asks for a second factor.", "Give the code of the app with --code.");
            auth.login_second_factor(challenge, &code.ok_or_else(missing)?).await?
        }
    };
    welcome(&signed_in, "", desk)
}

fn welcome(signed_in: &SignedIn, next: &str, desk: &Desk<'_>) -> Result<(), Failure> {
    desk.profile.remember()?;
    let (user, tenant) = (&signed_in.user, &signed_in.current_tenant);
    let document = json!({
        "user": user, "tenants": signed_in.tenants, "current_tenant": tenant,
        "api": desk.profile.api, "profile": desk.profile.name,
    });
    let text = format!("{} is signed in to {} ({}) at {}.", user.email, tenant.name, tenant.slug, desk.profile.api);
    desk.printer.done(&document, &super::table::clean(&text));
    if !next.is_empty() {
        desk.printer.aside(next);
    }
    Ok(())
}

pub(super) async fn logout(desk: &Desk<'_>) -> Result<(), Failure> {
    let was = desk.client.auth().is_authenticated().await?;
    desk.client.auth().logout().await?;
    let text = if was { "Signed out of" } else { "Nobody was signed in at" };
    desk.printer.done(&json!({"signed_out": was, "api": desk.profile.api}), &format!("{text} {}.", desk.profile.api));
    Ok(())
}

pub(super) async fn whoami(desk: &Desk<'_>) -> Result<(), Failure> {
    let auth = desk.client.auth();
    if !auth.is_authenticated().await? {
        return Err(refused(format!("Nobody is signed in at {}.", desk.profile.api), SIGN_IN));
    }
    let me = auth.me().await?;
    desk.fields(&as_document(&me, desk)?, &as_fields(&me, desk));
    Ok(())
}

fn as_document(me: &Me, desk: &Desk<'_>) -> Result<Value, Failure> {
    Ok(json!({
        "user": document(&me.user)?, "tenants": me.tenants, "current_tenant": me.current_tenant,
        "role": role(me), "session_id": me.session_id, "api": desk.profile.api, "profile": desk.profile.name,
    }))
}

fn as_fields(me: &Me, desk: &Desk<'_>) -> Fields {
    let proven = if me.user.email_verified { "" } else { " (not proven yet)" };
    let company = me.current_tenant.as_ref().map(|tenant| format!("{} ({})", tenant.name, tenant.slug));
    Fields::default()
        .with("Name", &me.user.full_name)
        .with("E-mail", format!("{}{proven}", me.user.email))
        .with("Company", company.unwrap_or_else(|| "none: erpmax tenant switch".to_owned()))
        .with_some("Role", role(me))
        .with_some("Status", me.current_tenant.as_ref().map(|tenant| word(&tenant.status)))
        .with_some("Site", me.current_tenant.as_ref().and_then(|tenant| tenant.erpnext_site_url.as_ref()))
        .with("Server", &desk.profile.api)
        .with_some("Profile", Some(&desk.profile.name).filter(|name| *name != "default"))
}

/// The role in the present company.
fn role(me: &Me) -> Option<Role> {
    let tenant = me.current_tenant.as_ref()?;
    me.tenants.iter().find(|membership| membership.tenant_id == tenant.id).map(|membership| membership.role)
}
