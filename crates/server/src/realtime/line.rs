//! A TCP connection that can be cut: by us, or because its other end stopped reading.
//!
//! The accept loop guards each connection with a [`Line`] and puts the line into the extensions of its requests. Without
//! it a WebSocket whose client reads nothing would keep its task and its buffers for as long as the client likes.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long the other end may leave unread what we write.
const PATIENCE: Duration = Duration::from_secs(20);

/// A hold on a connection. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Line {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Line {
    /// Puts `io` on this line.
    pub const fn guard<IO>(self, io: IO) -> Guarded<IO> {
        Guarded { io, line: self, stalled: None }
    }

    /// Ends the connection: whatever is read from it or written to it fails from now on.
    pub fn cut(&self) {
        self.state.is_cut.store(true, Ordering::Release);
        self.state.reader.wake();
        self.state.writer.wake();
    }

    fn check(&self) -> Result<()> {
        if self.state.is_cut.load(Ordering::Acquire) { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

/// A connection on a [`Line`].
#[derive(Debug)]
pub struct Guarded<IO> {
    io: IO,
    line: Line,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<IO> Guarded<IO> {
    /// What becomes of a write: done, waiting, or given up because the other end has not read for too long.
    fn settle<T>(&mut self, context: &mut Context<'_>, written: Poll<Result<T>>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        self.line.state.writer.register(context.waker());
        self.line.check()?;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        ready!(stalled.as_mut().poll(context));
        self.line.cut();
        Poll::Ready(Err(Error::from(ErrorKind::TimedOut)))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Guarded<IO> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        self.line.check()?;
        let read = Pin::new(&mut self.io).poll_read(context, buffer);
        if read.is_pending() {
            self.line.state.reader.register(context.waker());
            self.line.check()?;
        }
        read
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Guarded<IO> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.line.check()?;
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.settle(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.line.check()?;
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.settle(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(context);
        self.settle(context, shut)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.line.check()?;
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.settle(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_cut_line_wakes_its_reader() {
        let (ours, _theirs) = duplex(64);
        let line = Line::default();
        let mut guarded = line.clone().guard(ours);
        let reading = tokio::spawn(async move { guarded.read_u8().await });
        tokio::task::yield_now().await;
        line.cut();
        assert!(reading.await.expect("the task ends").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_whose_other_end_reads_nothing_is_cut() {
        let (ours, _theirs) = duplex(64);
        let line = Line::default();
        let mut guarded = line.clone().guard(ours);
        let error = guarded.write_all(&[0; 100]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(line.check().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_that_goes_on_reading_is_not_cut() {
        let (ours, mut theirs) = duplex(64);
        let mut guarded = Line::default().guard(ours);
        let writing = tokio::spawn(async move { guarded.write_all(&[0; 1024]).await });
        let mut buffer = [0; 64];
        for _ in 0..16 {
            sleep(Duration::from_secs(10)).await;
            theirs.read_exact(&mut buffer).await.expect("there is something to read");
        }
        assert!(writing.await.expect("the task ends").is_ok());
    }
}
