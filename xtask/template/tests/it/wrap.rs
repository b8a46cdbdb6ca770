//! Numbers that end and begin again.

use interceptor_new_thing::Milestone;
use interceptor_test::rtp;

use crate::kit::{milestones, receiver};

#[test]
fn sequence_numbers_that_wrap_are_the_same_stream() {
    let (mut chain, now) = receiver(4, &[1]).unwrap();
    for seq in [65_534, 65_535, 0, 1] {
        chain.read_rtp(rtp(1).seq(seq).ts(u32::from(seq)).build(), now);
    }
    assert_eq!(milestones(&mut chain), [Milestone { ssrc: 1, packets: 4 }]);
}
