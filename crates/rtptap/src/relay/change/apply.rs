//! Makes a change that is in order.

use interceptor_stack::{Interceptor, Step, interceptor};

use super::validate::target;
use super::{Change, ChangeError, Job};

/// Sets what `validate` has found.
pub(super) fn apply() -> impl Interceptor<Job, ChangeError> + Send + Sync {
    interceptor("apply").enter(|job: &mut Job| {
        let Change::Rules { leg, .. } = &job.order.change;
        let target = target(&job.core, leg)?;
        if let Some(wanted) = job.wanted {
            target.link.set(wanted);
        }
        job.applied = Some(target.link.rules());
        Ok(Step::Next)
    })
}
