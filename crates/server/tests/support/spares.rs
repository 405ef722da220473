//! `PostgreSQL` databases that wait for their next test. Making and dropping one takes longer than most tests, so they are
//! emptied and used again; with the last test at work all are dropped.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::run_on_postgres;

/// Empties every table but the list of migrations, whatever refers to whatever.
const EMPTY: &str = "SET session_replication_role = replica;
    DO $$ DECLARE item record; BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
        FOR item IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations' LOOP
            EXECUTE format('DELETE FROM %I', item.tablename);
        END LOOP;
    END $$";

static SPARES: Mutex<Spares> = Mutex::new(Spares { names: Vec::new(), in_use: 0 });

struct Spares {
    names: Vec<String>,
    in_use: usize,
}

fn spares() -> MutexGuard<'static, Spares> {
    SPARES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An empty database on `server`; its name.
pub(super) async fn take(server: &str) -> String {
    let spare = {
        let mut spares = spares();
        spares.in_use += 1;
        spares.names.pop()
    };
    if let Some(name) = spare {
        return name;
    }
    let name = format!("api_{}", uuid::Uuid::now_v7().simple());
    run_on_postgres(server, &format!("CREATE DATABASE {name}")).await;
    name
}

/// Takes a database back; one of a test that failed is not used again.
pub(super) async fn give_back(server: &str, name: String, failed: bool) {
    if failed {
        drop_database(server, &name).await;
    } else {
        run_on_postgres(&address(server, &name), EMPTY).await;
    }
    let rest = {
        let mut spares = spares();
        spares.in_use -= 1;
        if !failed {
            spares.names.push(name);
        }
        if spares.in_use == 0 { std::mem::take(&mut spares.names) } else { Vec::new() }
    };
    for name in rest {
        drop_database(server, &name).await;
    }
}

/// The address of a database on `server`.
pub(super) fn address(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("the address ends in a database");
    format!("{base}/{name}")
}

async fn drop_database(server: &str, name: &str) {
    run_on_postgres(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}
