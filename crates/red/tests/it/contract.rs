//! The contract that every interceptor keeps to, with a payload type that is RED's and with one that is not.

use interceptor_core::{Codec, RedInfo, StreamInfo};
use interceptor_red::Redundancy;
use interceptor_red::{
    Copies, Mode, RedReceiverFactory, RedReceiverOptions, RedSenderFactory, RedSenderOptions,
};
use interceptor_test::{Allocations, check_interceptor};

check_interceptor!(receiver: RedReceiverFactory::default(), allocations: measure, |contract| contract
    .with_streams(plain));
check_interceptor!(strip: RedReceiverFactory::new(RedReceiverOptions::default().with_mode(Mode::Strip)),
    allocations: measure, |contract| contract.with_streams(plain));
check_interceptor!(pass: RedReceiverFactory::new(RedReceiverOptions::default().with_mode(Mode::Pass)),
    allocations: measure, |contract| contract.with_streams(plain).without_streams());
check_interceptor!(sender: RedSenderFactory::default(), allocations: measure, |contract| contract
    .with_streams(other));
check_interceptor!(sender_of_nothing: RedSenderFactory::new(nothing()).unwrap(), allocations: measure, |contract| contract
    .with_streams(plain));

/// What the checks send as 96 is what RED carries.
fn plain(ssrc: u32) -> StreamInfo {
    let info = StreamInfo::new(ssrc, 96, 48_000).with_mime_type("audio/opus").with_red(RedInfo::new(63, 96));
    info.with_rtx(ssrc + 1_000_000, 97).with_feedback("nack", "")
}

/// What the checks send is beside what RED carries.
fn other(ssrc: u32) -> StreamInfo {
    plain(ssrc).with_codec(Codec::new(111, 48_000)).with_red(RedInfo::new(63, 111))
}

fn nothing() -> RedSenderOptions {
    RedSenderOptions::default().with_redundancy(Redundancy::Fixed(Copies::NONE))
}

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}
