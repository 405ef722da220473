//! `erpmax demo`: the whole journey of a company, played on a server that is thrown away.

mod server;

use erpmax_client::ApiClient;
use erpmax_client::types::provisioning::{JobStatus, JobType};
use erpmax_client::types::tenants::{AcceptInvitation, Invitation};
use erpmax_client::types::users::{Register, Role, SignedIn};
use serde_json::{Value, json};

use super::watch;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;
use crate::terminal;
use server::Server;

const OWNER: &str = "owner@acme.example";
const ACCOUNTANT: &str = "accountant@acme.example";
const COMPANY: &str = "Acme Trading";

/// Plays until Enter or Ctrl-C; then nothing of it is left.
pub(crate) fn run(printer: &Printer) -> Result<(), Failure> {
    let runtime = crate::runtime()?;
    let ran = runtime.block_on(async {
        // Heard from the beginning, so that the server and its folder never stay behind.
        let mut signals = Signals::listen()?;
        tokio::select! {
            biased;
            _ = signals.wait() => Ok(()),
            played = play(printer) => played,
        }
    });
    // Somebody may still be asked for Enter.
    runtime.shutdown_background();
    ran
}

async fn play(printer: &Printer) -> Result<(), Failure> {
    let server = Server::start(printer).await?;
    let demo = Demo { client: ApiClient::new(server.api())?, password: server.password().to_owned(), printer };
    let signed_in = demo.sign_up().await?;
    demo.build_the_site().await?;
    demo.open_the_site().await?;
    let invitation = demo.invite(&signed_in).await?;
    demo.accept(&invitation, server.api()).await?;
    demo.tell_how_to_go_on(&server);
    tokio::task::spawn_blocking(terminal::first_line).await.map_err(Failure::unexpected)??;
    Ok(())
}

struct Demo<'a> {
    client: ApiClient,
    password: String,
    printer: &'a Printer,
}

impl Demo<'_> {
    /// What is done, and with which command somebody would do it.
    fn step(&self, number: u8, what: &str, command: &str) {
        self.printer.done(
            &json!({"step": number, "what": what, "command": command}),
            &format!("\n{number}. {what}\n   $ {command}"),
        );
    }

    fn came_of_it(&self, document: &Value, text: &str) {
        self.printer.result(document, &format!("   {text}"));
    }

    async fn sign_up(&self) -> Result<SignedIn, Failure> {
        let command = format!("erpmax register {OWNER} --name \"Acme Owner\" --company \"{COMPANY}\"");
        self.step(1, "A company signs up; its trial begins.", &command);
        let register = Register {
            email: OWNER.to_owned(),
            password: self.password.clone(),
            full_name: "Acme Owner".to_owned(),
            company_name: COMPANY.to_owned(),
        };
        let signed_in = self.client.auth().register(&register).await?;
        let (user, tenant) = (&signed_in.user, &signed_in.current_tenant);
        self.came_of_it(
            &json!({"user": user, "tenant": tenant}),
            &format!("{} owns {} ({}).", user.email, tenant.name, tenant.slug),
        );
        Ok(signed_in)
    }

    async fn build_the_site(&self) -> Result<(), Failure> {
        self.step(2, "Its site is built, step by step.", "erpmax site create");
        let job = self.client.provisioning().create(JobType::CreateSite).await?;
        let ended = watch::follow(&job, &self.client, self.printer).await?;
        if ended.status == JobStatus::Failed {
            return Err(Failure::unexpected(anyhow::anyhow!(
                "the site was not built: {}",
                ended.error.unwrap_or_default()
            )));
        }
        let site = self.client.tenants().current().await?.erpnext_site_url.unwrap_or_default();
        self.came_of_it(&json!({"site": site}), &format!("The site is at {site}"));
        Ok(())
    }

    async fn open_the_site(&self) -> Result<(), Failure> {
        self.step(
            3,
            "The owner signs in to it without another password. The link is good once, for a minute:",
            "erpmax site open",
        );
        let pass = self.client.sso().token().await?;
        self.came_of_it(&json!({"sso_url": pass.sso_url}), &pass.sso_url);
        Ok(())
    }

    async fn invite(&self, signed_in: &SignedIn) -> Result<Invitation, Failure> {
        self.step(4, "The owner invites the accountant.", &format!("erpmax user invite {ACCOUNTANT}"));
        let tenant = signed_in.current_tenant.id;
        let invitation = self.client.tenants().invite(tenant, ACCOUNTANT, Role::User).await?;
        let link = invitation.link.clone().unwrap_or_default();
        self.came_of_it(&json!({"invitation": invitation}), &link);
        Ok(invitation)
    }

    /// As the accountant, who has no account yet.
    async fn accept(&self, invitation: &Invitation, api: &str) -> Result<(), Failure> {
        self.step(5, "The accountant follows the link, and is a member.", "erpmax user list");
        let link = invitation.link.as_deref().unwrap_or_default();
        let accept = AcceptInvitation {
            token: link.rsplit("token=").next().unwrap_or_default().to_owned(),
            full_name: Some("Acme Accountant".to_owned()),
            password: Some(self.password.clone()),
            new_password: None,
        };
        let accepted = ApiClient::new(api)?.auth().accept_invitation(&accept).await?;
        let joined = accepted.joined;
        let text = format!("{ACCOUNTANT} is {} of {}.", joined.role, joined.tenant_name);
        self.came_of_it(&json!({"joined": joined}), &text);
        Ok(())
    }

    fn tell_how_to_go_on(&self, server: &Server) {
        let (api, password) = (server.api(), &self.password);
        let login = format!("erpmax login {OWNER} --profile demo --api {api}");
        let document =
            json!({"api": api, "email": OWNER, "password": password, "folder": server.folder(), "login": login});
        let text = format!(
            "\nGo on from another terminal while this one waits. The password of both is {password}\n\
             \x20  $ {login}\n\
             \x20  $ erpmax whoami --profile demo\n\
             \x20  $ erpmax subscription checkout business --profile demo\n\
             The API is described at {api}/docs; mails are files in {}/outbox.\n\
             \n\
             Enter or Ctrl-C ends the server and removes everything.",
            server.folder().display()
        );
        self.printer.result(&document, &text);
    }
}
