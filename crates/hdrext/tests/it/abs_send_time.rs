//! Send times on what leaves and of what comes.

use std::time::Duration;

use interceptor_core::Stage;
use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::packet::{HeaderExtension, NtpTime, Origin, RtpPacket};
use interceptor_hdrext::{AbsSendTimeFactory, AbsSendTimeOptions, AbsSendTimes, SentAt};
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, ID, MEDIA, RTX, ms, video};

pub(crate) fn sender() -> Bench {
    Bench::new(AbsSendTimeFactory::default()).sending(video(AbsSendTime::URI))
}

pub(crate) fn reader() -> Bench {
    let options = AbsSendTimeOptions::default().with_attributes(true);
    Bench::new(AbsSendTimeFactory::new(options)).receiving(video(AbsSendTime::URI))
}

fn stamp(packet: &RtpPacket) -> Option<u32> {
    packet.read::<AbsSendTime>(ID).map(AbsSendTime::to_bits)
}

/// A packet that left after so many seconds of its sender's clock.
fn sent(seconds: f64) -> RtpPacket {
    let time = AbsSendTime::from_ntp(NtpTime::default() + Duration::from_secs_f64(seconds));
    rtp(MEDIA).ext(ID, &time.to_bytes()).build()
}

#[test]
fn a_packet_leaves_with_the_time_of_its_leaving() {
    let mut bench = sender();
    let stamps = [500, 750, 62_750].map(|wait| stamp(&bench.pass(ms(wait)).write(rtp(MEDIA).build())));
    assert_eq!(stamps, [0x02_0000, 0x05_0000, 0].map(Some), "0.5 s, 1.25 s, 64 s");
    let wall = NtpTime::from_bits(0xe8fe_6f80_1f9a_dd37);
    let mut bench = Bench::with_clock(AbsSendTimeFactory::default(), wall).sending(video(AbsSendTime::URI));
    assert_eq!(stamp(&bench.write(rtp(MEDIA).build())), Some(wall.abs_send_time()));
}

#[test]
fn retransmissions_and_repairs_leave_with_their_own_time() {
    let mut bench = sender();
    bench.pass(ms(1000));
    let old = AbsSendTime::from_bits(7).to_bytes();
    for (ssrc, origin) in
        [(RTX, Origin::Retransmission), (MEDIA, Origin::FecRepair), (MEDIA, Origin::Padding)]
    {
        let packet = bench.write(rtp(ssrc).origin(origin).ext(ID, &old).build());
        assert_eq!(stamp(&packet), Some(1 << 18), "{origin:?}");
    }
}

#[test]
fn what_was_reserved_is_overwritten_in_place_and_what_was_not_grows() {
    let mut bench = sender();
    assert_eq!(bench.chain.headroom(MEDIA), Some(8), "declared");
    bench.pass(ms(1000));
    let reserved = rtp(MEDIA).ext(1, &[9]).ext(ID, &[0; 3]).ext(4, &[8]).payload_len(20).build();
    let (len, packet) = (reserved.total_len(), bench.write(reserved));
    assert_eq!(packet.total_len(), len);
    assert!(packet.extensions().eq([(1, &[9][..]), (ID, &[4, 0, 0]), (4, &[8])]));
    let packet = bench.write(rtp(MEDIA).payload_len(20).build());
    assert_eq!((packet.total_len(), packet.payload_len(), stamp(&packet)), (12 + 8 + 20, 20, Some(1 << 18)));
    assert_eq!(bench.get::<AbsSendTimes>().counters().stamped, 2);
}

#[test]
fn a_stream_that_did_not_negotiate_it_never_reaches_it() {
    let mut bench = sender().sending(stream_info::bare(7)).receiving(stream_info::bare(8));
    assert_eq!(bench.write(rtp(7).build()).to_bytes(), rtp(7).build().to_bytes());
    assert_eq!((bench.parts(), bench.chain.headroom(7)), ((1, 0), Some(0)));
    let off = AbsSendTimeOptions::default().with_stamping(false);
    let bench = Bench::new(AbsSendTimeFactory::new(off)).sending(video(AbsSendTime::URI));
    assert_eq!(bench.parts(), (0, 0));
}

#[test]
fn it_stands_where_all_that_leaves_passes() {
    let bench = sender();
    let layout = bench.chain.layout();
    let row = &layout.rows()[0];
    assert_eq!((row.name, row.stage), ("abs-send-time", Stage::CONGESTION.above()));
}

#[test]
fn what_comes_is_read_over_the_wrap_and_attached() {
    let mut bench = reader();
    let read = [60.0, 63.5, 64.25, 64.0, 90.0].map(|seconds| {
        let packet = bench.read(sent(seconds));
        *packet.info().attributes.get::<SentAt>().unwrap()
    });
    let seconds = read.map(|at| at.nanos_since(read[0]) / 10_000_000);
    assert_eq!(seconds, [0, 350, 425, 400, 3000]);
    assert_eq!(bench.get::<AbsSendTimes>().counters().read, 5);
    let quiet = Bench::new(AbsSendTimeFactory::default()).receiving(video(AbsSendTime::URI));
    assert_eq!(quiet.parts(), (0, 0), "unless it is asked for, nobody pays for it");
}

#[test]
fn an_amendment_moves_the_identifier_or_ends_it() {
    let mut bench = sender().receiving(video(AbsSendTime::URI));
    let moved = stream_info::bare(MEDIA).with_extension(9, AbsSendTime::URI);
    bench.chain.amend_local(moved, bench.now).unwrap();
    assert_eq!(bench.write(rtp(MEDIA).build()).read(9), Some(AbsSendTime::default()));
    bench.chain.amend_local(stream_info::bare(MEDIA), bench.now).unwrap();
    assert_eq!(bench.write(rtp(MEDIA).build()).extension_block(), None);
    assert_eq!(bench.chain.headroom(MEDIA), Some(0));
}
