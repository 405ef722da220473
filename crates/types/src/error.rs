//! The codes of the error envelope: stable words for programs.

/// A word that is not in a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord {
    /// The set that does not hold the word.
    pub set: &'static str,
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a {}", self.set)
    }
}

impl std::error::Error for UnknownWord {}

crate::macros::words! {
    /// What went wrong, for programs. Each code belongs to one HTTP status, see [`ErrorCode::status`].
    ErrorCode {
        /// The body or a parameter cannot be read.
        MalformedRequest = "malformed_request",
        /// The refresh token or the challenge is unknown, expired or spent (RFC 6749 §5.2).
        InvalidGrant = "invalid_grant",
        /// The token of a link in a mail is unknown, expired, spent or of another account.
        InvalidToken = "invalid_token",
        /// Wrong e-mail or password. 400 instead of 401 when a bearer token came along.
        InvalidCredentials = "invalid_credentials",
        /// A webhook's signature does not fit its body.
        InvalidSignature = "invalid_signature",
        /// No valid access token.
        Unauthorized = "unauthorized",
        /// The access token ran out or names a tenant that is no longer current; a refresh cures it.
        TokenExpired = "token_expired",
        /// The role does not allow it.
        Forbidden = "forbidden",
        /// The session's current tenant was left or lost.
        NotAMember = "not_a_member",
        /// The address has to be proven first.
        EmailNotVerified = "email_not_verified",
        /// A second factor is asked for.
        SecondFactorRequired = "second_factor_required",
        /// The password has to be shown again: `POST /auth/confirm`.
        ConfirmationRequired = "confirmation_required",
        /// The company does not let support in.
        SupportAccessForbidden = "support_access_forbidden",
        /// The account was deactivated.
        AccountDisabled = "account_disabled",
        /// The plan's limit is reached.
        PlanLimitReached = "plan_limit_reached",
        /// The subscription does not allow it in its present state.
        SubscriptionInactive = "subscription_inactive",
        /// Not there, or not for the caller to know of.
        NotFound = "not_found",
        /// The address exists, the method does not.
        MethodNotAllowed = "method_not_allowed",
        /// The e-mail address has an account.
        EmailTaken = "email_taken",
        /// The person is a member.
        AlreadyAMember = "already_a_member",
        /// The tenant has a site.
        SiteExists = "site_exists",
        /// The tenant has no site that is ready.
        SiteMissing = "site_missing",
        /// Only failed jobs can be retried.
        JobNotRetryable = "job_not_retryable",
        /// The job has ended or passed its point of no return.
        JobNotCancellable = "job_not_cancellable",
        /// The runner's lease went to another one.
        LeaseLost = "lease_lost",
        /// The present state does not allow it.
        Conflict = "conflict",
        /// The body is over the limit.
        PayloadTooLarge = "payload_too_large",
        /// The body is not JSON.
        UnsupportedMediaType = "unsupported_media_type",
        /// A field's value is refused; `details` says which and why.
        ValidationFailed = "validation_failed",
        /// The idempotency key was used with another body.
        IdempotencyMismatch = "idempotency_mismatch",
        /// Too many attempts; `Retry-After` says how many seconds to wait.
        RateLimited = "rate_limited",
        /// Our fault. The request id finds it in the log.
        Internal = "internal",
        /// The payment provider did not answer as it should.
        PaymentProviderError = "payment_provider_error",
        /// Not now: shutting down, or too slow.
        Unavailable = "unavailable",
    }
}

impl ErrorCode {
    /// The HTTP status that the code is answered with.
    pub const fn status(self) -> u16 {
        match self {
            Self::MalformedRequest | Self::InvalidGrant | Self::InvalidToken | Self::InvalidSignature => 400,
            Self::InvalidCredentials | Self::Unauthorized | Self::TokenExpired => 401,
            Self::Forbidden
            | Self::NotAMember
            | Self::EmailNotVerified
            | Self::SecondFactorRequired
            | Self::ConfirmationRequired
            | Self::SupportAccessForbidden
            | Self::AccountDisabled
            | Self::PlanLimitReached
            | Self::SubscriptionInactive => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::EmailTaken
            | Self::AlreadyAMember
            | Self::SiteExists
            | Self::SiteMissing
            | Self::JobNotRetryable
            | Self::JobNotCancellable
            | Self::LeaseLost
            | Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::ValidationFailed | Self::IdempotencyMismatch => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::PaymentProviderError => 502,
            Self::Unavailable => 503,
        }
    }
}
