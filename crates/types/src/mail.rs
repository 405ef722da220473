//! Mails, as the operator sees them, and what their links are for.

crate::macros::words! {
    /// What the link in a mail is good for.
    MailPurpose {
        /// To prove the account's address.
        VerifyAddress = "verify",
        /// To set a new password.
        ResetPassword = "reset",
        /// To give the account another address.
        ChangeAddress = "change_email",
    }
}

crate::macros::words! {
    /// What became of a mail.
    MailStatus {
        /// It waits to be sent.
        Queued = "queued",
        /// A server took it, or it lies in the outbox folder.
        Sent = "sent",
        /// It was refused for good.
        Refused = "refused",
    }
}
