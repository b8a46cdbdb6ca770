//! The sending twin.

use std::time::Instant;

use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_core::{Chain, Outgoing};
use interceptor_merge::{CopyTo, Duplicate, DuplicateCounters, DuplicateOptions};
use interceptor_test::rtp;

use crate::kit::{MEDIA, chain, duplicating, ms, packet, video};

fn sender(copies: &[CopyTo]) -> (Chain, Instant) {
    sender_with(DuplicateOptions::default().with_copies(copies.to_vec()))
}

pub(crate) fn sender_with(options: DuplicateOptions) -> (Chain, Instant) {
    let mut chain = chain(&duplicating(options));
    let now = chain.config().now;
    chain.bind_local(video(), now).unwrap();
    (chain, now)
}

/// Path and number of each packet that leaves.
pub(crate) fn sent(chain: &mut Chain) -> Vec<(u8, u16)> {
    let sent = std::iter::from_fn(|| chain.poll_wire());
    sent.filter_map(|outgoing| match outgoing {
        Outgoing::Rtp(packet) => Some((packet.info().path, packet.sequence_number())),
        _ => None,
    })
    .collect()
}

pub(crate) fn counters(chain: &Chain) -> DuplicateCounters {
    *chain.get::<Duplicate>().unwrap().counters()
}

#[test]
fn each_packet_leaves_over_each_path_byte_for_byte() {
    let (mut chain, now) = sender(&[CopyTo::path(1), CopyTo::path(4)]);
    let original = packet(7);
    chain.write_rtp(original.clone(), now);
    for path in [0, 1, 4] {
        let Some(Outgoing::Rtp(packet)) = chain.poll_wire() else { panic!("one a path") };
        assert_eq!((&packet, packet.info().path), (&original, path));
    }
    assert!(chain.poll_wire().is_none());
    assert_eq!((counters(&chain).copies, counters(&chain).copy_bytes), (2, 2 * original.total_len() as u64));
}

#[test]
fn a_copy_may_leave_later_over_the_same_path_or_another() {
    let (mut chain, now) = sender(&[CopyTo::path(0).with_delay(ms(50)), CopyTo::path(1).with_delay(ms(20))]);
    chain.write_rtp(packet(1), now);
    chain.handle_timeout(now + ms(10));
    chain.write_rtp(packet(2), now + ms(10));
    assert_eq!(sent(&mut chain), [(0, 1), (0, 2)]);
    assert_eq!(chain.get::<Duplicate>().unwrap().waiting(), (4, 4 * packet(1).total_len()));
    let mut later = Vec::new();
    while let Some(at) = chain.next_timeout() {
        chain.handle_timeout(at);
        later.extend(sent(&mut chain).into_iter().map(|(path, seq)| (at - now, path, seq)));
    }
    assert_eq!(later, [(ms(20), 1, 1), (ms(30), 1, 2), (ms(50), 0, 1), (ms(60), 0, 2)]);
    assert_eq!(chain.get::<Duplicate>().unwrap().waiting(), (0, 0));
}

#[test]
fn no_copy_leaves_behind_its_streams_goodbye() {
    let (mut chain, now) = sender(&[CopyTo::path(1).with_delay(ms(50))]);
    chain.write_rtp(packet(1), now);
    chain.write_rtp(rtp(99).seq(5).build(), now);
    assert_eq!(sent(&mut chain), [(0, 1), (0, 5)]);
    chain.unbind_local(MEDIA, now).unwrap();
    let waiting = chain.get::<Duplicate>().unwrap().waiting();
    assert_eq!((waiting, counters(&chain).dropped_ended), ((1, rtp(99).seq(5).build().total_len()), 1));
    chain.handle_timeout(now + ms(50));
    assert_eq!(sent(&mut chain), [(1, 5)]);
}

#[test]
fn what_has_a_path_already_is_left_alone() {
    let (mut chain, now) = sender(&[CopyTo::path(1)]);
    let mut packet = packet(3);
    packet.info_mut().path = 2;
    chain.write_rtp(packet, now);
    assert_eq!(sent(&mut chain), [(2, 3)]);
}

#[test]
fn packets_of_no_stream_are_copied_too() {
    let (mut chain, now) = sender(&[CopyTo::path(1)]);
    chain.write_rtp(rtp(99).seq(5).build(), now);
    assert_eq!(sent(&mut chain), [(0, 5), (1, 5)]);
}

#[test]
fn rtcp_leaves_over_each_other_path_unless_it_is_not_to() {
    let rtcp = || RtcpPacket::builder().pli(1, MEDIA).build().unwrap();
    let copies = [CopyTo::path(1).with_delay(ms(50)), CopyTo::path(0).with_delay(ms(50))];
    let options = DuplicateOptions::default().with_copies(copies);
    for (options, expected) in [(options.clone(), vec![0, 1]), (options.with_rtcp(false), vec![0])] {
        let (mut chain, now) = sender_with(options);
        chain.write_rtcp(rtcp(), now);
        let paths: Vec<u8> = std::iter::from_fn(|| chain.poll_wire())
            .map(|outgoing| match outgoing {
                Outgoing::Rtcp(packet) => {
                    assert!(matches!(packet.packets().next(), Some(Rtcp::Pli(_))));
                    packet.info().path
                }
                _ => panic!("only RTCP"),
            })
            .collect();
        assert_eq!(paths, expected);
        // Feedback about one path, which leaves by it.
        let mut of_path = rtcp();
        of_path.info_mut().path = 1;
        chain.write_rtcp(of_path, now);
        assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 1);
    }
}

#[test]
fn rtcp_leaves_once_over_a_path_that_has_several_copies() {
    let (mut chain, now) = sender(&[CopyTo::path(1), CopyTo::path(1).with_delay(ms(50))]);
    chain.write_rtcp(RtcpPacket::builder().pli(1, MEDIA).build().unwrap(), now);
    chain.handle_timeout(now + ms(50));
    assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 2, "by path 0 and by path 1");
    assert_eq!(counters(&chain).copies, 1);
}
