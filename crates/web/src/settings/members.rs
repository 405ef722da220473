//! `/settings/members`: who works in the company, and who is invited.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::types::tenants::{Invitation, OpenInvitation, TenantUser};
use erpmax_client::types::users::Role;
use erpmax_client::types::{InvitationId, UserId};
use serde::Deserialize;
use tokio::try_join;

use crate::format::Moment;
use crate::page::{Failure, Field, Frame, Problems, SignedIn, role_word};
use crate::words::{Words, key};

/// Members on a page.
const MEMBERS: u32 = 50;

const PATH: &str = "/settings/members";

/// Which page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    page: Option<u32>,
}

/// Whom to invite.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    email: String,
    role: Role,
}

/// The role to give.
#[derive(Deserialize)]
pub(crate) struct Given {
    role: Role,
}

#[derive(Template)]
#[template(path = "settings/members.html")]
pub(crate) struct MembersPage {
    frame: Frame,
    problem: Option<String>,
    /// A link to pass on, where no mails are sent.
    link: Option<String>,
    email: Field,
    roles: Vec<RoleChoice>,
    members: Vec<MemberLine>,
    invitations: Vec<InvitationLine>,
    may_change_roles: bool,
    newer: Option<u32>,
    older: Option<u32>,
}

/// A role to choose, with what it may do.
struct RoleChoice {
    role: Role,
    name: String,
    about: String,
}

struct MemberLine {
    id: UserId,
    name: String,
    email: String,
    role: Role,
    role_name: String,
    is_self: bool,
    may_be_removed: bool,
}

struct InvitationLine {
    id: InvitationId,
    email: String,
    role_name: String,
    until: Moment,
    is_expired: bool,
}

/// `GET /settings/members`.
pub(crate) async fn show(signed: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let view = view(&signed, asked.page.unwrap_or(1).max(1), &Problems::default()).await?;
    Ok(signed.page.show(&view))
}

/// `POST /settings/members`: invites somebody.
pub(crate) async fn invite(signed: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    match signed.client.tenants().invite(signed.tenant()?.id, &typed.email, typed.role).await {
        Ok(invitation) => show_sent(&signed, invitation).await,
        Err(error) => {
            let problems = signed.page.problems(error)?;
            let mut view = view(&signed, 1, &problems).await?;
            view.email.value = typed.email;
            Ok(signed.page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

/// `POST /settings/members/{user}/role`.
pub(crate) async fn change_role(
    signed: SignedIn,
    Path(user): Path<String>,
    Form(given): Form<Given>,
) -> Result<Redirect, Failure> {
    let user = user.parse().map_err(|_| Failure::NotFound)?;
    signed.client.tenants().change_role(signed.tenant()?.id, user, given.role).await?;
    Ok(Redirect::to(PATH))
}

/// `POST /settings/members/{user}/remove`; oneself too, who then sees another company.
pub(crate) async fn remove(signed: SignedIn, Path(user): Path<String>) -> Result<Redirect, Failure> {
    let user: UserId = user.parse().map_err(|_| Failure::NotFound)?;
    signed.client.tenants().remove_user(signed.tenant()?.id, user).await?;
    if user == signed.me.user.id { signed.go_elsewhere().await } else { Ok(Redirect::to(PATH)) }
}

/// `POST /settings/invitations/{invitation}/resend`.
pub(crate) async fn resend(signed: SignedIn, Path(id): Path<String>) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let invitation = signed.client.tenants().resend_invitation(signed.tenant()?.id, id).await?;
    show_sent(&signed, invitation).await
}

/// `POST /settings/invitations/{invitation}/revoke`.
pub(crate) async fn revoke(signed: SignedIn, Path(id): Path<String>) -> Result<Redirect, Failure> {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    signed.client.tenants().revoke_invitation(signed.tenant()?.id, id).await?;
    Ok(Redirect::to(PATH))
}

/// Where mails are sent the list says all; else there is a link to be seen this once.
async fn show_sent(signed: &SignedIn, invitation: Invitation) -> Result<Response, Failure> {
    if invitation.link.is_none() {
        return Ok(Redirect::to(PATH).into_response());
    }
    let view = MembersPage { link: invitation.link, ..view(signed, 1, &Problems::default()).await? };
    Ok(signed.page.show(&view))
}

async fn view(signed: &SignedIn, number: u32, problems: &Problems) -> Result<MembersPage, Failure> {
    let (tenants, tenant, page) = (signed.client.tenants(), signed.tenant()?.id, &signed.page);
    let (members, invitations) = try_join!(async { tenants.users(tenant).size(MEMBERS).page(number).await }, async {
        tenants.invitations(tenant).size(MEMBERS).await
    },)?;
    let roles = if signed.is_owner() { vec![Role::User, Role::Admin] } else { vec![Role::User] };
    Ok(MembersPage {
        frame: signed.frame(page.words.say(key::MEMBERS_TITLE)),
        problem: problems.message.clone(),
        link: None,
        email: page.field("email", key::FIELD_EMAIL, "email", "off").marked(problems),
        roles: roles.into_iter().map(|role| RoleChoice::of(&page.words, role)).collect(),
        members: members.items.iter().map(|member| MemberLine::of(signed, member)).collect(),
        invitations: invitations.items.iter().map(|one| InvitationLine::of(&page.words, one)).collect(),
        may_change_roles: signed.is_owner(),
        newer: (number > 1).then(|| number - 1),
        older: members.has_more().then(|| number + 1),
    })
}

impl RoleChoice {
    fn of(words: &Words, role: Role) -> Self {
        let about = match role {
            Role::Owner => key::ROLE_OWNER_MAY,
            Role::Admin => key::ROLE_ADMIN_MAY,
            Role::User => key::ROLE_USER_MAY,
        };
        Self { role, name: words.say(role_word(role)), about: words.say(about) }
    }
}

impl MemberLine {
    fn of(signed: &SignedIn, member: &TenantUser) -> Self {
        let is_self = member.user_id == signed.me.user.id;
        Self {
            id: member.user_id,
            name: member.full_name.clone(),
            email: member.email.clone(),
            role: member.role,
            role_name: signed.page.words.say(role_word(member.role)),
            is_self,
            may_be_removed: is_self || signed.is_owner() || member.role == Role::User,
        }
    }
}

impl InvitationLine {
    fn of(words: &Words, invitation: &OpenInvitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email.clone(),
            role_name: words.say(role_word(invitation.role)),
            until: words.date(invitation.expires_at),
            is_expired: invitation.is_expired,
        }
    }
}
