//! Accounts, sign-in and sessions (guide §3, `auth_service.dart`).

use erpmax_types::SessionId;
use erpmax_types::TenantId;
use erpmax_types::envelope::Done;
use erpmax_types::proof::{EmailVerified, ForgotPassword, LetterSent, ResetPassword, UpdateMe, VerifyEmail};
use erpmax_types::tenants::{AcceptInvitation, AcceptedInvitation, InvitationLook, LookAtInvitation};
use erpmax_types::two_factor::SecondFactorLogin;
use erpmax_types::users::{
    ChangePassword, Confirm, Confirmed, EndedSessions, Login, Me, Register, Session, SignedIn, SwitchTenant, Switched,
    Tokens, User,
};
use http::StatusCode;
use tracing::debug;

use super::{TwoFactor, service};
use crate::call::Call;
use crate::endpoints::Endpoint;
use crate::error::Refusal;
use crate::session::Renewal;
use crate::transport::Answered;
use crate::{Error, Pages, Result, endpoints};

service! {
    /// Accounts, sign-in and sessions.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// let auth = client.auth();
    /// if let Err(error) = auth.login("owner@acme.example", "SecurePass123").await {
    ///     let challenge = error.challenge().ok_or(error.clone())?;
    ///     auth.login_second_factor(challenge, "123456").await?;
    /// }
    /// println!("{}", auth.me().await?.user.full_name);
    /// auth.logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    Auth
}

impl Auth {
    /// Opens an account with a company of its own, and is signed in to it.
    pub async fn register(&self, register: &Register) -> Result<SignedIn> {
        self.sign_in(self.client.call(&endpoints::REGISTER).json(register)).await
    }

    /// Signs in. An account with a second factor answers [`Error::Forbidden`] with a [challenge](Error::challenge).
    pub async fn login(&self, email: &str, password: &str) -> Result<SignedIn> {
        let login = Login { email: email.to_owned(), password: password.to_owned() };
        self.sign_in(self.client.call(&endpoints::LOGIN).json(&login)).await
    }

    /// Answers the challenge of a sign-in with a code of the authenticator app, or a recovery code.
    pub async fn login_second_factor(&self, challenge: &str, code: &str) -> Result<SignedIn> {
        let login = SecondFactorLogin { challenge: challenge.to_owned(), code: code.to_owned() };
        self.sign_in(self.client.call(&endpoints::LOGIN_SECOND_FACTOR).json(&login)).await
    }

    async fn sign_in(&self, call: Call) -> Result<SignedIn> {
        let signed_in: SignedIn = call.send().await?;
        self.adopt(&signed_in).await?;
        Ok(signed_in)
    }

    /// Keeps the tokens of a new sign-in. The session that they replace is ended: nobody could use it any more, or end it.
    async fn adopt(&self, signed_in: &SignedIn) -> Result<()> {
        let earlier = self.client.session().tokens().await.ok().flatten();
        self.client.session().adopt(signed_in.tokens.clone()).await?;
        if let Some(earlier) = earlier {
            let ended = self.end(&earlier).await;
            ended.inspect_err(|error| debug!(%error, "The earlier session was not ended")).ok();
        }
        Ok(())
    }

    /// Ends the session of these tokens, which may need fresh ones for that.
    async fn end(&self, tokens: &Tokens) -> Result<()> {
        let call = self.client.call(&endpoints::LOGOUT);
        match call.exchange::<Answered>(Some(tokens)).await {
            Err(Error::Unauthorized(_)) => {
                let fresh = self.client.refresh(tokens).await?;
                call.exchange::<Answered>(Some(&fresh)).await.map(drop)
            }
            answered => answered.map(drop),
        }
    }

    /// A call that shows the sign-in, if there is one. Servers pass over a token that ran out, so it is renewed first.
    async fn showing_sign_in(&self, endpoint: &'static Endpoint) -> Result<Call> {
        if self.is_authenticated().await? {
            match self.client.call(&endpoints::ME).carry_out::<Answered>().await {
                Ok(_) | Err(Error::Unauthorized(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.client.call(endpoint).showing(self.client.session().tokens().await?))
    }

    /// Takes fresh tokens. Nobody has to call it: a request that needs them takes them.
    pub async fn refresh(&self) -> Result<()> {
        let tokens = self.client.session().tokens().await?;
        match self.client.renew(tokens.as_deref()).await? {
            Renewal::Fresh(_) => Ok(()),
            Renewal::SignedOut => Err(Error::refused(Refusal::bare(StatusCode::UNAUTHORIZED), None)),
        }
    }

    /// Signs out: ends the session at the server, if it can be reached, and forgets the tokens in any case.
    pub async fn logout(&self) -> Result<()> {
        if self.is_authenticated().await.unwrap_or(true) {
            let told = self.client.call(&endpoints::LOGOUT).send::<Done>().await;
            told.inspect_err(|error| debug!(%error, "The server was not told of the sign-out")).ok();
        }
        self.client.session().clear().await
    }

    /// Whether there are tokens; whether they are still good, only the server knows.
    pub async fn is_authenticated(&self) -> Result<bool> {
        Ok(self.client.session().tokens().await?.is_some())
    }

    /// Who is signed in, and to what.
    pub async fn me(&self) -> Result<Me> {
        self.client.call(&endpoints::ME).send().await
    }

    /// Changes name, language or address; what is none stays, and a new address counts once its link is used.
    pub async fn update_me(&self, update: &UpdateMe) -> Result<User> {
        self.client.call(&endpoints::UPDATE_ME).json(update).send().await
    }

    /// Proves the address with the token of a link. A first proof asks for the account's sign-in, which is shown if there is one,
    /// or for a password.
    pub async fn verify_email(&self, verify: &VerifyEmail) -> Result<EmailVerified> {
        self.showing_sign_in(&endpoints::VERIFY_EMAIL).await?.json(verify).send().await
    }

    /// Asks for the letter with that link once more.
    pub async fn resend_verification(&self) -> Result<LetterSent> {
        self.client.call(&endpoints::RESEND_VERIFICATION).send().await
    }

    /// What the link of an invitation leads to, and what accepting it needs.
    pub async fn look_at_invitation(&self, token: &str) -> Result<InvitationLook> {
        let look = LookAtInvitation { token: token.to_owned() };
        self.client.call(&endpoints::LOOK_AT_INVITATION).json(&look).send().await
    }

    /// Accepts an invitation. Who had no account gets one, and is signed in to it.
    pub async fn accept_invitation(&self, accept: &AcceptInvitation) -> Result<AcceptedInvitation> {
        let call = self.showing_sign_in(&endpoints::ACCEPT_INVITATION).await?;
        let accepted: AcceptedInvitation = call.json(accept).send().await?;
        if let Some(signed_in) = &accepted.signed_in {
            self.adopt(signed_in).await?;
        }
        Ok(accepted)
    }

    /// Asks for a link to set a new password; the answer does not tell whether there is such an account.
    pub async fn forgot_password(&self, email: &str) -> Result<Done> {
        let forgot = ForgotPassword { email: email.to_owned() };
        self.client.call(&endpoints::FORGOT_PASSWORD).json(&forgot).send().await
    }

    /// Sets a new password with the token of a link, which ends all sessions.
    pub async fn reset_password(&self, token: &str, new: &str) -> Result<EndedSessions> {
        let reset = ResetPassword { token: token.to_owned(), new_password: new.to_owned() };
        self.client.call(&endpoints::RESET_PASSWORD).json(&reset).send().await
    }

    /// Goes to another tenant of the person.
    pub async fn switch_tenant(&self, tenant: TenantId) -> Result<Switched> {
        let switch = SwitchTenant { tenant_id: tenant.to_string() };
        let switched: Switched = self.client.call(&endpoints::SWITCH_TENANT).json(&switch).send().await?;
        self.client.session().adopt(switched.tokens.clone()).await?;
        Ok(switched)
    }

    /// Shows the password again, for what answers `confirmation_required`.
    pub async fn confirm(&self, password: &str) -> Result<Confirmed> {
        self.client.call(&endpoints::CONFIRM).json(&Confirm { password: password.to_owned() }).send().await
    }

    /// Changes the password, which ends all other sessions.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<EndedSessions> {
        let change = ChangePassword { current_password: current.to_owned(), new_password: new.to_owned() };
        self.client.call(&endpoints::CHANGE_PASSWORD).json(&change).send().await
    }

    /// Where the person is signed in.
    pub fn sessions(&self) -> Pages<Vec<Session>> {
        Pages::of(self.client.call(&endpoints::SESSIONS))
    }

    /// Ends all sessions but this one.
    pub async fn end_sessions(&self) -> Result<EndedSessions> {
        self.client.call(&endpoints::END_SESSIONS).send().await
    }

    /// Ends one session.
    pub async fn end_session(&self, session: SessionId) -> Result<Done> {
        self.client.call(&endpoints::END_SESSION).at(session).send().await
    }

    /// The second factor of the account.
    pub fn two_factor(&self) -> TwoFactor {
        TwoFactor::of(&self.client)
    }
}
