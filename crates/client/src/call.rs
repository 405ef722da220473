//! One call of an operation: built, signed, sent, renewed once, repeated with patience.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use erpmax_types::Pagination;
use erpmax_types::users::Tokens;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderName, Request};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::debug;

use crate::endpoints::Endpoint;
use crate::patience::Waiting;
use crate::session::Renewal;
use crate::transport::{Answered, Http};
use crate::{ApiClient, Error, Result, answer};

/// What stands as it is in a part of a path or a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// A call that is being built. Cheap to clone, so that it can be repeated.
#[derive(Clone)]
pub(crate) struct Call {
    client: ApiClient,
    endpoint: &'static Endpoint,
    path: String,
    query: String,
    body: Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
    shown: Option<Arc<Tokens>>,
    defect: Option<Error>,
}

impl Call {
    pub(crate) fn new(client: &ApiClient, endpoint: &'static Endpoint) -> Self {
        let (path, query, body) = (endpoint.path.to_owned(), String::new(), Bytes::new());
        Self { client: client.clone(), endpoint, path, query, body, headers: Vec::new(), shown: None, defect: None }
    }

    /// Fills the next `{…}` of the path.
    pub(crate) fn at(mut self, part: impl Display) -> Self {
        if let (Some(start), Some(end)) = (self.path.find('{'), self.path.find('}')) {
            self.path.replace_range(start..=end, &encoded(part));
        }
        self
    }

    pub(crate) fn query(mut self, name: &str, value: impl Display) -> Self {
        let separator = if self.query.is_empty() { '?' } else { '&' };
        self.query.push(separator);
        self.query.extend([name, "=", &encoded(value)]);
        self
    }

    pub(crate) fn query_if(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = body.into(),
            Err(error) => self.defect = Some(Error::Invalid(format!("the request cannot be written: {error}"))),
        }
        self
    }

    pub(crate) fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.push((HeaderName::from_static(name), value));
            }
            Err(_) => self.defect = Some(Error::Invalid(format!("{name} cannot be a header"))),
        }
        self
    }

    /// Shows this sign-in to an operation that asks for none.
    pub(crate) fn showing(mut self, tokens: Option<Arc<Tokens>>) -> Self {
        self.shown = tokens;
        self
    }

    /// Sends it and reads the `data` of the answer.
    pub(crate) async fn send<T: DeserializeOwned>(self) -> Result<T> {
        Ok(answer::data(&self.carry_out::<Answered>().await?)?.0)
    }

    /// Sends it and reads a page of a list.
    pub(crate) async fn send_for_page<T: DeserializeOwned>(self) -> Result<(T, Option<Pagination>)> {
        answer::data(&self.carry_out::<Answered>().await?)
    }

    /// Sends it and reads an answer that has more than the envelope.
    pub(crate) async fn send_for_whole<T: DeserializeOwned>(self) -> Result<T> {
        answer::whole(&self.carry_out::<Answered>().await?)
    }

    /// Sends it, with patience, and receives the answer whole or as a download.
    pub(crate) async fn carry_out<T: Received>(self) -> Result<T> {
        let mut may_renew = true;
        let mut waiting = self.client.patience().begin();
        loop {
            match self.signed(&mut may_renew).await {
                Err(error) => self.pause(&mut waiting, error).await?,
                received => return received,
            }
        }
    }

    /// Waits until the call may be repeated, or gives the error back.
    async fn pause(&self, waiting: &mut Waiting, error: Error) -> Result<()> {
        let may_repeat = self.endpoint.is_safe() || self.endpoint.is_keyed;
        match waiting.pause_after(&error).filter(|_| may_repeat) {
            Some(pause) => {
                debug!(operation = self.endpoint.id, %error, ?pause, "The request is repeated");
                tokio::time::sleep(pause).await;
                Ok(())
            }
            None => Err(error),
        }
    }

    /// Sends it with the access token; after a 401, and only once in all, again with a fresh one. Where there was none to be had
    /// for now, the next repetition looks for one again.
    async fn signed<T: Received>(&self, may_renew: &mut bool) -> Result<T> {
        if !self.endpoint.is_signed {
            return self.exchange(self.shown.as_deref()).await;
        }
        if self.client.settings().api_key.is_some() {
            return self.exchange(None).await;
        }
        let tokens = self.client.session().tokens().await?;
        let refused = match self.exchange(tokens.as_deref()).await {
            Err(Error::Unauthorized(refusal)) if *may_renew => Error::Unauthorized(refusal),
            received => return received,
        };
        match self.client.renew(tokens.as_deref()).await? {
            Renewal::Fresh(fresh) => {
                *may_renew = false;
                self.exchange(Some(&fresh)).await
            }
            Renewal::SignedOut => Err(refused),
        }
    }

    /// Sends it once, and logs that by the operation's name.
    pub(crate) async fn exchange<T: Received>(&self, tokens: Option<&Tokens>) -> Result<T> {
        let since = Instant::now();
        let received = T::receive(self.client.http(), self.request(tokens)?).await;
        let (operation, elapsed) = (self.endpoint.id, since.elapsed());
        match &received {
            Ok(_) => debug!(operation, ?elapsed, "Answered"),
            Err(error) => debug!(operation, ?elapsed, %error, "Refused or failed"),
        }
        received
    }

    fn request(&self, tokens: Option<&Tokens>) -> Result<Request<Full<Bytes>>> {
        if let Some(defect) = &self.defect {
            return Err(defect.clone());
        }
        let settings = self.client.settings();
        let mut request = Request::new(Full::new(self.body.clone()));
        let address = format!("{}{}{}", settings.api, self.path, self.query);
        *request.uri_mut() = address.parse().map_err(|_| Error::Invalid("the address is too long".to_owned()))?;
        *request.method_mut() = self.endpoint.method.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, settings.user_agent.clone());
        if let Some(language) = &settings.language {
            headers.insert(ACCEPT_LANGUAGE, language.clone());
        }
        if let Some(tokens) = tokens {
            headers.insert(AUTHORIZATION, bearer("the access token", &tokens.access_token)?);
        } else if let Some(key) = settings.api_key.as_ref().filter(|_| self.endpoint.is_signed) {
            headers.insert(AUTHORIZATION, key.clone());
        }
        headers.extend(self.headers.iter().cloned());
        Ok(request)
    }
}

fn encoded(value: impl Display) -> String {
    utf8_percent_encode(&value.to_string(), PLAIN).to_string()
}

/// What stands in `Authorization`, and in no log.
pub(crate) fn bearer(what: &str, secret: &str) -> Result<HeaderValue> {
    let value = HeaderValue::try_from(format!("Bearer {secret}"));
    let mut value = value.map_err(|_| Error::Invalid(format!("{what} cannot be a header")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What an answer that is no refusal is received as.
pub(crate) trait Received: Sized + Send {
    /// Sends the request and receives the answer; a refusal is an error.
    fn receive(http: &Http, request: Request<Full<Bytes>>) -> impl Future<Output = Result<Self>> + Send;
}

impl Received for Answered {
    async fn receive(http: &Http, request: Request<Full<Bytes>>) -> Result<Self> {
        let answered = http.send(request).await?;
        match answer::refusal_in(&answered) {
            Some(error) => Err(error),
            None => Ok(answered),
        }
    }
}
