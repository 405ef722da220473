//! Kills at random instants.
#![expect(clippy::print_stdout, reason = "a proof tells its numbers")]

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;

use crate::company::{Company, NAME, is_over};
use crate::steps::STEPS;
use crate::support::is_full_proof;

const STEP_MILLISECONDS: u64 = 60;
const COMPANIES: u64 = 3;

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % limit
    }
}

/// What came of the jobs of one company.
#[derive(Default)]
struct Tally {
    kills: u32,
    jobs: u32,
    completed: u32,
    cancelled: u32,
}

fn seed() -> u64 {
    let given = env::var("ERPMAX_PROVE_SEED").ok().and_then(|text| text.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_nanos()));
    given.unwrap_or_else(now)
}

/// Jobs of one company under random kills, until there were enough.
async fn live_dangerously(seed: u64, kills: u32) -> Tally {
    let (mut random, mut tally) = (Random(seed), Tally::default());
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    while company.truth.kills < kills {
        one_job(&mut company, &mut random, &mut tally).await;
    }
    company.is_at_peace().await;
    Tally { kills: company.truth.kills, ..tally }
}

async fn one_job(company: &mut Company, random: &mut Random, tally: &mut Tally) {
    let (job_type, steps) = match (company.truth.has_site, random.below(2)) {
        (false, _) => STEPS[0],
        (true, 0) => STEPS[1],
        (true, _) => STEPS[2],
    };
    let job = company.begin(job_type).await;
    let whole = STEP_MILLISECONDS * steps.len() as u64;
    let mut is_cancelled = false;
    for _ in 0..=random.below(3) {
        tokio::time::sleep(Duration::from_millis(random.below(whole))).await;
        if random.below(4) == 0 {
            is_cancelled |= company.cancel(&job).await.0 == 200;
            tokio::time::sleep(Duration::from_millis(random.below(30))).await;
        }
        company.crash().await;
    }
    let ended = company.server.job_until(&company.token, &job, is_over).await;
    company.note_resumption(Duration::from_millis(whole));
    tally.jobs += 1;
    if is_cancelled {
        company.fails(&job, &format!("Cancelled by {NAME} owner.")).await;
        tally.cancelled += 1;
    } else {
        assert_eq!(ended["attempt"], 1);
        company.completes(&job).await;
        tally.completed += 1;
    }
}

#[tokio::test]
async fn kills_at_random_instants_leave_the_truth_in_the_database() {
    let kills = if is_full_proof() { 200 } else { 2 };
    let seed = seed();
    println!("proof: random kills begin with seed {seed}; ERPMAX_PROVE_SEED={seed} repeats them");
    let tallies = join_all((0..COMPANIES).map(|number| live_dangerously(seed + number, kills))).await;
    let sum = |part: fn(&Tally) -> u32| tallies.iter().map(part).sum::<u32>();
    println!(
        "proof: {} kills at random instants of {} jobs: {} completed, {} cancelled by their owner, none lost, none left \
         over, every end heard",
        sum(|tally| tally.kills),
        sum(|tally| tally.jobs),
        sum(|tally| tally.completed),
        sum(|tally| tally.cancelled),
    );
}
