//! The rows of the table of malformed and hostile input.

use interceptor_core::packet::RtpPacket;
use interceptor_hdrext::{
    AbsCaptureTimeOptions, AbsCaptureTimes, AbsSendTimes, AudioLevelOptions, AudioLevels, ForwardExtensions,
    ForwardOptions, Identification, PlayoutDelays, TransmissionOffsets, UnboundStream,
};
use interceptor_test::{hex, rtp};

use crate::identification::{MID, REPAIRED, RID, STRANGER, unbound};
use crate::kit::{ID, MEDIA, foreign, ms};
use crate::playout_delay::{asking, told};
use crate::transmission_offset::offset;
use crate::{
    abs_capture_time, abs_send_time, audio_level, forward, identification, playout_delay, transmission_offset,
};

/// A packet with the longest of all header extensions: elements of identifier 1 with a byte each.
fn longest() -> RtpPacket {
    let words = u16::MAX;
    let mut bytes = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0x0a, 0x0b, 0x0c, 0x0d, 0xbe, 0xde];
    bytes.extend(words.to_be_bytes());
    bytes.extend([0x10, 0xaa].repeat(2 * usize::from(words)));
    RtpPacket::parse(bytes.into()).unwrap()
}

#[test]
fn a_send_time_of_another_length_is_not_read() {
    let mut bench = abs_send_time::reader();
    for value in [&[1][..], &[1, 2], &[1, 2, 3, 4]] {
        let packet = rtp(MEDIA).ext(ID, value).build();
        let read = bench.read(packet.clone());
        assert_eq!((&read, read.info().attributes.len()), (&packet, 0));
    }
    bench.read(rtp(MEDIA).build());
    let counters = bench.get::<AbsSendTimes>().counters();
    assert_eq!((counters.malformed, counters.read), (3, 0));
}

#[test]
fn a_mid_of_no_or_too_many_bytes_is_not_read() {
    let mut bench = identification::receiver();
    let empty = RtpPacket::parse(hex("90 60 0001 00000002 00000063 10000001 09000000 99")).unwrap();
    for packet in [empty, unbound(STRANGER, "seventeen letters")] {
        assert_eq!(bench.read(packet.clone()), packet);
    }
    assert_eq!(bench.raised::<UnboundStream>(), []);
    assert_eq!(bench.get::<Identification>().counters().malformed, 2);
}

#[test]
fn names_of_other_characters_are_not_read() {
    let mut bench = identification::receiver();
    bench.read(unbound(STRANGER, "a b"));
    bench.read(rtp(STRANGER).ext(RID, b"a-b").build());
    bench.read(rtp(STRANGER).ext(REPAIRED, &[0xff]).build());
    assert_eq!(bench.raised::<UnboundStream>(), []);
    assert_eq!(bench.get::<Identification>().counters().malformed, 3);
    bench.read(rtp(STRANGER).ext(RID, b"a-b").ext(MID, b"a-b").build());
    assert_eq!(bench.raised::<UnboundStream>()[0].rid, None, "what can be read is");
}

#[test]
fn ten_thousand_made_up_ssrcs_make_no_more_events_than_are_allowed_a_second() {
    let mut bench = identification::receiver();
    let memory = allocation_counter::measure(|| {
        for ssrc in 0..10_000 {
            bench.read(unbound(0x1_0000 + ssrc, "0"));
        }
    });
    let told = bench.raised::<UnboundStream>();
    assert_eq!((told.len(), told[255].ssrc), (256, 0x1_00ff));
    let counters = *bench.get::<Identification>().counters();
    assert_eq!((counters.unbound_told, counters.unbound_suppressed), (256, 9744));
    assert_eq!(bench.get::<Identification>().remembered(), 256);
    assert!(memory.bytes_current < 192 << 10, "{memory:?}, events that wait included");
    // A second later there is room for as many, and those that were not told have their turn.
    bench.pass(ms(1000));
    for ssrc in 0..10_000 {
        bench.read(unbound(0x1_0000 + ssrc, "0"));
    }
    let told = bench.raised::<UnboundStream>();
    assert_eq!((told.len(), told[0].ssrc), (256, 0x1_0100));
    assert_eq!(bench.get::<Identification>().remembered(), 256, "the oldest are gone");
}

#[test]
fn bounds_of_another_length_are_not_read() {
    let mut bench = playout_delay::receiver();
    bench.read(rtp(MEDIA).ext(ID, &[0, 0]).build());
    bench.read(rtp(MEDIA).ext(ID, &[0, 0, 0, 0]).build());
    assert_eq!((told(&mut bench), bench.get::<PlayoutDelays>().counters().malformed), (vec![], 2));
}

#[test]
fn a_minimum_above_the_maximum_is_ignored() {
    let mut bench = playout_delay::receiver();
    let packet = rtp(MEDIA).ext(ID, &[0x00, 0x20, 0x01]).build();
    assert_eq!(bench.read(packet.clone()), packet);
    assert_eq!((told(&mut bench), bench.get::<PlayoutDelays>().counters().malformed), (vec![], 1));
}

#[test]
fn bounds_that_change_with_each_packet_are_told_ten_times_a_second() {
    let mut bench = playout_delay::receiver();
    for seq in 0..1000_u16 {
        bench.pass(ms(1)).read(asking(seq, 0, 10 * u64::from(seq)));
    }
    // Nothing is left untold, though no packet says it again.
    bench.pass(ms(100)).read(rtp(MEDIA).seq(1000).build());
    let told = told(&mut bench);
    assert_eq!((told.len(), told.last()), (11, Some(&(0, 9990))));
    let counters = bench.get::<PlayoutDelays>().counters();
    assert_eq!((counters.read, counters.told, counters.deferred), (1000, 11, 990));
}

#[test]
fn a_capture_time_of_another_length_is_not_read() {
    let mut bench = abs_capture_time::receiver(AbsCaptureTimeOptions::default());
    for len in [1, 7, 9, 15] {
        let packet = rtp(MEDIA).ext(ID, &[1; 16][..len]).build();
        assert_eq!(bench.read(packet.clone()), packet);
    }
    let counters = bench.get::<AbsCaptureTimes>().counters();
    assert_eq!((counters.malformed, counters.read), (4, 0));
}

#[test]
fn a_level_of_another_length_is_not_read() {
    let (mut bench, levels) = audio_level::receiver(AudioLevelOptions::default());
    let empty = RtpPacket::parse(hex("90 6f 0001 00000002 0a0b0c0d 10000001 03000000 99")).unwrap();
    for packet in
        [empty, rtp(MEDIA).ext(ID, &[1, 2]).build(), rtp(MEDIA).ext(audio_level::MIXER, &[1; 16]).build()]
    {
        assert_eq!(bench.read(packet.clone()), packet);
    }
    assert_eq!((levels.all().len(), bench.get::<AudioLevels>().counters().malformed), (0, 3));
}

#[test]
fn a_foreign_extension_block_leaves_without_a_time() {
    let mut bench = abs_send_time::sender();
    assert_eq!(bench.write(foreign()), foreign());
    let counters = bench.get::<AbsSendTimes>().counters();
    assert_eq!((counters.stamped, counters.not_stamped), (0, 1));
}

#[test]
fn a_block_without_room_leaves_without_a_time() {
    let long = longest();
    let mut bench = abs_send_time::sender();
    assert_eq!(bench.write(long.clone()), long);
    let counters = bench.get::<AbsSendTimes>().counters();
    assert_eq!((counters.stamped, counters.not_stamped), (0, 1));
}

#[test]
fn timestamps_that_jump_begin_anew() {
    let mut bench = transmission_offset::sender();
    bench.write(rtp(MEDIA).ts(0).build());
    let offsets = [0x4000_0000_u32, 0x4000_0000 + 900].map(|ts| {
        let packet = bench.pass(ms(10)).write(rtp(MEDIA).ts(ts).build());
        offset(&packet)
    });
    assert_eq!(offsets, [Some(0); 2]);
    assert_eq!(bench.get::<TransmissionOffsets>().counters().anchored, 2);
}

/// In the two-byte form it needs more than there is.
#[test]
fn a_block_that_would_become_too_long_goes_on_as_it_is() {
    let long = longest();
    let mut bench = forward::forwarder(ForwardOptions::default().with_remap(1, 15));
    assert_eq!(bench.write(long.clone()), long);
    let counters = bench.get::<ForwardExtensions>().counters();
    assert_eq!((counters.changed, counters.not_changed), (0, 1));
}
