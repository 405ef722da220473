//! The way in, before Socket.IO: requests to `/socket.io` are counted, freed of what is not needed, and tied to the
//! connection that they belong to. All other requests pass by.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, SEC_WEBSOCKET_KEY};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use socketioxide::layer::SocketIoLayer;
use socketioxide::service::SocketIoService;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::connection::Connections;
use super::{Line, PATH};

/// How long the body of a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of Engine.IO's answer that opens a connection, at most.
const OPENING: usize = 4096;

type Refuse = fn(Request) -> std::future::Ready<Result<Response, Infallible>>;
type Sockets = SocketIoService<tower::util::ServiceFn<Refuse>>;

/// Serves Socket.IO at `/socket.io` and lets everything else pass.
#[derive(Clone)]
pub struct RealtimeLayer {
    gate: Gate,
}

/// See [`RealtimeLayer`].
#[derive(Clone)]
pub struct RealtimeService<S> {
    gate: Gate,
    inner: S,
}

#[derive(Clone)]
struct Gate {
    connections: Arc<Connections>,
    sockets: Sockets,
}

impl RealtimeLayer {
    pub(super) fn new(connections: Arc<Connections>, layer: &SocketIoLayer) -> Self {
        let refuse: Refuse = |_| std::future::ready(Ok(StatusCode::NOT_FOUND.into_response()));
        Self { gate: Gate { connections, sockets: layer.layer(service_fn(refuse)) } }
    }
}

impl<S> Layer<S> for RealtimeLayer {
    type Service = RealtimeService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RealtimeService { gate: self.gate.clone(), inner }
    }
}

impl<S> Service<Request> for RealtimeService<S>
where
    S: Service<Request, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if is_ours(request.uri().path()) {
            let gate = self.gate.clone();
            return Box::pin(async move { Ok(gate.serve(request).await) });
        }
        let answer = self.inner.call(request);
        Box::pin(async move { Ok(answer.await?.into_response()) })
    }
}

fn is_ours(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What of an Engine.IO request's query concerns us.
#[derive(Deserialize)]
struct Query {
    transport: Option<String>,
    sid: Option<String>,
}

/// What opens a connection, after the packet type `0`.
#[derive(Deserialize)]
struct Opening {
    sid: String,
}

impl Gate {
    async fn serve(&self, request: Request) -> Response {
        let Ok(axum::extract::Query(query)) = axum::extract::Query::<Query>::try_from_uri(request.uri()) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let is_websocket = query.transport.as_deref() == Some("websocket");
        match query.sid {
            None => self.open(request, is_websocket).await,
            Some(sid) => self.go_on(request, &sid, is_websocket).await,
        }
    }

    async fn open(&self, mut request: Request, is_websocket: bool) -> Response {
        let Some(connection) = self.connections.open() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        *request.headers_mut() = needed_headers(request.headers());
        let line = request.extensions_mut().remove::<Line>();
        request.extensions_mut().insert(connection.clone());
        if is_websocket {
            if let Some(line) = line {
                connection.put_on(line);
            }
            return self.pass(request).await;
        }
        let (head, body) = self.pass(request).await.into_parts();
        let Ok(body) = to_bytes(body, OPENING).await else { return StatusCode::BAD_GATEWAY.into_response() };
        if let Some(Ok(opening)) = body.strip_prefix(b"0").map(serde_json::from_slice::<Opening>) {
            self.connections.remember(opening.sid, &connection);
        }
        Response::from_parts(head, Body::from(body))
    }

    async fn go_on(&self, request: Request, sid: &str, is_websocket: bool) -> Response {
        let connection = self.connections.find(sid);
        if connection.as_ref().is_some_and(|connection| connection.is_closed()) {
            return StatusCode::BAD_REQUEST.into_response();
        }
        if let (true, Some(connection), Some(line)) = (is_websocket, connection, request.extensions().get::<Line>()) {
            connection.put_on(line.clone());
        }
        if request.method() != Method::POST {
            return self.pass(request).await;
        }
        let answer = tokio::time::timeout(PATIENCE, self.pass(request)).await;
        answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
    }

    async fn pass(&self, request: Request) -> Response {
        match self.sockets.clone().oneshot(request).await {
            Ok(response) => response.map(Body::new),
        }
    }
}

/// Socket.IO keeps the opening request for as long as the connection lives; what it need not know is not kept.
fn needed_headers(headers: &HeaderMap) -> HeaderMap {
    [ACCEPT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_KEY]
        .into_iter()
        .filter_map(|name| Some((name.clone(), headers.get(name)?.clone())))
        .collect()
}
