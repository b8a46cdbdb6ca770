//! Which older payloads leave with a packet.

use interceptor_core::{ChainConfig, Event, Fact, ProtectionOverhead, Registry, StreamInfo};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_red::{Copies, Mode, RedSenderOptions, Redundancy};
use interceptor_test::stream_info;

use crate::kit::{MS, OPUS, RED, Rig, SSRC, STEP, copies_in, loss, opus, opus_packet, sound, spoken};

fn sending(redundancy: Redundancy) -> Rig {
    let mut rig = Rig::new(Mode::Decode, RedSenderOptions::default().with_redundancy(redundancy));
    rig.bind(opus(SSRC).with_red(interceptor_core::RedInfo::new(RED, OPUS).with_levels(2)));
    rig
}

fn at(before: &[u8]) -> Redundancy {
    Redundancy::Fixed(Copies::at(before.iter().copied()).unwrap())
}

/// The copies that the last of so many packets has.
fn last(rig: &mut Rig, packets: u16) -> Option<Vec<u32>> {
    (0..packets).map(|seq| rig.write(spoken(seq))).last().and_then(|packet| copies_in(&packet))
}

#[test]
fn a_packet_keeps_its_header_and_gains_the_last_payload() {
    let mut rig = Rig::both();
    assert_eq!(rig.write(spoken(1)), spoken(1), "there is nothing yet that it could repeat");
    let packet = opus_packet(2).marker(true).ext(3, &[1]).payload(sound(2)).build();
    let out = rig.write(packet.clone());
    let mut header = packet.header().to_vec();
    header[1] = 0x80 | RED;
    assert_eq!(out.header(), header);
    // F, 111, 960 ticks, length; 111; what was before, what is now (RFC 2198 §3).
    let block = [0x80 | OPUS, 0x0f, 0x00, sound(1).len() as u8, OPUS];
    assert_eq!(out.payload(), [&block[..], &sound(1), &sound(2)].concat());
    let counters = rig.sent();
    assert_eq!((counters.packets, counters.plain, counters.blocks), (1, 1, 1));
    assert_eq!(counters.overhead_bytes, 5 + sound(1).len() as u64);
}

#[test]
fn older_payloads_stand_in_front_the_oldest_first() {
    assert_eq!(last(&mut sending(at(&[1, 2, 3])), 9), Some(vec![3, 2, 1]));
    assert_eq!(last(&mut sending(at(&[2, 8])), 9), Some(vec![8, 2]));
    assert_eq!(last(&mut sending(Redundancy::Described), 9), Some(vec![2, 1]));
    assert_eq!(last(&mut sending(Redundancy::Fixed(Copies::NONE)), 9), None);
}

#[test]
fn losses_that_are_told_decide() {
    let mut rig = Rig::both();
    assert_eq!(last(&mut rig, 9), Some(vec![1]), "until then");
    for (fact, copies) in
        [(loss(50_000, 1), vec![2, 1]), (loss(50_000, 3), vec![4, 2]), (loss(200_000, 3), vec![6, 4, 2])]
    {
        let now = rig.now();
        rig.chain.publish(fact, now);
        assert_eq!(last(&mut rig, 9), Some(copies));
    }
}

#[test]
fn losses_that_are_known_count_from_the_first_packet() {
    let mut rig = Rig::new(Mode::Decode, RedSenderOptions::default());
    rig.bind(stream_info::audio(SSRC));
    let now = rig.now();
    rig.chain.publish(loss(200_000, 1), now);
    rig.chain.amend_local(opus(SSRC), now).unwrap();
    assert_eq!(last(&mut rig, 9), Some(vec![3, 2, 1]));
}

#[test]
fn a_pause_is_not_bridged() {
    let mut rig = Rig::both();
    rig.write(spoken(1));
    // 200 ms are 9600 ticks.
    let late = |seq, ts| opus_packet(seq).ts(ts).payload(sound(seq)).build();
    assert_eq!(rig.write(late(2, STEP + 9601)).payload_type(), OPUS);
    let bridged = rig.write(late(3, STEP + 9601 + 9600));
    assert_eq!(copies_in(&bridged), Some(vec![10]), "the offset is the true difference");
    // Sampled at once, or before: no offset says so.
    assert_eq!(rig.write(late(4, STEP + 9601 + 9600)).payload_type(), OPUS);
    assert_eq!(rig.write(late(5, STEP)).payload_type(), OPUS);
    assert_eq!(rig.sent().left_out_age, 3);
}

#[test]
fn a_number_that_was_not_sent_here_is_not_repeated() {
    let mut rig = sending(at(&[1, 2]));
    rig.write(spoken(1));
    assert_eq!(copies_in(&rig.write(spoken(3))), Some(vec![2]), "a forwarder has losses of its own");
    assert_eq!(copies_in(&rig.write(spoken(2))), Some(vec![1]), "what is written late finds its place");
    assert_eq!(copies_in(&rig.write(spoken(4))), Some(vec![2, 1]));
}

#[test]
fn payloads_longer_than_a_block_are_left_out() {
    let mut rig = Rig::both();
    rig.write(opus_packet(1).payload_len(1024).build());
    assert_eq!(rig.write(spoken(2)).payload_type(), OPUS);
    rig.write(opus_packet(3).payload_len(1023).build());
    assert_eq!(copies_in(&rig.write(spoken(4))), Some(vec![1]));
    assert_eq!(rig.sent().left_out_size, 1);
}

#[test]
fn what_does_not_fit_the_datagram_is_left_out_the_older_first() {
    let options = RedSenderOptions::default().with_redundancy(at(&[1, 2]));
    // Header 12, primary 300 and its byte, a block of 304 or two.
    let one = 12 + 301 + 304;
    for (mtu, copies) in [(one - 1, None), (one, Some(vec![1])), (one + 304, Some(vec![2, 1]))] {
        // Ten bytes are for the tag of an encryption.
        let config = |config: ChainConfig| config.with_mtu(mtu + 10).with_transport_overhead(10);
        let mut rig = Rig::with(Mode::Decode, options.clone(), config, |registry| registry);
        rig.bind(opus(SSRC));
        let out = (0..3).map(|seq| rig.write(opus_packet(seq).payload_len(300).build())).last().unwrap();
        assert_eq!(copies_in(&out), copies, "{mtu}");
        assert!(out.total_len() <= mtu);
    }
}

#[test]
fn what_is_stamped_below_and_what_a_repeat_adds_has_room() {
    let stamp = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    let plain = 12 + 301 + 304;
    // Nine bytes for an element of three, and two for the number of an original.
    for (mtu, copies) in [(plain + 10, None), (plain + 11, Some(vec![1]))] {
        let others = |registry: Registry| registry.with(AbsSendTimeFactory::default());
        let mut rig = Rig::with(Mode::Decode, RedSenderOptions::default(), |c| c.with_mtu(mtu), others);
        rig.bind(opus(SSRC).with_extension(4, stamp).with_rtx(2, 112));
        let out = (0..2).map(|seq| rig.write(opus_packet(seq).payload_len(300).build())).last().unwrap();
        assert_eq!(copies_in(&out), copies, "{mtu}");
        assert!(out.total_len() + 2 <= mtu);
    }
}

#[test]
fn what_it_takes_of_the_rate_is_told_once_a_second() {
    let mut rig = Rig::both();
    for seq in 0..160 {
        rig.write(opus_packet(seq).payload_len(80).build());
        rig.clock.advance(20 * MS);
    }
    let events = std::iter::from_fn(|| rig.chain.poll_event());
    let told: Vec<_> = events
        .filter_map(|event| match event {
            Event::Fact(Fact::ProtectionOverhead(overhead)) => Some(overhead),
            _ => None,
        })
        .collect();
    // 85 bytes more, fifty times a second.
    assert_eq!(told, [ProtectionOverhead { ssrc: SSRC, bits_per_second: 34_000 }]);
}

#[test]
fn what_was_told_is_taken_back_when_red_ends() {
    let mut rig = Rig::both();
    for seq in 0..60 {
        rig.write(opus_packet(seq).payload_len(80).build());
        rig.clock.advance(20 * MS);
    }
    let now = rig.now();
    let plain = StreamInfo::new(SSRC, OPUS, 48_000).with_mime_type("audio/opus");
    rig.chain.amend_local(plain, now).unwrap();
    let events = std::iter::from_fn(|| rig.chain.poll_event());
    let told: Vec<u64> = events
        .filter_map(|event| match event {
            Event::Fact(Fact::ProtectionOverhead(overhead)) => Some(overhead.bits_per_second),
            _ => None,
        })
        .collect();
    assert_eq!(told, [34_000, 0]);
}
