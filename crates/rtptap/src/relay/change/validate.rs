//! Whether a change can be made at all: nothing is touched before this is known.

use std::sync::Arc;

use interceptor_stack::{Interceptor, Step, interceptor};

use super::audit::Short;
use super::{ChangeError, Changed, Job};
use crate::relay::RulesChange;
use crate::relay::leg::{Leg, Role};
use crate::relay::running::Core;

/// Finds the leg, and what would hold there.
pub(super) fn validate() -> impl Interceptor<Job, ChangeError> + Send + Sync {
    interceptor("validate").enter(|job: &mut Job| {
        let change = &job.order.change;
        let leg = find(&job.core, &change.leg)?;
        let limit = change.limit.apply_to(leg.limit.get());
        limit.check()?;
        let rules = match leg.role {
            Role::Source if change.rules == RulesChange::default() => None,
            Role::Source => return Err(ChangeError::SourceHasNoRules),
            Role::Target => Some(change.rules.apply_to(leg.link.rules())),
        };
        rules.map_or(Ok(()), |rules| rules.check())?;
        job.wanted = Some(Changed { rules, limit });
        Ok(Step::Next)
    })
}

/// A leg by its name.
pub(super) fn find<'a>(core: &'a Core, name: &str) -> Result<&'a Arc<Leg>, ChangeError> {
    let found = core.legs().find(|leg| **leg.id() == *name);
    found.ok_or_else(|| {
        let targets = match core.targets.len() {
            1 => "target-1".to_owned(),
            count => format!("target-1 to target-{count}"),
        };
        ChangeError::UnknownLeg { leg: Short(name).to_string(), targets }
    })
}
