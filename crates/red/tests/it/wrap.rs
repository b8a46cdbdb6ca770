//! Numbers and timestamps that end and begin again, and senders that do.

use crate::kit::{RED, Rig, copies_in, opus_packet, redundant, spoken};

#[test]
fn copies_reach_over_the_wrap_both_ways() {
    let mut rig = Rig::both();
    let sent: Vec<_> = (65_533..=65_535).chain(0..3).map(|seq| rig.write(spoken(seq))).collect();
    assert_eq!(copies_in(&sent[2]), Some(vec![1]));
    // The timestamps of these tests jump back with the numbers, as those of a new stream do.
    assert_eq!(copies_in(&sent[3]), None);
    let timestamps = |n: u32| 0_u32.wrapping_sub(2 * 960).wrapping_add(n * 960);
    let sent: Vec<_> = (0..5_u16)
        .map(|n| {
            let packet = opus_packet(65_534_u16.wrapping_add(n)).ts(timestamps(n.into()));
            rig.write(packet.payload(vec![n as u8; 30]).build())
        })
        .collect();
    let mut numbers = rig.numbers(sent[0].clone());
    numbers.extend(rig.numbers(sent[2].clone()));
    numbers.extend(rig.numbers(sent[4].clone()));
    assert_eq!(numbers, [65_534, 65_535, 0, 1, 2]);
}

#[test]
fn a_sender_that_begins_anew_is_followed() {
    let mut rig = Rig::both();
    for seq in 30_000..30_010 {
        assert_eq!(rig.numbers(redundant(seq, &[1])).last(), Some(&seq));
    }
    for seq in [100, 101] {
        assert_eq!(rig.numbers(redundant(seq, &[1])), [seq], "nothing before it was missing");
    }
    assert_eq!(rig.numbers(redundant(103, &[1])), [102, 103]);
    assert_eq!(rig.received().recovered, 1);
    assert_eq!(rig.numbers(opus_packet(104).pt(RED).payload_len(0).build()), [104]);
}
