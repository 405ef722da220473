//! Hashing of passwords: Argon2id on a few threads of low priority behind a bounded queue, so that a burst of sign-ins
//! waits or is turned away and never takes the memory or the processors from other requests.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use erpmax_store::{Store, users};
use tokio::sync::oneshot;

use super::refusals::{self, Costliest, Work};
use crate::error::rate_limited;
use crate::{HashingSettings, Result};

/// How much nicer than the rest the hashing threads are.
const NICENESS: i32 = 10;
/// What 429 tells callers to wait when the queue is full.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// How long memory for hashing is kept after the last task.
const KEPT: Duration = Duration::from_secs(3);
/// Room for this many blocks is asked for at once. Above 32 MiB glibc maps an area of its own and gives it back whole, however
/// often that happens; below, it would soon keep it in its heap. Room that is not written to costs nothing.
const ROOM: usize = 33 * 1024;

type Task = Box<dyn FnOnce(&mut Hasher) + Send>;
type Memory = Vec<Block>;

/// The pool of hashing threads.
pub(crate) struct Passwords {
    queue: SyncSender<Task>,
}

/// What came of holding a password against a hash.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not the one.
    Wrong,
    /// It is.
    Right,
    /// It is, and this is the hash to keep from now on: the old one was weaker or imported.
    Upgrade(String),
}

/// What the hashing threads share.
struct Workshop {
    tasks: Mutex<Receiver<Task>>,
    /// Memory that no thread uses at the moment; its pages are not fetched anew for each hash.
    spare: Mutex<Vec<Memory>>,
    kept: Duration,
}

/// What a hashing thread works with.
struct Hasher {
    params: Params,
    costliest: Costliest,
    memory: Memory,
}

impl Passwords {
    /// Starts the threads; they end with the pool.
    pub(crate) async fn start(store: &Store, settings: &HashingSettings) -> anyhow::Result<Self> {
        let imported = users::find_costliest_bcrypt(&mut store.read().await?).await?;
        let params = Params::new(settings.memory_kib, settings.iterations, settings.parallelism, None)
            .map_err(|error| anyhow!("the settings for Argon2id are unusable: {error}"))?;
        let costliest = Costliest::default();
        if let Some(imported) = imported.as_deref().and_then(bcrypt_cost) {
            costliest.note(imported);
        }
        let (queue, tasks) = sync_channel::<Task>(settings.queue);
        let workshop = Arc::new(Workshop { tasks: Mutex::new(tasks), spare: Mutex::default(), kept: KEPT });
        for number in 0..settings.threads.max(1) {
            let (workshop, mut hasher) = (workshop.clone(), Hasher::new(&params, &costliest));
            std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || workshop.work(&mut hasher))
                .context("Failed to start a hashing thread")?;
        }
        Ok(Self { queue })
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        Ok(self.run(move |hasher| hasher.hash(&password)).await??)
    }

    /// Holds a password against a hash, or against none if there is no account. It takes the same time to refuse either way.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<Verdict> {
        let (password, hash) = (password.to_owned(), hash.map(ToOwned::to_owned));
        Ok(self.run(move |hasher| hasher.verify(&password, hash.as_deref())).await??)
    }

    async fn run<T: Send + 'static>(&self, task: impl FnOnce(&mut Hasher) -> T + Send + 'static) -> Result<T> {
        let (answer, result) = oneshot::channel();
        let task = Box::new(move |hasher: &mut Hasher| {
            // Somebody who hung up is not hashed for.
            if !answer.is_closed() {
                let _ = answer.send(task(hasher));
            }
        });
        match self.queue.try_send(task) {
            Ok(()) => Ok(result.await.context("A hashing thread is gone")?),
            Err(TrySendError::Full(_)) => Err(rate_limited(RETRY_AFTER)),
            Err(TrySendError::Disconnected(_)) => Err(anyhow!("the hashing threads are gone").into()),
        }
    }
}

impl Workshop {
    fn work(&self, hasher: &mut Hasher) {
        let thread = rustix::thread::gettid();
        if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
            tracing::debug!(%error, "A hashing thread keeps its ordinary priority");
        }
        loop {
            let task = lock(&self.tasks).recv_timeout(self.kept);
            match task {
                Ok(task) => self.carry_out(task, hasher),
                Err(RecvTimeoutError::Timeout) => lock(&self.spare).clear(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&self, task: Task, hasher: &mut Hasher) {
        hasher.memory = lock(&self.spare).pop().unwrap_or_default();
        task(hasher);
        lock(&self.spare).push(std::mem::take(&mut hasher.memory));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hasher {
    fn new(params: &Params, costliest: &Costliest) -> Self {
        Self { params: params.clone(), costliest: costliest.clone(), memory: Vec::new() }
    }

    fn hash(&mut self, password: &str) -> anyhow::Result<String> {
        let salt = Salt::new(&rand::random::<[u8; 16]>()).map_err(unusable)?;
        let hash = self.derive(password, &salt, &self.params.clone())?;
        Ok(hash.to_string())
    }

    /// The Argon2id hash of a password, with the parameters that stand in it.
    fn derive(&mut self, password: &str, salt: &Salt, params: &Params) -> anyhow::Result<PasswordHash> {
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        let argon2 = Argon2::new(algorithm, version, params.clone());
        self.memory.reserve_exact(ROOM.saturating_sub(self.memory.len()));
        self.memory.resize(params.block_count().max(self.memory.len()), Block::default());
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        let memory = &mut self.memory[..params.block_count()];
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory).map_err(unusable)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(params).map_err(unusable)?,
            salt: Some(*salt),
            hash: Some(Output::new(&output).map_err(unusable)?),
        })
    }

    fn verify(&mut self, password: &str, hash: Option<&str>) -> anyhow::Result<Verdict> {
        let (right, done) = match hash {
            Some(hash) if is_bcrypt(hash) => self.verify_bcrypt(password, hash)?,
            Some(hash) => self.verify_argon2(password, hash)?,
            None => (false, Work::default()),
        };
        match hash.filter(|_| right) {
            Some(hash) if is_bcrypt(hash) || self.is_weaker(hash) => Ok(Verdict::Upgrade(self.hash(password)?)),
            Some(_) => Ok(Verdict::Right),
            None => {
                self.work_off(password, done)?;
                Ok(Verdict::Wrong)
            }
        }
    }

    fn verify_bcrypt(&self, password: &str, hash: &str) -> anyhow::Result<(bool, Work)> {
        let cost = bcrypt_cost(hash).context("A kept bcrypt hash is unusable")?;
        self.costliest.note(cost);
        Ok((bcrypt::verify(password, hash).context("A kept bcrypt hash is unusable")?, Work::of_bcrypt(cost)))
    }

    /// Outputs compare in constant time.
    fn verify_argon2(&mut self, password: &str, hash: &str) -> anyhow::Result<(bool, Work)> {
        let kept = PasswordHash::new(hash).map_err(unusable)?;
        let params = Params::try_from(&kept).map_err(unusable)?;
        let salt = kept.salt.context("A kept hash has no salt")?;
        Ok((self.derive(password, &salt, &params)?.hash == kept.hash, Work::of_argon2(&params)))
    }

    /// Does what is missing to the price of a refusal.
    fn work_off(&mut self, password: &str, done: Work) -> anyhow::Result<()> {
        let rest = refusals::rest(&self.params, &self.costliest, done);
        if let Some(params) = rest.argon2 {
            self.derive(password, &Salt::new(&[0; 16]).map_err(unusable)?, &params)?;
        }
        for cost in rest.bcrypt {
            bcrypt::hash_with_salt(password, cost, [0; 16]).map_err(unusable)?;
        }
        Ok(())
    }

    fn is_weaker(&self, hash: &str) -> bool {
        let kept = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
        kept.is_none_or(|kept| kept.m_cost() < self.params.m_cost() || kept.t_cost() < self.params.t_cost())
    }
}

fn is_bcrypt(hash: &str) -> bool {
    hash.starts_with("$2")
}

fn bcrypt_cost(hash: &str) -> Option<u32> {
    Some(hash.parse::<bcrypt::HashParts>().ok()?.get_cost())
}

fn unusable(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("a password cannot be hashed: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory_kib: u32) -> Hasher {
        Hasher::new(&Params::new(memory_kib, 1, 1, None).expect("good parameters"), &Costliest::default())
    }

    #[test]
    fn an_imported_bcrypt_hash_verifies_and_is_upgraded() {
        let imported = bcrypt::hash("SecurePass123", 4).expect("bcrypt works");
        let verdict = hasher(64).verify("SecurePass123", Some(&imported)).expect("verifying works");
        let Verdict::Upgrade(hash) = verdict else { panic!("{verdict:?}") };
        assert!(hash.starts_with("$argon2id$"));
        assert_eq!(hasher(64).verify("other", Some(&imported)).expect("verifying works"), Verdict::Wrong);
    }

    #[test]
    fn passwords_of_any_form_are_refused_in_any_case() {
        let mut hasher = hasher(64);
        hasher.costliest.note(5);
        let imported = bcrypt::hash("SecurePass123", 4).expect("bcrypt works");
        let weak = Hasher::new(&Params::new(8, 1, 1, None).expect("good parameters"), &Costliest::default())
            .hash("SecurePass123")
            .expect("hashing works");
        for password in ["", "wrong", "\0", &"x".repeat(500)] {
            for hash in [None, Some(imported.as_str()), Some(weak.as_str())] {
                assert_eq!(hasher.verify(password, hash).expect("verifying works"), Verdict::Wrong);
            }
        }
    }

    #[test]
    fn memory_is_kept_between_tasks_and_given_back_when_none_come() {
        let (queue, tasks) = sync_channel::<Task>(4);
        let kept = Duration::from_millis(300);
        let workshop = Arc::new(Workshop { tasks: Mutex::new(tasks), spare: Mutex::default(), kept });
        let (shared, mut worker) = (workshop.clone(), hasher(64));
        let thread = std::thread::spawn(move || shared.work(&mut worker));
        let (told, found) = sync_channel(2);
        for _ in 0..2 {
            let told = told.clone();
            let task = move |hasher: &mut Hasher| {
                told.send(hasher.memory.len()).expect("somebody listens");
                hasher.hash("SecurePass123").expect("hashing works");
            };
            queue.send(Box::new(task)).expect("the thread works");
        }
        assert_eq!(found.iter().take(2).collect::<Vec<_>>(), [0, 64]);
        std::thread::sleep(3 * kept);
        assert!(lock(&workshop.spare).is_empty());
        drop(queue);
        thread.join().expect("the thread ends with its queue");
    }

    #[test]
    fn hashes_are_those_of_the_library() {
        let hash = hasher(64).hash("SecurePass123").expect("hashing works");
        let parsed = PasswordHash::new(&hash).expect("a PHC string");
        let verdict = argon2::PasswordVerifier::verify_password(&Argon2::default(), b"SecurePass123", &parsed);
        assert!(verdict.is_ok(), "{hash}");
    }

    #[test]
    fn a_weaker_hash_is_upgraded_and_a_good_one_kept() {
        let weak = hasher(64).hash("SecurePass123").expect("hashing works");
        assert!(matches!(hasher(128).verify("SecurePass123", Some(&weak)), Ok(Verdict::Upgrade(_))));
        assert_eq!(hasher(64).verify("SecurePass123", Some(&weak)).ok(), Some(Verdict::Right));
    }
}
