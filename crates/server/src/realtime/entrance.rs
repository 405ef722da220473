//! Who may come in: a socket shows a token when it connects to a namespace, and the dispatcher gives it a seat.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use axum::http::header::ACCEPT_LANGUAGE;
use erpmax_core::auth::keys::{Claims, verify_for_handshake};
use erpmax_core::messages::Language;
use erpmax_core::{Core, Error};
use erpmax_types::{ErrorBody, ErrorCode, UserId};
use serde::{Deserialize, Serialize};
use socketioxide::extract::{Extension, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::socket::DisconnectReason;
use socketioxide::{ParserError, SendError, SocketError, SocketIo};
use tokio::sync::{Semaphore, SetOnce, mpsc};
use tracing::error;

use super::connection::Connection;
use super::inbox;
use super::payload::Payload;
use super::positions::Departure;
use super::registry::SeatNumber;

/// The namespace of the contract, and the one that clients are in who leave it out.
const NAMESPACES: [&str; 2] = ["/ws", "/"];
/// How many events of one socket are handled at once.
const INBOUND_AT_ONCE: usize = 4;

/// What handlers of sockets share. The rules are the dispatcher's: sockets refer to each other in circles and would never
/// let go of them.
#[derive(Clone)]
pub(super) struct Entrance {
    core: Weak<Core>,
    requests: mpsc::Sender<Request>,
    numbers: Arc<AtomicU64>,
}

/// What the dispatcher is asked for.
pub(super) enum Request {
    /// A socket that showed a good token wants a seat.
    Join(Join),
    /// A socket is gone.
    Leave(SeatNumber, Departure),
}

/// A socket that showed a good token.
pub(super) struct Join {
    pub(super) socket: SocketRef,
    pub(super) visitor: Arc<Visitor>,
    pub(super) claims: Claims,
}

/// A socket, let in or not yet. Kept with the socket, so it does not hold the socket itself.
pub(super) struct Visitor {
    pub(super) number: SeatNumber,
    pub(super) connection: Option<Arc<Connection>>,
    pub(super) inbound: Semaphore,
    language: Language,
    /// Who it is, once that is decided; none for somebody who is not let in.
    user: SetOnce<Option<UserId>>,
}

/// What a socket shows when it connects.
#[derive(Deserialize)]
struct Auth {
    token: String,
}

impl Entrance {
    pub(super) fn new(core: &Arc<Core>, requests: mpsc::Sender<Request>) -> Self {
        Self { core: Arc::downgrade(core), requests, numbers: Arc::default() }
    }

    /// The rules, until the node ends.
    pub(super) fn core(&self) -> Option<Arc<Core>> {
        self.core.upgrade()
    }

    fn visitor(&self, socket: &SocketRef) -> Visitor {
        let request = socket.req_parts();
        let language = request.headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok()).unwrap_or_default();
        Visitor {
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            connection: request.extensions.get::<Arc<Connection>>().cloned(),
            inbound: Semaphore::new(INBOUND_AT_ONCE),
            language: Language::negotiate(language),
            user: SetOnce::new(),
        }
    }
}

impl Visitor {
    /// Decides who it is.
    pub(super) fn decide(&self, user: Option<UserId>) {
        // It may have hung up before it was let in; what was decided first stays.
        let _ = self.user.set(user);
    }

    /// Who it is, as soon as that is decided.
    pub(super) async fn user(&self) -> Option<UserId> {
        *self.user.wait().await
    }

    /// Emits `error`, in the language of the handshake.
    pub(super) fn complain(&self, core: &Core, socket: &SocketRef, failure: &Error) {
        let body = match failure {
            Error::Refused(refusal) => self.language.error(refusal),
            Error::Internal(cause) => {
                error!(?cause, "A socket could not be served");
                let message = self.language.say("error-internal", &[]);
                ErrorBody { message, code: ErrorCode::Internal, details: None }
            }
        };
        self.say(core, socket, "error", &body);
    }

    /// Emits something that concerns this socket alone. A socket that does not read is cut off.
    pub(super) fn say(&self, core: &Core, socket: &SocketRef, event: &str, content: &impl Serialize) {
        let sent = Payload::new(content, core.id()).map(|payload| socket.emit(event, payload.json()));
        match sent {
            Ok(Err(SendError::Socket(SocketError::InternalChannelFull))) => self.close(),
            Ok(Err(SendError::Socket(_)) | Ok(())) => {}
            Ok(Err(SendError::Serialize(_))) | Err(_) => error!(event, "An event for a socket cannot be written"),
        }
    }

    /// Cuts off what carries the socket.
    pub(super) fn close(&self) {
        if let Some(connection) = &self.connection {
            connection.close();
        }
    }

    /// Says why the socket is not let in, and disconnects it.
    pub(super) fn refuse(&self, core: &Core, socket: SocketRef, failure: &Error) {
        self.decide(None);
        self.complain(core, &socket, failure);
        self.disconnect(socket);
        if let Some(connection) = &self.connection {
            connection.close_if_unused();
        }
    }

    /// Disconnects the socket; where that cannot be said to the other end, the connection is closed.
    pub(super) fn disconnect(&self, socket: SocketRef) {
        if socket.disconnect().is_err() {
            self.close();
        }
    }
}

/// Serves all namespaces.
pub(super) fn serve(io: &SocketIo) {
    for namespace in NAMESPACES {
        io.ns(namespace, welcome.with(prepare));
    }
}

/// Before the client hears that it is connected: whatever it sends from then on finds a handler.
async fn prepare(socket: SocketRef, State(entrance): State<Entrance>) -> Result<(), Infallible> {
    socket.extensions.insert(Arc::new(entrance.visitor(&socket)));
    socket.on_disconnect(leave);
    inbox::listen(&socket);
    Ok(())
}

async fn welcome(
    socket: SocketRef,
    TryData(auth): TryData<Auth>,
    Extension(visitor): Extension<Arc<Visitor>>,
    State(entrance): State<Entrance>,
) {
    let Some(core) = entrance.core() else { return };
    match verify(&core, auth).await {
        // Once the dispatcher is gone, so are all connections.
        Ok(claims) => drop(entrance.requests.send(Request::Join(Join { socket, visitor, claims })).await),
        Err(failure) => visitor.refuse(&core, socket, &failure),
    }
}

async fn verify(core: &Core, auth: Result<Auth, ParserError>) -> Result<Claims, Error> {
    let auth = auth.map_err(|_| ErrorCode::Unauthorized)?;
    verify_for_handshake(core, &auth.token).await
}

async fn leave(
    reason: DisconnectReason,
    Extension(visitor): Extension<Arc<Visitor>>,
    State(entrance): State<Entrance>,
) {
    visitor.decide(None);
    let departure = match reason {
        DisconnectReason::ClientNSDisconnect | DisconnectReason::TransportClose => Departure::Farewell,
        _ => Departure::Loss,
    };
    drop(entrance.requests.send(Request::Leave(visitor.number, departure)).await);
}
