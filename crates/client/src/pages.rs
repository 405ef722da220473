//! Lists that come in pages (guide §9, `PaginatedList`).

use std::future::IntoFuture;
use std::marker::PhantomData;

use erpmax_types::notifications::{Notification, Notifications};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::transport::BoxFuture;
use crate::{Error, Result};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaginatedList<T> {
    /// The entries of this page.
    pub items: Vec<T>,
    /// Entries in the whole list.
    pub total: u64,
    /// This page, from 1.
    pub page: u32,
    /// Entries a page.
    pub size: u32,
    /// Pages in the whole list.
    pub pages: u64,
}

impl<T> PaginatedList<T> {
    /// Whether there is a page after this one.
    pub fn has_more(&self) -> bool {
        u64::from(self.page) < self.pages
    }
}

/// What a list's `data` looks like.
pub trait Listed: DeserializeOwned + Send + 'static {
    /// What it is a list of.
    type Item: Send + 'static;

    /// The entries.
    fn into_items(self) -> Vec<Self::Item>;
}

impl<T: DeserializeOwned + Send + 'static> Listed for Vec<T> {
    type Item = T;

    fn into_items(self) -> Self {
        self
    }
}

impl Listed for Notifications {
    type Item = Notification;

    fn into_items(self) -> Vec<Notification> {
        self.notifications
    }
}

/// A list that can be asked for: awaited, it gives a page; as a stream, everything.
///
/// ```no_run
/// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
/// use futures_util::TryStreamExt;
///
/// let second = client.tenants().list().page(2).size(50).await?;
/// println!("{} of {}, more: {}", second.items.len(), second.total, second.has_more());
///
/// let mut all = client.tenants().list().stream();
/// while let Some(tenant) = all.try_next().await? {
///     println!("{}", tenant.name);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list is asked for when it is awaited or streamed"]
pub struct Pages<D> {
    call: Call,
    page: u32,
    size: u32,
    data: PhantomData<fn() -> D>,
}

impl<D: Listed> Pages<D> {
    pub(crate) const fn of(call: Call) -> Self {
        Self { call, page: 1, size: 20, data: PhantomData }
    }

    /// Asks for this page, from 1.
    pub const fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// Asks for this many entries a page, 1 to 100.
    pub const fn size(mut self, size: u32) -> Self {
        self.size = size;
        self
    }

    /// Narrows the list with one more word of the query.
    pub(crate) fn query(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    /// The `data` of the page as it came.
    pub(crate) async fn send(&self) -> Result<(D, Option<erpmax_types::Pagination>)> {
        self.call.clone().query("page", self.page).query("size", self.size).send_for_page().await
    }

    async fn list(&self) -> Result<PaginatedList<D::Item>> {
        let (data, pagination) = self.send().await?;
        let items = data.into_items();
        Ok(match pagination {
            Some(at) => PaginatedList { items, total: at.total, page: at.page, size: at.size, pages: at.pages },
            // A list without pages is whole.
            None => PaginatedList { total: items.len() as u64, page: self.page, size: self.size, pages: 1, items },
        })
    }

    /// Every entry from the present page on, page after page, as they are asked for. It ends after the first error.
    pub fn stream(self) -> impl Stream<Item = Result<D::Item>> + Send + Unpin {
        let pages = stream::try_unfold(Some(self), async |pages| {
            let Some(mut pages): Option<Self> = pages else { return Ok::<_, Error>(None) };
            let list = pages.list().await?;
            let is_last = !list.has_more() || list.items.is_empty();
            pages.page += 1;
            Ok(Some((list.items, (!is_last).then_some(pages))))
        });
        let entries = pages.map_ok(|items| stream::iter(items.into_iter().map(Ok))).try_flatten();
        entries.boxed()
    }
}

impl<D: Listed> IntoFuture for Pages<D> {
    type Output = Result<PaginatedList<D::Item>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.list().await })
    }
}
