//! One round of each role.

use interceptor_nack::NackOptions;

use crate::kit::{Bench, video};

#[test]
fn asks_and_answers() {
    let mut receiver = Bench::new(NackOptions::default());
    let now = receiver.now;
    receiver.chain.bind_remote(video(), now).unwrap();
    receiver.read_numbers([10, 11, 14]);
    assert_eq!(receiver.asked(), [[12, 13]]);
    let mut sender = Bench::new(NackOptions::default());
    let now = sender.now;
    sender.chain.bind_local(video(), now).unwrap();
    sender.write_numbers(10..=14).pass(50).read_nack(&[12, 13]);
    assert_eq!(sender.resent(), [12, 13]);
}
