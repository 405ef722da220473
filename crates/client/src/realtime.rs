//! Live events (guide §4, `realtime_service.dart`): Socket.IO 4 over a WebSocket, with the few packets that the contract needs.

mod events;
mod packet;
mod seen;
mod socket;

use std::time::Duration;

use erpmax_types::events::{Connected, Event};
use erpmax_types::{EventId, NotificationId};
use serde_json::Value;

pub use events::Events;

use crate::services::service;
use crate::{Error, Refusal};

service! {
    /// Live events.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// use erpmax_client::{Update, types::events::Event};
    /// use futures_util::TryStreamExt;
    ///
    /// let mut events = client.realtime().events();
    /// while let Some(update) = events.try_next().await? {
    ///     match update {
    ///         Update::Event { event: Event::NotificationNew(notification), .. } => println!("{}", notification.title),
    ///         Update::Gap { .. } => println!("Something may have been missed: read again what is shown."),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Realtime
}

impl Realtime {
    /// Everything that is told to the person and the session's tenant, from now on.
    ///
    /// The stream connects by itself, again and again, with pauses that grow. It ends when it is dropped, or with an error when
    /// nobody is signed in any more. An application that does not read it for long is cut off by the server, and told of the gap.
    pub fn events(&self) -> Events {
        Events::of(&self.client)
    }
}

/// What a stream of events tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and a box could not be matched on")]
pub enum Update {
    /// Connected, as whom and to which tenant.
    Connected(Connected),
    /// Not connected; the stream tries again.
    Interrupted {
        /// Why.
        reason: Error,
    },
    /// Connected again. The server tells what was missed as far as it knows; what is shown should be read once more.
    Gap {
        /// How long there was no connection.
        lasted: Duration,
    },
    /// Something happened.
    Event {
        /// By which a second telling is known; it was dropped already.
        id: Option<EventId>,
        /// What.
        event: Event,
    },
    /// The server has marked a notification as read.
    Read(NotificationId),
    /// The server refused something that was said to it.
    Refused(Refusal),
    /// Something that this SDK does not know yet.
    Unknown {
        /// Its name.
        name: String,
        /// What it carries.
        payload: Value,
    },
}
