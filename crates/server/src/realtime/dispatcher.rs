//! The one task that tells sockets anything that others cause. It reads the outbox in the order of commits; before it does
//! anything else it tells what is there, so neither progress inside a step nor a newcomer overtakes an event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use erpmax_core::Core;
use erpmax_core::provisioning::progress::StatusProgress;
use erpmax_core::realtime;
use erpmax_types::{JobId, SessionId};
use socketioxide::SocketIo;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::RealtimeSettings;
use super::connection::Connections;
use super::entrance::Request;
use super::latest::Latest;
use super::positions::Positions;
use super::registry::{Registry, SeatNumber};

/// How many reports of progress are told after one look at the outbox.
const PROGRESS_AT_ONCE: usize = 64;
/// How long to wait before the database is asked again that did not answer.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// How long connections may take to close at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Tells this node's sockets what happens.
pub struct Sockets {
    pub(super) core: Arc<Core>,
    pub(super) settings: RealtimeSettings,
    pub(super) connections: Arc<Connections>,
    pub(super) io: SocketIo,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) seats: Registry,
    pub(super) latest: Latest,
    /// The number of the last event that was told.
    pub(super) last: i64,
    /// Sockets that hear a tenant for the first time and are to be told of its creation.
    pub(super) newcomers: Vec<SeatNumber>,
    /// Ends of jobs that were handed to sockets of these sessions, and are not noted yet.
    pub(super) told_ends: BTreeMap<JobId, BTreeSet<SessionId>>,
    pub(super) positions: Positions,
}

/// What wakes the dispatcher.
enum Call {
    Outbox,
    Request(Option<Request>),
    Progress(Vec<StatusProgress>),
    Sweep,
}

impl Sockets {
    /// Serves sockets until `shutdown`, and then closes their connections; clients look for another node by themselves.
    pub async fn run(mut self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(Box::pin(self.serve())).await;
        self.connections.shut();
        if timeout(FAREWELL, self.io.close()).await.is_err() {
            debug!("Some sockets did not close in time");
        }
        self.note_all();
        if timeout(FAREWELL, self.write_positions(true)).await.is_err() {
            debug!("It could not be noted in time what sockets heard");
        }
    }

    async fn serve(&mut self) {
        let mut progress = self.core.progress().subscribe();
        let mut sweep = interval(self.settings.sweep);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.begin().await;
        loop {
            let call = self.next(&mut progress, &mut sweep).await;
            self.answer(call).await;
        }
    }

    /// Finds out where the outbox ends: of what happened before, newcomers hear what they need.
    async fn begin(&mut self) {
        loop {
            match realtime::last_number(&self.core).await {
                Ok(last) => return self.last = last,
                Err(error) => warn!(cause = ?error, "Sockets wait for the database"),
            }
            sleep(PAUSE).await;
        }
    }

    async fn next(&mut self, progress: &mut broadcast::Receiver<StatusProgress>, sweep: &mut Interval) -> Call {
        tokio::select! {
            () = self.core.store().outbox_rung() => Call::Outbox,
            request = self.requests.recv() => Call::Request(request),
            first = progress.recv() => Call::Progress(gather(first, progress)),
            _ = sweep.tick() => Call::Sweep,
        }
    }

    async fn answer(&mut self, call: Call) {
        self.tell_up_to(i64::MAX).await;
        match call {
            Call::Outbox | Call::Request(None) => {}
            Call::Request(Some(Request::Join(join))) => self.seat(join).await,
            Call::Request(Some(Request::Leave(number, departure))) => self.leave(number, departure),
            Call::Progress(reports) => self.tell_progress(reports),
            Call::Sweep => self.sweep().await,
        }
        self.welcome_newcomers().await;
        self.positions.keep(self.last);
        self.write_positions(false).await;
    }
}

/// A report and those that wait behind it.
fn gather(
    first: Result<StatusProgress, RecvError>,
    progress: &mut broadcast::Receiver<StatusProgress>,
) -> Vec<StatusProgress> {
    let waiting = std::iter::from_fn(|| progress.try_recv().ok());
    first.ok().into_iter().chain(waiting.take(PROGRESS_AT_ONCE)).collect()
}
