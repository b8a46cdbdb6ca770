//! Whether a change can be made at all: nothing is touched before this is known.

use std::sync::Arc;

use interceptor_stack::{Interceptor, Step, interceptor};

use super::audit::Short;
use super::{Change, ChangeError, Job};
use crate::relay::leg::Leg;
use crate::relay::running::Core;

/// Finds the target, and what its rules would be.
pub(super) fn validate() -> impl Interceptor<Job, ChangeError> + Send + Sync {
    interceptor("validate").enter(|job: &mut Job| {
        let Change::Rules { leg, rules } = &job.order.change;
        let target = target(&job.core, leg)?;
        let wanted = rules.apply_to(target.link.rules());
        wanted.check()?;
        job.wanted = Some(wanted);
        Ok(Step::Next)
    })
}

/// The leg toward a target, by its name.
pub(super) fn target<'a>(core: &'a Core, name: &str) -> Result<&'a Arc<Leg>, ChangeError> {
    let found = core.targets.iter().find(|leg| **leg.id() == *name);
    found.ok_or_else(|| {
        let targets = match core.targets.len() {
            1 => "target-1 only".to_owned(),
            count => format!("target-1 to target-{count}"),
        };
        ChangeError::UnknownTarget { leg: Short(name).to_string(), targets }
    })
}
