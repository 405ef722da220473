//! The tables that there are, as the database itself tells: a new one cannot be forgotten.

use std::collections::BTreeSet;

use sqlx::{FromRow, SqliteConnection};

/// Kept by whoever applies migrations, on each database for itself.
const MIGRATIONS_TABLE: &str = "_sqlx_migrations";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Bool,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key, as positions in `columns`.
    pub(super) key: Vec<usize>,
    /// The tables that this one's rows point to.
    parents: BTreeSet<String>,
}

#[derive(FromRow)]
struct ColumnRow {
    name: String,
    #[sqlx(rename = "type")]
    kind: String,
    pk: i64,
}

/// All tables, each behind those that it points to.
pub(super) async fn read(link: &mut SqliteConnection) -> Result<Vec<Table>, sqlx::Error> {
    let names: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(&mut *link)
    .await?;
    let mut tables = Vec::new();
    for (name,) in names.into_iter().filter(|(name,)| name != MIGRATIONS_TABLE) {
        tables.push(read_table(link, name).await?);
    }
    in_order(tables)
}

async fn read_table(link: &mut SqliteConnection, name: String) -> Result<Table, sqlx::Error> {
    let rows: Vec<ColumnRow> = sqlx::query_as("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid")
        .bind(&name)
        .fetch_all(&mut *link)
        .await?;
    let parents: Vec<(String,)> =
        sqlx::query_as(r#"SELECT "table" FROM pragma_foreign_key_list($1)"#).bind(&name).fetch_all(link).await?;
    let mut key: Vec<(i64, usize)> = rows.iter().enumerate().map(|(at, row)| (row.pk, at)).collect();
    key.retain(|(place, _)| *place > 0);
    key.sort_unstable();
    let columns = rows.into_iter().map(ColumnRow::into_column).collect::<Result<_, _>>()?;
    let parents = parents.into_iter().map(|(parent,)| parent).filter(|parent| *parent != name).collect();
    Ok(Table { name, columns, key: key.into_iter().map(|(_, at)| at).collect(), parents })
}

impl ColumnRow {
    fn into_column(self) -> Result<Column, sqlx::Error> {
        let kind = match self.kind.as_str() {
            "TEXT" => Kind::Text,
            "BIGINT" | "INTEGER" => Kind::Int,
            "BOOLEAN" => Kind::Bool,
            _ => return Err(sqlx::Error::TypeNotFound { type_name: self.kind }),
        };
        Ok(Column { name: self.name, kind })
    }
}

fn in_order(mut waiting: Vec<Table>) -> Result<Vec<Table>, sqlx::Error> {
    let mut ordered: Vec<Table> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_there = |parent: &String| ordered.iter().any(|table| table.name == *parent);
        let Some(next) = waiting.iter().position(|table| table.parents.iter().all(is_there)) else {
            let names: Vec<&str> = waiting.iter().map(|table| table.name.as_str()).collect();
            return Err(sqlx::Error::Protocol(format!("the tables {} point to each other", names.join(", "))));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

impl Table {
    /// All rows in the order of keys; `collation` is the words that make texts compare by their bytes.
    pub(super) fn select(&self, collation: &str) -> String {
        let key = self.key.iter().map(|at| {
            let column = &self.columns[*at];
            let collation = if column.kind == Kind::Text { collation } else { "" };
            format!(r#""{}"{collation}"#, column.name)
        });
        let key: Vec<String> = key.collect();
        format!(r#"SELECT {} FROM "{}" ORDER BY {}"#, self.column_list(), self.name, key.join(", "))
    }

    /// Adds the rows of one array for each column; a key that is counted up is taken as it comes.
    pub(super) fn insert(&self) -> String {
        let arrays = self.columns.iter().enumerate().map(|(at, column)| {
            let kind = match column.kind {
                Kind::Text => "text",
                Kind::Int => "bigint",
                Kind::Bool => "boolean",
            };
            format!("${}::{kind}[]", at + 1)
        });
        let arrays: Vec<String> = arrays.collect();
        format!(
            r#"INSERT INTO "{}" ({}) OVERRIDING SYSTEM VALUE SELECT * FROM UNNEST({})"#,
            self.name,
            self.column_list(),
            arrays.join(", ")
        )
    }

    /// The column that the database counts up, if there is one.
    pub(super) fn counted(&self) -> Option<&str> {
        match self.key.as_slice() {
            [at] if self.columns[*at].kind == Kind::Int => Some(&self.columns[*at].name),
            _ => None,
        }
    }

    fn column_list(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| format!(r#""{}""#, column.name)).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, parents: &[&str]) -> Table {
        Table {
            name: name.to_owned(),
            columns: vec![Column { name: "id".to_owned(), kind: Kind::Text }],
            key: vec![0],
            parents: parents.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_table_comes_behind_those_that_it_points_to() {
        let tables = vec![table("jobs", &["tenants", "users"]), table("tenants", &["users"]), table("users", &[])];
        let names = in_order(tables).map(|tables| tables.into_iter().map(|table| table.name).collect::<Vec<_>>());
        assert_eq!(names.ok(), Some(vec!["users".to_owned(), "tenants".to_owned(), "jobs".to_owned()]));
    }

    #[test]
    fn tables_that_point_to_each_other_are_refused_by_name() {
        let error = in_order(vec![table("hen", &["egg"]), table("egg", &["hen"])]).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("hen, egg")));
    }

    #[test]
    fn texts_are_read_in_the_order_of_their_bytes() {
        let select = table("users", &[]).select(r#" COLLATE "C""#);
        assert_eq!(select, r#"SELECT "id" FROM "users" ORDER BY "id" COLLATE "C""#);
    }
}
