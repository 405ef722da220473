//! Another password, by somebody who knows the one so far.

use erpmax_store::users;
use erpmax_types::ErrorCode;
use erpmax_types::notifications::NotificationType;
use erpmax_types::users::{ChangePassword, EndedSessions};
use serde_json::json;

use super::confirm::check_password;
use super::proof::end_after_password;
use super::sessions::end_others_in;
use crate::access::Signed;
use crate::audit::{Action, record};
use crate::mail::{self, Letter, Recipient};
use crate::notifications::{Text, notify_user};
use crate::validation::Fields;
use crate::{Core, Result};

/// Changes the password; every other session of the person ends, and the person is told.
pub async fn change(core: &Core, signed: &Signed, request: &ChangePassword) -> Result<EndedSessions> {
    let mut fields = Fields::default();
    fields.new_password("new_password", &request.new_password, &[&signed.email, &signed.full_name]);
    fields.check()?;
    let user = check_password(core, signed, "current_password", &request.current_password).await?;
    let hash = core.passwords().hash(&request.new_password).await?;

    let mut tx = core.store().begin().await?;
    if !users::replace_password(&mut tx, user.id, &user.password_hash, &hash, core.now()).await? {
        return Err(ErrorCode::Conflict.into());
    }
    end_after_password(&mut tx, &user).await?;
    let ended = end_others_in(core, &mut tx, signed, "password_changed").await?;
    let text = Text::new("password_changed", NotificationType::Warning);
    notify_user(core, &mut tx, user.id, None, &signed.language, &text).await?;
    mail::send(core, &mut tx, &Recipient::from(&user), None, &Letter::PasswordChanged).await?;
    let change = json!({"ended_sessions": ended});
    let action = Action { name: "auth.change_password", tenant: None, target: Some(user.id.to_string()), change };
    record(core, &mut tx, signed.into(), action).await?;
    tx.commit().await?;
    Ok(EndedSessions { ended })
}
