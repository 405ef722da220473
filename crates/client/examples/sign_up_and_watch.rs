//! A company signs up and watches its site being built.
//!
//! `cargo run -p erpmax-client --example sign_up_and_watch -- owner@acme.example "Acme Trading"`, with the password in
//! `ERPMAX_PASSWORD` and the server's address in `ERPMAX_API` (<http://localhost:8000>).
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::env;

use erpmax_client::types::provisioning::{JobStatus, JobType};
use erpmax_client::types::users::Register;
use erpmax_client::{ApiClient, Result};
use futures_util::TryStreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(email), Some(company)) = (arguments.next(), arguments.next()) else {
        return Err("say the e-mail address and the company's name".into());
    };
    let password = env::var("ERPMAX_PASSWORD").map_err(|_| "put a password into ERPMAX_PASSWORD")?;
    let client = ApiClient::new(&env::var("ERPMAX_API").unwrap_or_else(|_| "http://localhost:8000".to_owned()))?;
    let url = sign_up_and_watch(&client, email, password, company).await?;
    println!("Open within a minute: {url}");
    Ok(())
}

/// Signs up, has the site built and says where to open it.
pub(crate) async fn sign_up_and_watch(
    client: &ApiClient,
    email: String,
    password: String,
    company: String,
) -> Result<String> {
    let register = Register { email, password, full_name: format!("Owner of {company}"), company_name: company };
    let signed_in = client.auth().register(&register).await?;
    println!("{} has the tenant {}", signed_in.user.email, signed_in.current_tenant.slug);

    let job = client.provisioning().create(JobType::CreateSite).await?;
    let mut watch = client.provisioning().watch(job.id);
    while let Some(job) = watch.try_next().await? {
        println!("{:3} % {}", job.progress, job.message.as_deref().unwrap_or_default());
        if job.status == JobStatus::Failed {
            println!("It failed: {}", job.error.as_deref().unwrap_or_default());
        }
    }
    Ok(client.sso().token().await?.sso_url)
}
