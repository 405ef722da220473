//! What operators may do: from where, and that nobody can rewrite the audit trail.

use erpmax_store::{Store, StoreError, audit};

use super::Finding;
use crate::configuration::Configuration;

pub(super) fn networks(configuration: &Configuration) -> Option<Finding> {
    let is_missing = configuration.is_production() && configuration.operator.allowed_networks.is_empty();
    is_missing.then(|| {
        Finding::doubtful(
            "operators",
            "operator.allowed_networks is empty, so /operator/* answers nobody; name the networks that operators work from",
        )
    })
}

/// Whether the role that `serve` signs in to the database as could rewrite the trail; nothing where there are no roles.
pub(super) async fn trail(store: &Store, configuration: &Configuration) -> Result<Option<Finding>, StoreError> {
    let may_be_changed = audit::may_be_changed(&mut store.read().await?).await?;
    Ok(may_be_changed.and_then(|may| judge(may, configuration.is_production())))
}

fn judge(may_be_changed: bool, is_production: bool) -> Option<Finding> {
    let about = "audit trail";
    match (may_be_changed, is_production) {
        (false, _) => Some(Finding::good(about, "the database lets `serve` add to it, and neither change nor delete")),
        (true, true) => Some(Finding::doubtful(
            about,
            "the database lets `serve` change and delete audit events; make a role of its own: `erpmax database grant ROLE`",
        )),
        (true, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_trail_that_serve_can_rewrite_is_doubtful_in_production() {
        let verdict = |may, production| judge(may, production).map(|finding| finding.verdict == Verdict::Doubtful);
        assert_eq!(verdict(true, true), Some(true));
        assert_eq!(verdict(false, true), Some(false));
        assert_eq!(verdict(true, false), None);
    }
}
