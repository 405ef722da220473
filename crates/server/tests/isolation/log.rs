//! The log of all tests of this binary, in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// More than an operator would ever ask for; without statements, because those of the test itself hold what must not be told.
const FILTER: &str = "debug,sqlx=info,erpmax_server=trace,erpmax_core=trace,erpmax_store=trace";

/// What was logged.
#[derive(Clone, Default)]
pub(super) struct Log {
    lines: Arc<Mutex<Vec<u8>>>,
}

impl Log {
    /// The log, kept from the first call on.
    pub(super) fn keep() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let subscriber = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(FILTER)).with_ansi(false);
            subscriber.with_writer(log.clone()).init();
            log
        })
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.lines.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
