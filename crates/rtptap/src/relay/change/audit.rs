//! Who has changed what, and what came of it: a line in the log for each change, as for everything that happens.

use std::fmt;

use interceptor_stack::{Interceptor, interceptor};

use super::{ChangeError, Job};

/// Tells of each change when it is over.
pub(super) fn audit() -> impl Interceptor<Job, ChangeError> + Send + Sync {
    interceptor("audit")
        .leave(|job: &mut Job| {
            tell(job, &"done");
            Ok(())
        })
        .error(|job: &mut Job, error| {
            tell(job, &error);
            Err(error)
        })
}

/// One place in the program, so the log shows at most one a second and counts the rest.
fn tell(job: &Job, outcome: &dyn fmt::Display) {
    let change = &job.order.change;
    let leg = Short(&change.leg);
    tracing::info!(who = %job.order.who, %leg, %change, %outcome, "change of rules");
}

/// Whoever asks may write what he likes.
pub(super) struct Short<'a>(pub(super) &'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().take(64).try_for_each(|letter| write!(f, "{}", letter.escape_debug()))
    }
}
