//! Those who make the load: newcomers, sign-ins, readers and companies that ask for jobs.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use rand::seq::IndexedRandom;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::tally::Tally;
use crate::http::{Connection, Request};
use crate::server::{Account, login_request, register_request};

const READERS: usize = 8;
const SIGNERS_IN: usize = 2;
const JOBS: &str = "/api/v1/provisioning/jobs";
/// What is read; the last one is not there.
const READ: [&str; 8] = [
    "/api/v1/auth/me",
    "/api/v1/tenants",
    "/api/v1/tenants/current",
    "/api/v1/provisioning/jobs",
    "/api/v1/notifications",
    "/api/v1/billing/plans",
    "/api/v1/billing/subscription",
    "/api/v1/nowhere",
];

/// All workers; dropping them ends them.
pub(super) struct Workers {
    tally: Tally,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<()>>,
}

/// What each worker has.
struct Worker {
    connection: Connection,
    tally: Tally,
    stop: watch::Receiver<bool>,
}

impl Workers {
    pub(super) fn start(address: SocketAddr, companies: &[Account]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut workers = Self { tally: Tally::default(), stop, tasks: JoinSet::new() };
        let tally = workers.tally.clone();
        let worker = move || Worker::new(address, tally.clone(), stopped.clone());
        let begin = worker();
        workers.tasks.spawn(async move { begin.await?.welcome_newcomers().await });
        for _ in 0..SIGNERS_IN {
            let (begin, companies) = (worker(), companies.to_vec());
            workers.tasks.spawn(async move { begin.await?.sign_in(companies).await });
        }
        for _ in 0..READERS {
            let (begin, companies) = (worker(), companies.to_vec());
            workers.tasks.spawn(async move { begin.await?.read(companies).await });
        }
        for company in companies {
            let (begin, company) = (worker(), company.clone());
            workers.tasks.spawn(async move { begin.await?.ask_for_jobs(&company).await });
        }
        workers
    }

    /// Lets all workers come to an end.
    pub(super) async fn stop(mut self) -> Tally {
        let _ = self.stop.send(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(failure) = ended.map_err(Into::into).flatten() {
                self.tally.failure(&failure);
            }
        }
        self.tally
    }
}

impl Worker {
    async fn new(address: SocketAddr, tally: Tally, stop: watch::Receiver<bool>) -> Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, tally, stop })
    }

    fn goes_on(&self) -> bool {
        !*self.stop.borrow()
    }

    async fn send(&mut self, request: &Request) -> Result<(u16, Value)> {
        let answer = self.connection.send(request).await?;
        self.tally.answer(answer.status);
        Ok((answer.status, serde_json::from_slice(answer.body)?))
    }

    async fn welcome_newcomers(mut self) -> Result<()> {
        let mut number = 0;
        while self.goes_on() {
            self.send(&register_request(&format!("newcomer-{number}"))).await?;
            number += 1;
            sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    async fn sign_in(mut self, companies: Vec<Account>) -> Result<()> {
        while self.goes_on() {
            self.send(&login_request(&one_of(&companies)?.email)).await?;
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn read(mut self, companies: Vec<Account>) -> Result<()> {
        while self.goes_on() {
            self.send(&Request::get(one_of(&READ)?, &one_of(&companies)?.token)).await?;
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Builds a site, backs it up, cancels and retries a backup, and removes the site, again and again.
    async fn ask_for_jobs(mut self, company: &Account) -> Result<()> {
        while self.goes_on() {
            self.carry_out(company, "create_site").await?;
            self.carry_out(company, "backup_site").await?;
            self.cancel_and_retry(company).await?;
            self.carry_out(company, "delete_site").await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, company: &Account, job_type: &str) -> Result<()> {
        let job = self.ask(company, job_type).await?;
        self.wait_for_end(company, &job, job_type).await
    }

    async fn cancel_and_retry(&mut self, company: &Account) -> Result<()> {
        let job = self.ask(company, "backup_site").await?;
        sleep(Duration::from_millis(50)).await;
        self.send(&Request::post(&format!("{JOBS}/{job}/cancel"), &company.token, &json!({}))).await?;
        self.wait_for_end(company, &job, "cancelled backup_site").await?;
        let (status, _) = self.send(&Request::post(&format!("{JOBS}/{job}/retry"), &company.token, &json!({}))).await?;
        if status == 200 { self.wait_for_end(company, &job, "retried backup_site").await } else { Ok(()) }
    }

    async fn ask(&mut self, company: &Account, job_type: &str) -> Result<String> {
        let request = Request::post(JOBS, &company.token, &json!({"job_type": job_type}));
        let (_, answer) = self.send(&request).await?;
        let id = answer.pointer("/data/id").and_then(Value::as_str);
        Ok(id.with_context(|| format!("{job_type} was answered {answer}"))?.to_owned())
    }

    /// Waits until the job has ended; a job under way is waited for also when the time is up.
    async fn wait_for_end(&mut self, company: &Account, job: &str, name: &str) -> Result<()> {
        let request = Request::get(&format!("{JOBS}/{job}"), &company.token);
        loop {
            let (_, answer) = self.send(&request).await?;
            match answer.pointer("/data/status").and_then(Value::as_str) {
                Some(status @ ("completed" | "failed")) => {
                    self.tally.job(name, status);
                    return Ok(());
                }
                Some(_) => sleep(Duration::from_millis(200)).await,
                None => anyhow::bail!("a job was answered {answer}"),
            }
        }
    }
}

fn one_of<T>(values: &[T]) -> Result<&T> {
    values.choose(&mut rand::rng()).context("there is nothing to choose from")
}
