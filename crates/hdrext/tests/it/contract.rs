//! The contract that every interceptor keeps to.

use interceptor_core::StreamInfo;
use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::{
    AbsCaptureTime, AbsSendTime, AudioLevel, Mid, PlayoutDelay, RepairedRid, TransmissionOffset,
};
use interceptor_hdrext::{
    AbsCaptureTimeFactory, AbsSendTimeFactory, AbsSendTimeOptions, AudioLevelFactory,
    ForwardExtensionsFactory, ForwardOptions, IdentificationFactory, IdentificationOptions, Identify,
    PlayoutDelayFactory, PlayoutDelayOptions, TransmissionOffsetFactory,
};
use interceptor_test::{Allocations, check_interceptor, stream_info};

use crate::kit::ID;

fn measure(run: &mut dyn FnMut()) -> Allocations {
    let info = allocation_counter::measure(run);
    Allocations { count: info.count_total, bytes_kept: info.bytes_current }
}

fn stream<E: HeaderExtension>(ssrc: u32) -> StreamInfo {
    stream_info::video_with_rtx(ssrc, ssrc + 1_000_000).with_extension(ID, E::URI)
}

fn named(ssrc: u32) -> StreamInfo {
    stream::<Mid>(ssrc).with_mid("0").with_rid("hi").with_extension(4, RepairedRid::URI)
}

fn identification(identify: Identify) -> IdentificationFactory {
    IdentificationFactory::new(IdentificationOptions::default().with_identify(identify)).unwrap()
}

check_interceptor!(abs_send_time: AbsSendTimeFactory::default(), allocations: measure, |contract| contract
    .with_streams(stream::<AbsSendTime>)
    .adds_header_extensions());

check_interceptor!(transmission_offset: TransmissionOffsetFactory::new(), allocations: measure, |contract| contract
    .with_streams(stream::<TransmissionOffset>)
    .adds_header_extensions());

check_interceptor!(abs_send_time_read: AbsSendTimeFactory::new(AbsSendTimeOptions::default().with_attributes(true)),
    allocations: measure, |contract| contract.with_streams(stream::<AbsSendTime>).adds_header_extensions());

check_interceptor!(identification_always: identification(Identify::Always), allocations: measure, |contract| contract
    .with_streams(named)
    .adds_header_extensions());

check_interceptor!(identification_at_first: identification(Identify::UntilAcknowledged), allocations: measure,
    |contract| contract.with_streams(named).adds_header_extensions());

check_interceptor!(identification_of_repairs: identification(Identify::Always).repair(), allocations: measure,
    |contract| contract.with_streams(named).adds_header_extensions());

check_interceptor!(playout_delay: {
    let bounds = PlayoutDelay::default();
    PlayoutDelayFactory::new(PlayoutDelayOptions::default().with_bounds(bounds)).unwrap()
}, allocations: measure, |contract| contract.with_streams(stream::<PlayoutDelay>).adds_header_extensions());

check_interceptor!(abs_capture_time: AbsCaptureTimeFactory::default(), allocations: measure, |contract| contract
    .with_streams(stream::<AbsCaptureTime>)
    .adds_header_extensions());

check_interceptor!(audio_level: AudioLevelFactory::default(), allocations: measure, |contract| contract
    .with_streams(stream::<AudioLevel>));

check_interceptor!(forward_extensions: {
    ForwardExtensionsFactory::new(ForwardOptions::default().with_remap(1, 2).with_remap(2, 1)).unwrap()
}, allocations: measure, |contract| contract.adds_header_extensions());
