//! One-time codes from a shared secret and the time: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which every
//! authenticator app knows.

use anyhow::{Context, anyhow};
use data_encoding::BASE32_NOPAD;
use erpmax_types::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac};
use reqwest::Url;
use sha1::Sha1;

const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
/// Codes have six digits.
const CODES: u32 = 1_000_000;
const ISSUER: &str = "ERPMax";
/// How many steps a clock may be off either way.
const TOLERANCE: i64 = 1;

/// What the server and an authenticator app share: 160 bits.
#[derive(Clone)]
pub struct Secret([u8; SECRET_BYTES]);

/// The number of 30 seconds since 1970.
pub fn step_at(now: Timestamp) -> i64 {
    now.as_seconds().div_euclid(STEP_SECONDS)
}

impl Secret {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(bytes.try_into().context("a secret of another length")?))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// From its text in base32.
    pub fn from_text(text: &str) -> anyhow::Result<Self> {
        Self::from_bytes(&BASE32_NOPAD.decode(text.as_bytes())?)
    }

    /// In base32, as it is typed into an app.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The address that apps read from a QR code.
    pub(super) fn url(&self, email: &str) -> anyhow::Result<String> {
        let mut url = Url::parse("otpauth://totp/")?;
        let mut path = url.path_segments_mut().map_err(|()| anyhow!("an address without a path"))?;
        path.pop_if_empty().push(&format!("{ISSUER}:{email}"));
        drop(path);
        url.query_pairs_mut().append_pair("secret", &self.text()).append_pair("issuer", ISSUER);
        Ok(url.into())
    }

    /// The code of a step (RFC 4226 §5.3).
    pub fn code(&self, step: i64) -> anyhow::Result<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).map_err(|_| anyhow!("the secret is unusable"))?;
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash.last().copied().unwrap_or_default() & 0x0f);
        let four = hash.get(offset..offset + 4).context("the hash is too short")?;
        let number = four.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        Ok(format!("{:06}", number % CODES))
    }

    /// The step that `code` belongs to, around the present one and after `last`; none if it is no such code.
    pub(super) fn find_step(&self, code: &str, now: Timestamp, last: i64) -> anyhow::Result<Option<i64>> {
        let present = step_at(now);
        let mut found = None;
        for step in present - TOLERANCE..=present + TOLERANCE {
            if is_same(&self.code(step)?, code) && step > last {
                found = Some(step);
            }
        }
        Ok(found)
    }
}

/// Takes as long for a code that is nearly right.
fn is_same(one: &str, other: &str) -> bool {
    let differs = one.bytes().zip(other.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code(step_at(at(seconds))).ok().as_deref(), Some(code), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_a_step_before_and_after_and_once() {
        let (now, step) = (at(2_000_000_000), step_at(at(2_000_000_000)));
        let code = |of: i64| secret().code(of).unwrap_or_default();
        let found = |of: i64, last: i64| secret().find_step(&code(of), now, last).ok().flatten();
        for near in [step - 1, step, step + 1] {
            assert_eq!(found(near, 0), Some(near));
            assert_eq!(found(near, near), None, "a used step is refused");
        }
        assert_eq!((found(step - 2, 0), found(step + 2, 0)), (None, None));
        assert_eq!(secret().find_step("27903", now, 0).ok().flatten(), None);
    }

    #[test]
    fn apps_get_the_secret_with_the_account() {
        assert_eq!(secret().text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            secret().url("o'neil+x@acme.example?").ok().as_deref(),
            Some(
                "otpauth://totp/ERPMax:o'neil+x@acme.example%3F?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ERPMax"
            )
        );
        assert_eq!(Secret::from_text(&secret().text()).ok().map(|same| same.0), Some(secret().0));
    }
}
