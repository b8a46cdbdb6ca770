//! Which packets say when their frame was captured, and what is made of those that come.

use interceptor_core::packet::ext::AbsCaptureTime;
use interceptor_core::packet::{HeaderExtension, NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Rtt, StreamInfo};
use interceptor_hdrext::{AbsCaptureTimeFactory, AbsCaptureTimeOptions, AbsCaptureTimes, CaptureReceiver};
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, ID, MEDIA, RTX, foreign, ms, video};

const WALL: NtpTime = NtpTime(0xe8fe_6f80_0000_0000);

fn bench(options: AbsCaptureTimeOptions) -> Bench {
    Bench::with_clock(AbsCaptureTimeFactory::new(options).unwrap(), WALL)
}

fn sender(options: AbsCaptureTimeOptions) -> Bench {
    bench(options).sending(video(AbsCaptureTime::URI))
}

pub(crate) fn receiver(options: AbsCaptureTimeOptions) -> Bench {
    bench(options).receiving(video(AbsCaptureTime::URI))
}

fn said(packet: &RtpPacket) -> Option<AbsCaptureTime> {
    packet.read(ID)
}

fn captured(timestamp: NtpTime, clock_offset: Option<i64>) -> AbsCaptureTime {
    AbsCaptureTime { timestamp, clock_offset }
}

#[test]
fn the_first_packet_of_a_frame_says_it_at_most_each_second() {
    let mut bench = sender(AbsCaptureTimeOptions::default());
    let mut said_at = Vec::new();
    // Frames of three packets, 40 ms apart.
    for (step, packet) in (0..300_u64).zip(rtp(MEDIA).stream().packets_per_frame(3)) {
        bench.now = bench.start + ms(40 * (step / 3) + step % 3);
        if let Some(time) = said(&bench.write(packet)) {
            assert_eq!(time, captured(WALL + (bench.now - bench.start), Some(0)));
            said_at.push(step);
        }
    }
    assert_eq!(said_at, [0, 75, 150, 225]);
    assert_eq!(bench.get::<AbsCaptureTimes>().counters().stamped, 4);
    assert_eq!(bench.chain.headroom(MEDIA), Some(24), "header, element of 16 bytes and padding");
}

#[test]
fn what_the_application_knows_is_said_else_what_it_takes_to_encode_is_supposed() {
    let mut bench = sender(AbsCaptureTimeOptions::default().with_latency(Some(ms(25))));
    assert_eq!(said(&bench.write(rtp(MEDIA).ts(0).build())), Some(captured(WALL - ms(25), Some(0))));
    bench.pass(ms(2000));
    let known = captured(WALL + ms(1900), Some(-7));
    let mut packet = rtp(MEDIA).ts(1).build();
    packet.info_mut().attributes.insert(known);
    assert_eq!(said(&bench.write(packet)), Some(known));
    let mut bench = sender(AbsCaptureTimeOptions::default().with_latency(None));
    assert_eq!(said(&bench.write(rtp(MEDIA).build())), None);
}

#[test]
fn forwarded_packets_keep_theirs_and_get_none_that_is_made_up() {
    let mut bench = sender(AbsCaptureTimeOptions::default());
    let theirs = captured(NtpTime(77), None);
    let packet = rtp(MEDIA).ts(1).ext(ID, theirs.to_bytes().as_ref()).build();
    assert_eq!(bench.write(packet.clone()), packet);
    assert_eq!(
        said(&bench.pass(ms(5000)).write(rtp(MEDIA).ts(2).build())),
        None,
        "it was captured elsewhere"
    );
    assert_eq!(said(&bench.write(rtp(RTX).pt(97).ts(3).build())), None);
    assert_eq!(bench.get::<AbsCaptureTimes>().counters().kept, 1);
}

#[test]
fn a_foreign_extension_block_leaves_without_a_capture_time() {
    let mut bench = sender(AbsCaptureTimeOptions::default());
    assert_eq!(bench.write(foreign()), foreign());
    assert_eq!(bench.get::<AbsCaptureTimes>().counters().not_stamped, 1);
}

#[test]
fn frames_between_are_told_from_their_timestamps() {
    let mut bench = receiver(AbsCaptureTimeOptions::default());
    let theirs = captured(NtpTime(1 << 40), Some(5));
    let packet = |ts: u32| rtp(MEDIA).ts(ts).ext(ID, theirs.to_bytes().as_ref()).build();
    let read = bench.read(packet(u32::MAX));
    assert_eq!(read.info().attributes.get(), Some(&theirs));
    bench.read(rtp(MEDIA).ts(3000).build());
    let at = |bench: &mut Bench, ts: u32| {
        let look = |streams: &interceptor_core::Streams<'_, AbsCaptureTimes>| {
            streams.peek_remote(MEDIA).and_then(|stream: &CaptureReceiver| stream.captured(ts))
        };
        bench.chain.with_streams::<AbsCaptureTimes, _>(|_, streams| look(&streams)).flatten()
    };
    assert_eq!(at(&mut bench, 89_999), Some(captured(theirs.timestamp + ms(1000), Some(5))));
    assert_eq!(at(&mut bench, u32::MAX - 90_000), Some(captured(theirs.timestamp - ms(1000), Some(5))));
    assert_eq!(at(&mut bench, 6 * 90_000), None, "that is too far away");
    // One that was overtaken says what is older.
    bench.read(rtp(MEDIA).ts(u32::MAX - 9).ext(ID, captured(NtpTime(1), None).to_bytes().as_ref()).build());
    assert_eq!(at(&mut bench, u32::MAX), Some(theirs));
    assert_eq!(bench.get::<AbsCaptureTimes>().counters().read, 2);
}

/// The peer's clock is 10 s ahead of ours, the capture system's 1 s ahead of the peer's.
#[test]
fn who_forwards_relates_capture_times_to_its_own_clock() {
    let mut bench = receiver(AbsCaptureTimeOptions::default().with_forwarding(true).with_attributes(false));
    let theirs = captured(NtpTime(1 << 40), Some(1 << 32));
    let pass = |bench: &mut Bench, ts: u32, time: AbsCaptureTime| {
        said(&bench.read(rtp(MEDIA).ts(ts).ext(ID, time.to_bytes().as_ref()).build())).unwrap()
    };
    assert_eq!(
        pass(&mut bench, 1, theirs),
        captured(theirs.timestamp, None),
        "nothing is known of the clocks"
    );
    bench.chain.publish(Rtt::first(ms(200)), bench.now);
    bench.pass(ms(1000));
    let report =
        |ntp: NtpTime| RtcpPacket::builder().sender_report(MEDIA, ntp, 0, 0, 0, &[]).build().unwrap();
    // It left 100 ms ago.
    bench.read_rtcp(report(WALL + ms(900) + ms(10_000)));
    let ours = pass(&mut bench, 2, theirs);
    let offset = ours.clock_offset.unwrap();
    assert!((offset - (11_i64 << 32)).abs() < 8, "{offset}");
    assert_eq!(pass(&mut bench, 3, captured(NtpTime(9), None)), captured(NtpTime(9), None));
    assert_eq!(bench.get::<AbsCaptureTimes>().counters().adjusted, 3);
}

#[test]
fn an_amendment_moves_the_identifier_or_ends_it() {
    let remote = |id| StreamInfo::new(7, 96, 90_000).with_extension(id, AbsCaptureTime::URI);
    let mut bench = sender(AbsCaptureTimeOptions::default()).receiving(remote(ID));
    bench
        .chain
        .amend_local(stream_info::bare(MEDIA).with_extension(9, AbsCaptureTime::URI), bench.now)
        .unwrap();
    bench.chain.amend_remote(remote(9), bench.now).unwrap();
    assert!(bench.write(rtp(MEDIA).build()).read::<AbsCaptureTime>(9).is_some());
    bench.read(rtp(7).ext(9, &[1; 8]).build());
    assert_eq!(bench.get::<AbsCaptureTimes>().counters().read, 1);
    bench.chain.amend_local(stream_info::bare(MEDIA), bench.now).unwrap();
    bench.chain.amend_remote(stream_info::bare(7), bench.now).unwrap();
    assert_eq!(bench.parts(), (0, 0));
}
