//! Named steps: each is announced and timed, and all are summed up at the end.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The steps that were done so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    duration: Duration,
    passed: bool,
}

impl Steps {
    /// Does a step without which the rest makes no sense.
    pub(crate) fn require<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let result = work();
        let step = Step { name, duration: start.elapsed(), passed: result.is_ok() };
        println!("== {step}");
        self.done.push(step);
        result
    }

    /// Does a step that may fail without keeping the next ones from being done.
    pub(crate) fn attempt(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        if let Err(error) = self.require(name, work) {
            eprintln!("{name}: {error:#}");
        }
    }

    /// Prints a line for each step; an error names those that failed.
    pub(crate) fn finish(&self) -> Result<()> {
        println!("\nSteps:");
        for step in &self.done {
            println!("  {step}");
        }
        let failed: Vec<_> = self.done.iter().filter(|step| !step.passed).map(|step| step.name).collect();
        match failed.as_slice() {
            [] => Ok(()),
            [name] => bail!("The step `{name}` failed."),
            names => bail!("The steps `{}` failed.", names.join("`, `")),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.passed { "passed" } else { "FAILED" };
        write!(formatter, "{:<14} {outcome} in {:.1} s", self.name, self.duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_step_is_named() {
        let mut steps = Steps::default();
        steps.attempt("first", || Ok(()));
        steps.attempt("second", || bail!("no"));
        let message = steps.finish().map_err(|error| error.to_string());
        assert_eq!(message, Err("The step `second` failed.".to_owned()));
    }

    #[test]
    fn all_steps_passed_is_a_success() {
        let mut steps = Steps::default();
        steps.attempt("first", || Ok(()));
        assert!(steps.finish().is_ok());
    }
}
