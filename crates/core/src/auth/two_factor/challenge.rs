//! The second step of a sign-in: the code that is asked for once the password was right.

use std::time::Duration;

use erpmax_store::login_challenges::{self, NewChallenge};
use erpmax_store::users::UserRow;
use erpmax_store::{Tx, second_factors, users};
use erpmax_types::ErrorCode;
use erpmax_types::two_factor::SecondFactorLogin;
use erpmax_types::users::SignedIn;
use serde_json::json;

use super::codes;
use crate::audit::{Action, Actor, record};
use crate::auth::{Origin, login};
use crate::error::{Challenge, challenge};
use crate::validation::Fields;
use crate::{Core, Error, Result, hash, random_token};

/// How long the code may take.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// Wrong codes that a challenge survives, less one.
const MOST_TRIES: i64 = 5;

/// If the account has a second factor: commits, and asks for its code. The challenge is good while `password_hash` is kept.
pub(in crate::auth) async fn ask(
    core: &Core,
    mut tx: Tx,
    user: &UserRow,
    password_hash: &str,
    origin: &Origin,
) -> Result<Tx> {
    if !second_factors::is_active(&mut tx, user.id).await? {
        return Ok(tx);
    }
    let text = random_token();
    let now = core.now();
    let new = NewChallenge {
        challenge_hash: &hash(&text),
        user: user.id,
        address: &origin.address,
        password_mark: &hash(password_hash),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    login_challenges::insert(&mut tx, &new).await?;
    let actor = Actor { user: Some(user.id), address: Some(&origin.address), ..Actor::default() };
    let (target, change) = (Some(user.id.to_string()), json!({"user_agent": origin.user_agent}));
    record(core, &mut tx, actor, Action { name: "auth.password_shown", tenant: None, target, change }).await?;
    tx.commit().await?;
    Err(challenge(Challenge(text)))
}

/// Signs a person in who showed the password before, and shows a code now.
pub async fn login_second_factor(core: &Core, request: &SecondFactorLogin, origin: &Origin) -> Result<SignedIn> {
    let mut fields = Fields::default();
    for (name, text) in [("challenge", &request.challenge), ("code", &request.code)] {
        if text.trim().is_empty() {
            fields.problem(name, "required");
        }
    }
    fields.check()?;
    let challenge_hash = hash(request.challenge.trim());
    let mut tx = core.store().begin().await?;
    let tried = login_challenges::count_try(&mut tx, &challenge_hash, &origin.address, MOST_TRIES, core.now()).await?;
    let challenge = tried.ok_or(ErrorCode::InvalidGrant)?;
    // A change of the password that ends all sessions comes before this one begins or after: locked, the account is judged as it stays.
    let user = users::lock(&mut tx, challenge.user_id).await?.ok_or(ErrorCode::InvalidGrant)?;
    check(&user, &challenge.password_mark)?;
    let (mut tx, shown) =
        codes::spend(core, tx, (user.id, &user.email), &origin.address, &request.code).await.map_err(ended)?;
    login_challenges::delete(&mut tx, &challenge_hash).await?;
    let signed_in = login::sign_in(core, &mut tx, &user, origin, Some(shown.name())).await?;
    tx.commit().await?;
    Ok(signed_in)
}

fn check(user: &UserRow, password_mark: &str) -> Result<()> {
    if !user.is_active {
        return Err(ErrorCode::AccountDisabled.into());
    }
    if hash(&user.password_hash) == password_mark { Ok(()) } else { Err(ErrorCode::InvalidGrant.into()) }
}

/// Without a second factor any more there is nothing left to ask for.
fn ended(error: Error) -> Error {
    if error.code() == ErrorCode::Conflict { ErrorCode::InvalidGrant.into() } else { error }
}
