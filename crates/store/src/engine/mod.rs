//! The one wall behind which two databases stand.

mod conn;
mod error;
mod listen;
mod meter;
mod migrations;
mod query;
mod store;
mod tx;

pub use conn::Conn;
pub use error::{OpenError, StoreError};
pub(crate) use migrations::{explain, newest_migration, postgres_migrator, sqlite_migrator};
pub(crate) use query::{Query, insert_rows, query};
pub use store::Store;
pub use tx::Tx;
