//! The other projects' interceptors in every scenario that they know.

mod interceptor_017;
mod rtc_interceptor_021;

use crate::contender::Case;

/// All of theirs.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = interceptor_017::cases();
    cases.extend(rtc_interceptor_021::cases());
    cases
}

pub use interceptor_017::answer as interceptor_017_answer;
pub use rtc_interceptor_021::answer as rtc_interceptor_021_answer;
