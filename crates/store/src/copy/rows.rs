//! A row of any table, from either database, and how many of them are sent at once.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{Arguments as _, Row as _};

use super::schema::{Kind, Table};

/// A batch is sent when it has this many rows or bytes of text, whichever comes first.
const BATCH_ROWS: usize = 1_000;
const BATCH_BYTES: usize = 1 << 20;

/// A value of one of the three kinds that our columns have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
}

macro_rules! read_row {
    ($name:ident, $row:ty) => {
        pub(super) fn $name(table: &Table, row: &$row) -> Result<Vec<Value>, sqlx::Error> {
            let value = |(at, column): (usize, &super::schema::Column)| {
                Ok(match column.kind {
                    Kind::Text => Value::Text(row.try_get(at)?),
                    Kind::Int => Value::Int(row.try_get(at)?),
                    Kind::Bool => Value::Bool(row.try_get(at)?),
                })
            };
            table.columns.iter().enumerate().map(value).collect()
        }
    };
}

read_row!(from_sqlite, SqliteRow);
read_row!(from_postgres, PgRow);

/// One column's values of a batch.
enum Values {
    Text(Vec<Option<String>>),
    Int(Vec<Option<i64>>),
    Bool(Vec<Option<bool>>),
}

impl Values {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Int => Self::Int(Vec::new()),
            Kind::Bool => Self::Bool(Vec::new()),
        }
    }

    /// Adds a value, which is of the column's kind.
    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Text(values), Value::Text(value)) => values.push(value),
            (Self::Int(values), Value::Int(value)) => values.push(value),
            (Self::Bool(values), Value::Bool(value)) => values.push(value),
            (Self::Text(_) | Self::Int(_) | Self::Bool(_), _) => {}
        }
    }
}

/// Rows on their way to the target, by column: one array each.
pub(super) struct Batch {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    pub(super) fn new(table: &Table) -> Self {
        Self { columns: table.columns.iter().map(|column| Values::of(column.kind)).collect(), rows: 0, bytes: 0 }
    }

    pub(super) fn push(&mut self, row: Vec<Value>) {
        self.rows += 1;
        for (values, value) in self.columns.iter_mut().zip(row) {
            if let Value::Text(Some(text)) = &value {
                self.bytes += text.len();
            }
            values.push(value);
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(super) const fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    pub(super) fn into_arguments(self) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        for values in self.columns {
            match values {
                Values::Text(values) => arguments.add(values),
                Values::Int(values) => arguments.add(values),
                Values::Bool(values) => arguments.add(values),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}
