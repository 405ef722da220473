//! What sockets may say.

use std::sync::Arc;

use erpmax_core::{Core, Error, notifications};
use erpmax_types::ErrorCode;
use erpmax_types::events::NotificationRead;
use serde::Deserialize;
use serde_json::json;
use socketioxide::ParserError;
use socketioxide::extract::{Extension, SocketRef, State, TryData};

use super::entrance::{Entrance, Visitor};

/// `notification_read`, with what is no id at all let through to be answered like an unknown one.
#[derive(Deserialize)]
struct MarkRead {
    notification_id: String,
}

/// Registers what the socket may say.
pub(super) fn listen(socket: &SocketRef) {
    socket.on("notification_read", notification_read);
    socket.on("ping", ping);
}

async fn notification_read(
    socket: SocketRef,
    TryData(request): TryData<MarkRead>,
    Extension(visitor): Extension<Arc<Visitor>>,
    State(entrance): State<Entrance>,
) {
    let Some(core) = entrance.core() else { return };
    let Ok(_place) = visitor.inbound.try_acquire() else {
        return visitor.complain(&core, &socket, &ErrorCode::RateLimited.into());
    };
    match mark_read(&core, &visitor, &socket, request).await {
        Ok(Some(read)) => visitor.say(&core, &socket, "notification_read_confirmed", &read),
        Ok(None) => {}
        Err(failure) => visitor.complain(&core, &socket, &failure),
    }
}

/// None for a socket that was not let in or is gone.
async fn mark_read(
    core: &Core,
    visitor: &Visitor,
    socket: &SocketRef,
    request: Result<MarkRead, ParserError>,
) -> Result<Option<NotificationRead>, Error> {
    let Some(user) = visitor.user().await.filter(|_| socket.connected()) else { return Ok(None) };
    let request = request.map_err(|_| ErrorCode::MalformedRequest)?;
    let notification = notifications::mark_read(core, user, &request.notification_id).await?;
    Ok(Some(NotificationRead { notification_id: notification.id }))
}

async fn ping(socket: SocketRef, Extension(visitor): Extension<Arc<Visitor>>, State(entrance): State<Entrance>) {
    if let Some(core) = entrance.core() {
        visitor.say(&core, &socket, "pong", &json!({}));
    }
}
