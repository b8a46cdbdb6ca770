//! Stamps, in place or not, and levels that are read cost no allocation.

use interceptor_core::packet::ext::{
    AbsCaptureTime, AbsSendTime, AudioLevel, Mid, PlayoutDelay, Rid, TransmissionOffset,
};
use interceptor_core::packet::{HeaderExtension, NtpTime, RtpPacket};
use interceptor_core::{ChainConfig, Registry};
use interceptor_hdrext::{
    AbsCaptureTimeFactory, AbsSendTimeFactory, AbsSendTimes, AudioLevelFactory, ForwardExtensionsFactory,
    ForwardOptions, IdentificationFactory, IdentificationOptions, Identify, PlayoutDelayFactory,
    PlayoutDelayOptions, TransmissionOffsetFactory,
};
use interceptor_test::{Clock, rtp, stream_info};

use crate::kit::{MEDIA, ms};

#[test]
fn a_packet_with_every_extension_costs_none() {
    let always = IdentificationOptions::default().with_identify(Identify::Always);
    let playout = PlayoutDelayOptions::default().with_bounds(PlayoutDelay::default());
    let registry = Registry::new()
        .with(AbsSendTimeFactory::default())
        .with(TransmissionOffsetFactory::new())
        .with(IdentificationFactory::new(always).unwrap())
        .with(PlayoutDelayFactory::new(playout).unwrap())
        .with(AbsCaptureTimeFactory::default())
        .with(AudioLevelFactory::default())
        .with(ForwardExtensionsFactory::new(ForwardOptions::default().with_remap(13, 14)).unwrap());
    let mut now = Clock::new().now();
    let mut chain = registry.build(ChainConfig::new("all", now, NtpTime::default(), 7)).unwrap();
    let info = stream_info::bare(MEDIA)
        .with_mid("video")
        .with_rid("hi")
        .with_extension(1, TransmissionOffset::URI)
        .with_extension(2, AbsSendTime::URI)
        .with_extension(4, PlayoutDelay::URI)
        .with_extension(6, AbsCaptureTime::URI)
        .with_extension(9, Mid::URI)
        .with_extension(10, Rid::URI)
        .with_extension(12, AudioLevel::URI);
    chain.bind_local(info.clone(), now).unwrap();
    chain.bind_remote(info, now).unwrap();
    let payload = rtp(MEDIA).payload_len(1000).build().payload_bytes();
    let mut pass = |packets: u32| {
        for step in 0..packets {
            let mut packet = RtpPacket::default();
            packet.set_ssrc(MEDIA);
            packet.set_payload_type(96);
            packet.set_timestamp(step * 3000);
            packet.set_payload(payload.clone());
            packet.set_extension(13, &[step as u8]).unwrap();
            if step % 2 == 0 {
                packet.set_extension(2, &[0; 3]).unwrap();
            }
            chain.write_rtp(packet, now);
            let mut packet = RtpPacket::default();
            packet.set_ssrc(MEDIA);
            packet.set_payload_type(96);
            packet.set_payload(payload.clone());
            packet.set_extension(12, &[step as u8 & 0x7f]).unwrap();
            chain.read_rtp(packet, now);
            while chain.poll_wire().is_some() || chain.poll_app().is_some() {}
            now += ms(1);
        }
    };
    pass(100);
    let info = allocation_counter::measure(|| pass(5000));
    assert_eq!(info.count_total, 0, "{info:?}");
    assert_eq!(chain.get::<AbsSendTimes>().unwrap().counters().stamped, 5100);
}
