//! What PostgreSQL's own programs have to know to reach a database: as variables, because others can read arguments.

use std::str::FromStr as _;

use percent_encoding::percent_decode_str;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::engine::OpenError;

/// The variables by which `pg_dump` and `pg_restore` find the database at `url`.
pub fn environment(url: &str) -> Result<Vec<(&'static str, String)>, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(OpenError::BadUrl)?;
    let host = match options.get_socket() {
        Some(folder) => folder.to_string_lossy().into_owned(),
        None => options.get_host().to_owned(),
    };
    let mut variables = vec![
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGDATABASE", options.get_database().unwrap_or_else(|| options.get_username()).to_owned()),
        ("PGSSLMODE", ssl_mode(options.get_ssl_mode()).to_owned()),
        ("PGAPPNAME", "erpmax-tool".to_owned()),
    ];
    let given = [("PGPASSWORD", password(url)), ("PGSSLROOTCERT", parameter(url, "sslrootcert"))];
    variables.extend(given.into_iter().filter_map(|(name, value)| Some((name, value?))));
    Ok(variables)
}

fn ssl_mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

fn password(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let inside = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    inside.map(decode).or_else(|| parameter(url, "password"))
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, parameters) = url.split_once('?')?;
    let mut pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| decode(value))
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(url: &str, name: &str) -> Option<String> {
        let variables = environment(url).expect("the address is good");
        variables.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    #[test]
    fn an_address_is_taken_apart() {
        let url = "postgres://erp:p%40ss%2Fword@db.example:5433/max?sslmode=require&sslrootcert=/etc/ca.pem";
        for (name, expected) in [
            ("PGHOST", "db.example"),
            ("PGPORT", "5433"),
            ("PGUSER", "erp"),
            ("PGDATABASE", "max"),
            ("PGPASSWORD", "p@ss/word"),
            ("PGSSLMODE", "require"),
            ("PGSSLROOTCERT", "/etc/ca.pem"),
        ] {
            assert_eq!(value(url, name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_password_that_is_not_there_is_left_to_the_environment() {
        assert_eq!(value("postgres://erp@db.example/max", "PGPASSWORD"), None);
        assert_eq!(value("postgres://erp@db.example/max?password=secret", "PGPASSWORD").as_deref(), Some("secret"));
    }
}
