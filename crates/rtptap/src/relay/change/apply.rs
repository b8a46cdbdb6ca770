//! Makes a change that is in order.

use interceptor_stack::{Interceptor, Step, interceptor};

use super::validate::find;
use super::{ChangeError, Changed, Job};
use crate::relay::{LimitChange, RulesChange};

/// Sets what `validate` has found; what is not to become another is not touched.
pub(super) fn apply() -> impl Interceptor<Job, ChangeError> + Send + Sync {
    interceptor("apply").enter(|job: &mut Job| {
        let change = &job.order.change;
        let leg = find(&job.core, &change.leg)?;
        let Some(wanted) = job.wanted else { return Ok(Step::Turn) };
        // First what may still be refused.
        if change.limit != LimitChange::default() {
            leg.limit.set(wanted.limit)?;
        }
        if let Some(rules) = wanted.rules.filter(|_| change.rules != RulesChange::default()) {
            leg.link.set(rules);
        }
        job.applied = Some(Changed { rules: wanted.rules.map(|_| leg.link.rules()), limit: leg.limit.get() });
        Ok(Step::Next)
    })
}
