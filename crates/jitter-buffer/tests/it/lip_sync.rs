//! Streams of one source are played together.

use std::time::Duration;

use interceptor_core::packet::{NtpTime, RtcpPacket};
use interceptor_jitter_buffer::Aim;
use interceptor_test::{rtp, stream_info};

use crate::kit::{MS, Rig, SECOND, options};

const AUDIO: u32 = 1;
const VIDEO: u32 = 2;
const WALL: Duration = Duration::from_secs(3_900_000_000);

/// How long audio and video wait in the end, in milliseconds over their capture, when video takes so much longer on its way.
fn delays(video_late: u32, names: [&str; 2], most: Duration) -> [u128; 2] {
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(50 * MS)).with_lip_sync(true).with_max_sync(most));
    rig.bind(stream_info::audio(AUDIO));
    rig.bind(stream_info::video(VIDEO));
    for step in 0..1000_u32 {
        let captured = step * 20 * MS;
        rig.until(SECOND + captured);
        rig.read(rtp(AUDIO).pt(111).seq(step as u16).ts(500 + step * 960).payload_len(10).build());
        // What comes now was captured some time ago, and its clock began elsewhere.
        if let Some(step) = step.checked_sub(video_late / 20) {
            rig.read(rtp(VIDEO).seq(step as u16).ts(7_000_000 + step * 1800).payload_len(10).build());
        }
        if step % 50 == 25 {
            for (ssrc, name, ts) in
                [(AUDIO, names[0], 500 + step * 960), (VIDEO, names[1], 7_000_000 + step * 1800)]
            {
                let ntp = NtpTime(WALL.as_secs() << 32) + captured;
                rig.read_rtcp(report(ssrc, name, ntp, ts));
            }
        }
    }
    let waits = |ssrc: u32, first: u32, rate: u64| {
        let (at, packet) = rig.out.iter().rev().find(|(_, packet)| packet.ssrc() == ssrc).unwrap();
        let media = u64::from(packet.timestamp() - first) * 1000 / rate;
        (*at - SECOND).as_millis() - u128::from(media)
    };
    [waits(AUDIO, 500, 48_000), waits(VIDEO, 7_000_000, 90_000)]
}

fn report(ssrc: u32, name: &str, ntp: NtpTime, ts: u32) -> RtcpPacket {
    RtcpPacket::builder().sender_report(ssrc, ntp, ts, 1, 1, &[]).sdes_cname(ssrc, name).build().unwrap()
}

#[test]
fn the_earlier_waits_for_the_later_of_its_source() {
    assert_eq!(delays(100, ["a", "a"], 200 * MS), [150, 150]);
    assert_eq!(delays(0, ["a", "a"], 200 * MS), [50, 50]);
}

#[test]
fn streams_of_others_do_not_wait() {
    assert_eq!(delays(100, ["a", "b"], 200 * MS), [50, 150]);
}

#[test]
fn nobody_waits_for_longer_than_is_allowed() {
    assert_eq!(delays(300, ["a", "a"], 200 * MS), [250, 350]);
    assert_eq!(delays(300, ["a", "a"], Duration::ZERO), [50, 350]);
}

#[test]
fn a_sender_without_a_wall_clock_is_not_waited_for() {
    let mut rig = Rig::empty(options().with_lip_sync(true));
    rig.bind(stream_info::audio(AUDIO));
    rig.bind(stream_info::video(VIDEO));
    for step in 0..200_u16 {
        rig.read(rtp(AUDIO).pt(111).seq(step).ts(u32::from(step) * 960).payload_len(10).build());
        rig.read(rtp(VIDEO).seq(step).ts(u32::from(step) * 1800).payload_len(10).build());
        for (ssrc, ts) in [(AUDIO, u32::from(step) * 960), (VIDEO, 0)] {
            rig.read_rtcp(report(ssrc, "a", NtpTime::default(), ts));
        }
        rig.pass(20 * MS);
    }
    let target = |ssrc| rig.handle.stream("call", ssrc).unwrap().target;
    assert_eq!((target(AUDIO), target(VIDEO)), (5 * MS, 5 * MS));
}

#[test]
fn a_report_of_timestamps_that_have_gone_on_elsewhere_says_nothing() {
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(50 * MS)).with_lip_sync(true));
    rig.bind(stream_info::audio(AUDIO));
    rig.bind(stream_info::video(VIDEO));
    for step in 0..200_u32 {
        let captured = step * 20 * MS;
        rig.until(SECOND + captured);
        let video = 7_000_000 + step * 1800 + if step < 100 { 0 } else { 1_000_000_000 };
        rig.read(rtp(AUDIO).pt(111).seq(step as u16).ts(500 + step * 960).payload_len(10).build());
        rig.read(rtp(VIDEO).seq(step as u16).ts(video).payload_len(10).build());
        let ntp = NtpTime(WALL.as_secs() << 32) + captured;
        if step == 50 {
            rig.read_rtcp(report(VIDEO, "a", ntp, video));
        }
        if step % 50 == 25 {
            rig.read_rtcp(report(AUDIO, "a", ntp, 500 + step * 960));
        }
    }
    let target = |ssrc| rig.handle.stream("call", ssrc).unwrap().target;
    assert_eq!((target(AUDIO), target(VIDEO)), (50 * MS, 50 * MS));
}
