//! The recording interceptor.

use std::time::Duration;

use interceptor_core::packet::{NtpTime, RtcpPacket};
use interceptor_core::{Chain, ChainConfig, KeyframeNeeded, Registry, Stage};
use interceptor_test::{Clock, Crossing, Recording, hex, rtp, stream_info};

/// An empty receiver report of SSRC 1.
fn report() -> RtcpPacket {
    RtcpPacket::parse(hex("80 c9 0001 00000001")).expect("well formed")
}

fn chain(recording: &Recording) -> Chain {
    let mut registry = Registry::new();
    registry.add(recording.recorder("top", Stage::APPLICATION));
    registry.add(recording.recorder("bottom", Stage::CAPTURE));
    registry
        .build(ChainConfig::new("call", Clock::new().now(), NtpTime::default(), 1))
        .expect("recorders build")
}

#[test]
fn records_everything_that_crosses_both_ways_in_order() {
    let recording = Recording::new();
    let mut chain = chain(&recording);
    let mut clock = Clock::new();
    chain.bind_local(stream_info::video(1), clock.now()).expect("free");
    chain.bind_remote(stream_info::audio(2), clock.now()).expect("free");
    let now = clock.advance(Duration::from_millis(5));
    let _setup = recording.take();

    chain.write_rtp(rtp(1).seq(1).build(), now);
    chain.read_rtp(rtp(2).seq(2).build(), now);
    chain.read_rtp(rtp(3).seq(3).build(), now);
    chain.write_rtcp(report(), now);
    chain.read_rtcp(report(), now);
    chain.write_rtp(rtp(4).seq(4).build(), now);
    chain.amend_local(stream_info::video_with_rtx(1, 9), now).expect("bound");
    chain.amend_remote(stream_info::bare(2), now).expect("bound");
    chain.publish(KeyframeNeeded { ssrc: 2 }, now);
    chain.unbind_local(1, now).expect("bound");
    chain.unbind_remote(2, now).expect("bound");
    chain.close(now).expect("recorders close");

    let (write, read) = (rtp(1).seq(1).build(), rtp(2).seq(2).build());
    let expected = [
        ("top", Crossing::WriteRtp(write.clone())),
        ("bottom", Crossing::WriteRtp(write)),
        ("bottom", Crossing::ReadRtp(read.clone())),
        ("top", Crossing::ReadRtp(read)),
        ("bottom", Crossing::ReadUnboundRtp(rtp(3).seq(3).build())),
        ("top", Crossing::ReadUnboundRtp(rtp(3).seq(3).build())),
        ("top", Crossing::WriteRtcp(report())),
        ("bottom", Crossing::WriteRtcp(report())),
        ("bottom", Crossing::ReadRtcp(report())),
        ("top", Crossing::ReadRtcp(report())),
        ("top", Crossing::WriteUnboundRtp(rtp(4).seq(4).build())),
        ("bottom", Crossing::WriteUnboundRtp(rtp(4).seq(4).build())),
        ("bottom", Crossing::AmendLocal(stream_info::video_with_rtx(1, 9))),
        ("top", Crossing::AmendLocal(stream_info::video_with_rtx(1, 9))),
        ("bottom", Crossing::AmendRemote(stream_info::bare(2))),
        ("top", Crossing::AmendRemote(stream_info::bare(2))),
        ("bottom", Crossing::Fact(KeyframeNeeded { ssrc: 2 }.into())),
        ("top", Crossing::Fact(KeyframeNeeded { ssrc: 2 }.into())),
        ("top", Crossing::UnbindLocal(stream_info::video_with_rtx(1, 9))),
        ("bottom", Crossing::UnbindLocal(stream_info::video_with_rtx(1, 9))),
        ("top", Crossing::UnbindRemote(stream_info::bare(2))),
        ("bottom", Crossing::UnbindRemote(stream_info::bare(2))),
        ("top", Crossing::Close),
        ("bottom", Crossing::Close),
    ];
    let records = recording.take();
    assert!(records.iter().all(|record| record.at == now && &*record.connection == "call"));
    let crossings: Vec<_> = records.into_iter().map(|record| (record.point, record.crossing)).collect();
    assert_eq!(crossings, expected);
    assert!(recording.is_empty());
}

#[test]
fn selects_by_kind_and_direction() {
    let recording = Recording::new();
    let mut chain = chain(&recording);
    let now = Clock::new().now();
    chain.bind_local(stream_info::bare(1), now).expect("free");
    chain.bind_remote(stream_info::bare(2), now).expect("free");
    chain.write_rtp(rtp(1).build(), now);
    chain.read_rtp(rtp(2).build(), now);
    chain.write_rtcp(report(), now);
    chain.read_rtcp(report(), now);

    assert_eq!(recording.written_rtp(), vec![rtp(1).build(); 2]);
    assert_eq!(recording.read_rtp(), vec![rtp(2).build(); 2]);
    assert_eq!(recording.written_rtcp().len(), 2);
    assert_eq!(recording.read_rtcp().len(), 2);
    chain.publish(KeyframeNeeded { ssrc: 2 }, now);
    assert_eq!(recording.facts(), [KeyframeNeeded { ssrc: 2 }.into(); 2]);
    assert_eq!(recording.len(), 4 + 8 + 2);
}
