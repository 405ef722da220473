//! What a refused password costs: the same work whether or not there is an account and however its hash was made, so that the
//! time of the answer does not tell one from the other.
//!
//! The price is one Argon2id hash with the present parameters and, only while the installation has imported bcrypt hashes, one
//! bcrypt hash of the costliest. What the look at the kept hash did not cost is worked off afterwards. A hash made with more
//! than the present parameters cannot be evened out: whoever lowers them tells the older accounts apart until they sign in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use argon2::Params;

/// The least cost that bcrypt knows.
const LEAST_BCRYPT: u32 = 4;
/// Above its greatest.
const BCRYPT_END: u32 = 32;

/// Work of hashing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// KiB that Argon2id filled, all passes together.
    argon2: u64,
    /// Rounds of bcrypt.
    bcrypt: u64,
}

impl Work {
    pub(super) fn of_argon2(params: &Params) -> Self {
        Self { argon2: u64::from(params.m_cost()) * u64::from(params.t_cost()), bcrypt: 0 }
    }

    pub(super) fn of_bcrypt(cost: u32) -> Self {
        Self { argon2: 0, bcrypt: 1 << cost.min(BCRYPT_END - 1) }
    }
}

/// The cost of the costliest imported hash that was met, shared by the hashing threads; 0 if there is none.
#[derive(Clone, Default)]
pub(super) struct Costliest(Arc<AtomicU32>);

impl Costliest {
    pub(super) fn note(&self, cost: u32) {
        self.0.fetch_max(cost, Ordering::Relaxed);
    }

    fn work(&self) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            0 => 0,
            cost => Work::of_bcrypt(cost).bcrypt,
        }
    }
}

/// What is left to work off.
#[derive(Debug)]
pub(super) struct Rest {
    /// Parameters of an Argon2id hash, if one is needed.
    pub(super) argon2: Option<Params>,
    /// Costs of bcrypt hashes.
    pub(super) bcrypt: Vec<u32>,
}

/// What is missing to the price once `done` is done.
pub(super) fn rest(present: &Params, costliest: &Costliest, done: Work) -> Rest {
    let missing = Work::of_argon2(present).argon2.saturating_sub(done.argon2) / u64::from(present.t_cost());
    let memory = u32::try_from(missing).unwrap_or(present.m_cost());
    let rounds = costliest.work().saturating_sub(done.bcrypt);
    Rest {
        // Too little memory for Argon2id is also too little time to notice.
        argon2: Params::new(memory, present.t_cost(), present.p_cost(), None).ok(),
        bcrypt: (LEAST_BCRYPT..BCRYPT_END).filter(|cost| rounds & (1 << cost) != 0).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(memory_kib: u32, iterations: u32) -> Params {
        Params::new(memory_kib, iterations, 1, None).expect("good parameters")
    }

    fn total(present: &Params, costliest: &Costliest, done: Work) -> Work {
        let rest = rest(present, costliest, done);
        let argon2 = rest.argon2.as_ref().map(Work::of_argon2).unwrap_or_default().argon2;
        let bcrypt: u64 = rest.bcrypt.iter().map(|cost| Work::of_bcrypt(*cost).bcrypt).sum();
        Work { argon2: done.argon2 + argon2, bcrypt: done.bcrypt + bcrypt }
    }

    #[test]
    fn every_refusal_costs_the_same() {
        let (present, costliest) = (params(1_024, 2), Costliest::default());
        for cost in [6, 10, 8] {
            costliest.note(cost);
        }
        let price = Work { argon2: 2_048, bcrypt: 1 << 10 };
        let kept = [
            Work::default(),
            Work::of_argon2(&present),
            Work::of_argon2(&params(512, 2)),
            Work::of_argon2(&params(64, 1)),
            Work::of_bcrypt(10),
            Work::of_bcrypt(6),
        ];
        for done in kept {
            assert_eq!(total(&present, &costliest, done), price, "{done:?}");
        }
    }

    #[test]
    fn without_imported_hashes_a_refusal_costs_one_argon2_hash() {
        let (present, costliest) = (params(1_024, 2), Costliest::default());
        let unknown = rest(&present, &costliest, Work::default());
        assert_eq!(unknown.argon2.map(|params| (params.m_cost(), params.t_cost())), Some((1_024, 2)));
        assert!(unknown.bcrypt.is_empty());
        assert!(rest(&present, &costliest, Work::of_argon2(&present)).argon2.is_none());
    }
}
