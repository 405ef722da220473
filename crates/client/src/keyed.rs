//! Requests that may be repeated because they bear an idempotency key.

use std::future::IntoFuture;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Result;
use crate::call::Call;
use crate::transport::BoxFuture;

/// A request that the server carries out once, however often it arrives. It has a key of its own unless it is given one.
///
/// ```no_run
/// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
/// use erpmax_client::types::provisioning::JobType;
///
/// let job = client.provisioning().create(JobType::CreateSite).idempotency_key("sign-up-of-acme").await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a request is sent when it is awaited"]
pub struct Keyed<T> {
    call: Call,
    key: String,
    answer: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Keyed<T> {
    pub(crate) fn of(call: Call) -> Self {
        Self { call, key: Uuid::now_v7().to_string(), answer: PhantomData }
    }

    /// Uses this key, up to 255 visible ASCII characters, so that another process may ask again for the same.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Keyed<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.call.header("idempotency-key", &self.key).send())
    }
}
