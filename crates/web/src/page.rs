//! A request for a page: who asks, in which language, and what every page needs.

mod failure;
mod field;
mod frame;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, FromRequestParts, OriginalUri};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, SET_COOKIE, USER_AGENT, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use erpmax_client::types::tenants::Tenant;
use erpmax_client::types::users::{Me, Role};
use erpmax_client::{ApiClient, Error};
use tracing::error;

use crate::Web;
use crate::session::{Kept, Ticket, WebSession};
use crate::words::Words;

pub(crate) use failure::{Failure, render_failures};
pub(crate) use field::{Field, Problems};
pub(crate) use frame::{Frame, Person, Theme, role_word};

/// Nothing of another host, nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Somebody who looks at a page.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) web: Web,
    pub(crate) words: Words,
    pub(crate) theme: Theme,
    /// The address that was asked for, with its query.
    pub(crate) path: String,
    /// Whether nothing is to be changed.
    pub(crate) is_reading: bool,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) session: Option<Arc<WebSession>>,
    caller: SocketAddr,
    user_agent: String,
}

/// Somebody who is signed in, with what the server says of them.
pub(crate) struct SignedIn {
    pub(crate) page: Page,
    pub(crate) client: ApiClient,
    pub(crate) me: Me,
}

impl FromRequestParts<Web> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        let ticket = web.cookies.ticket(&jar);
        let chosen = web.cookies.choice(&jar, "language").and_then(Words::find);
        let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0).path_and_query();
        Ok(Self {
            words: chosen.unwrap_or_else(|| Words::negotiate(header(&parts.headers, &ACCEPT_LANGUAGE))),
            theme: web.cookies.choice(&jar, "theme").map(Theme::of).unwrap_or_default(),
            is_reading: parts.method.is_safe(),
            path: path.map_or("/", |path| path.as_str()).to_owned(),
            session: ticket.as_ref().map(|ticket| web.sessions.of(ticket)),
            ticket,
            caller: caller(parts),
            user_agent: header(&parts.headers, &USER_AGENT).to_owned(),
            web: web.clone(),
        })
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn caller(parts: &Parts) -> SocketAddr {
    let unknown = (Ipv4Addr::LOCALHOST, 0).into();
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(unknown, |info| info.0)
}

impl FromRequestParts<Web> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let Ok(page) = Page::from_request_parts(parts, web).await;
        let client = page.client_of(page.session_in_use().ok_or(Failure::SignedOut)?)?;
        let me = client.auth().me().await?;
        Ok(Self { page, client, me })
    }
}

impl Page {
    /// The session that the browser has, unless it has ended here.
    pub(crate) fn session_in_use(&self) -> Option<&Arc<WebSession>> {
        self.session.as_ref().filter(|session| session.refresh_token().is_some())
    }

    /// A client for a session; it acts on behalf of who asks.
    pub(crate) fn client_of(&self, session: &Arc<WebSession>) -> Result<ApiClient, Error> {
        ApiClient::builder("http://localhost")
            .transport(self.web.transport.on_behalf_of(self.caller))
            .token_store(Kept(session.clone()))
            .language(&self.words.tag())
            .user_agent(&self.user_agent)
            .build()
    }

    /// A client of nobody yet, with the session that a sign-in fills.
    pub(crate) fn stranger(&self) -> Result<(ApiClient, Arc<WebSession>), Error> {
        let session = Arc::new(WebSession::default());
        Ok((self.client_of(&session)?, session))
    }

    /// Keeps a session that has begun, and goes on to `next`, which is a page of ours or the first one.
    pub(crate) fn enter(&self, session: Arc<WebSession>, next: &str) -> Result<Response, Failure> {
        let ticket = Ticket::new(session.refresh_token().ok_or(Failure::SignedOut)?);
        self.web.sessions.remember(ticket.id, session);
        let cookie = self.web.cookies.session(&ticket).ok_or(Failure::Broken)?;
        Ok(with_cookie(Redirect::to(own_path(next)).into_response(), &cookie))
    }

    /// What surrounds a page of somebody who is not signed in.
    pub(crate) fn frame(&self, title: String) -> Frame {
        Frame {
            title,
            words: self.words.clone(),
            theme: self.theme,
            path: self.path.clone(),
            is_sandbox: self.web.settings.is_sandbox,
            person: None,
        }
    }

    /// Shows a page.
    pub(crate) fn show(&self, page: &impl Template) -> Response {
        self.show_as(StatusCode::OK, page)
    }

    /// Shows a page with a status of its own.
    pub(crate) fn show_as(&self, status: StatusCode, page: &impl Template) -> Response {
        let html = match page.render() {
            Ok(html) => html,
            Err(problem) => {
                error!(error = %problem, "A page cannot be rendered");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(VARY, HeaderValue::from_static("accept-language, cookie"));
        if let Ok(language) = HeaderValue::from_str(&self.words.tag()) {
            headers.insert(CONTENT_LANGUAGE, language);
        }
        self.renew_cookie(response)
    }

    /// Writes the session's cookie once a day, so that the browser keeps it, with the token that is in use by now.
    fn renew_cookie(&self, response: Response) -> Response {
        let old = self.ticket.as_ref().filter(|ticket| ticket.is_old());
        let used = self.session.as_ref().and_then(|session| session.refresh_token());
        let ticket = old.zip(used).map(|(old, used)| old.with(used));
        match ticket.and_then(|ticket| self.web.cookies.session(&ticket)) {
            Some(cookie) => with_cookie(response, &cookie),
            None => response,
        }
    }
}

impl SignedIn {
    /// What surrounds a page of this person.
    pub(crate) fn frame(&self, title: String) -> Frame {
        Frame { person: Some(Person::of(&self.me)), ..self.page.frame(title) }
    }

    /// The present company.
    pub(crate) fn tenant(&self) -> Result<&Tenant, Failure> {
        self.me.current_tenant.as_ref().ok_or(Failure::NotFound)
    }

    /// Goes to another company of the person, who is no longer in the present one.
    pub(crate) async fn go_elsewhere(&self) -> Result<Redirect, Failure> {
        let me = self.client.auth().me().await?;
        let other = me.tenants.first().ok_or(Failure::NotFound)?;
        self.client.auth().switch_tenant(other.tenant_id).await?;
        Ok(Redirect::to("/"))
    }

    /// The person's role in the present company.
    pub(crate) fn role(&self) -> Option<Role> {
        let tenant = self.me.current_tenant.as_ref()?.id;
        self.me.tenants.iter().find(|membership| membership.tenant_id == tenant).map(|membership| membership.role)
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.role().is_some_and(|role| role.includes(Role::Admin))
    }

    pub(crate) fn is_owner(&self) -> bool {
        self.role() == Some(Role::Owner)
    }
}

/// Adds a cookie to an answer.
pub(crate) fn with_cookie(mut response: Response, cookie: &Cookie<'static>) -> Response {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// A path of this very site, or the first page: nobody is sent elsewhere by a link to us.
pub(crate) fn own_path(next: &str) -> &str {
    let is_own =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control);
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/jobs/1?a=b"), "/jobs/1?a=b");
        for next in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:alert(1)"] {
            assert_eq!(own_path(next), "/", "{next}");
        }
    }
}
