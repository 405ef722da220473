//! Mails, as the operator sees them.

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
