//! `/notifications`.

mod list;
mod read;
mod read_all;

use crate::support::{Person, TestApp};

/// Somebody with three unread notifications.
async fn reader(app: &TestApp) -> Person {
    let acme = app.tenant("acme").await;
    for _ in 0..3 {
        acme.fail("create_site").await;
    }
    acme.owner
}
