//! What people change of their own account.

use erpmax_store::users;
use erpmax_types::ErrorCode;
use erpmax_types::mail::MailPurpose;
use erpmax_types::proof::UpdateMe;
use erpmax_types::users::User;
use serde_json::json;

use super::confirm::RECENT;
use super::proof::ask_for_change;
use super::throttle::refuse_too_many_letters;
use crate::access::Signed;
use crate::audit::{Action, record};
use crate::messages::Language;
use crate::validation::{Fields, email_key};
use crate::{Core, Result};

/// Changes what the request names and leaves the rest. Another address counts once the link that goes there is used.
pub async fn update_me(core: &Core, signed: &Signed, request: &UpdateMe) -> Result<User> {
    let mut fields = Fields::default();
    let full_name = request.full_name.as_deref().map(|name| fields.name("full_name", name));
    let email = request.email.as_deref().map(|email| fields.email("email", email));
    let language = request.language.as_deref().map(str::trim);
    if language.is_some_and(|tag| Language::from_tag(tag).tag() != tag) {
        fields.problem("language", "language");
    }
    fields.check()?;
    let email = email.filter(|email| email_key(email) != email_key(&signed.email));
    if email.is_some() {
        signed.require_confirmation(core, RECENT)?;
    }

    let mut tx = core.store().begin().await?;
    let user = users::lock(&mut tx, signed.user_id).await?.ok_or(ErrorCode::Unauthorized)?;
    users::update_profile(&mut tx, user.id, full_name.as_deref(), language, core.now()).await?;
    if let Some(email) = &email {
        refuse_too_many_letters(core, &mut tx, MailPurpose::ChangeAddress, &signed.email, &signed.address).await?;
        ask_for_change(core, &mut tx, &user, email).await?;
    }
    let change = json!({"full_name": full_name, "language": language, "asked_for_email": email});
    let action = Action { name: "auth.update_me", tenant: None, target: Some(user.id.to_string()), change };
    record(core, &mut tx, signed.into(), action).await?;
    let user = users::find(&mut tx, user.id).await?.ok_or(ErrorCode::Unauthorized)?;
    tx.commit().await?;
    Ok(user.to_user())
}
