//! What came in is what went on and what a counter names; and no peer makes a session hold more than its caps.

use allocation_counter::measure;
use bytes::Bytes;
use interceptor_core::{Limits, Registry, StreamInfo};
use interceptor_packet::{RtcpPacket, RtpPacket};
use interceptor_tokio::{RemoteStream, Session, SessionOptions};
use tokio::runtime::Builder;

use crate::support::wire::{Lane, Wire};
use crate::support::{SSRC, packet, packet_of, session, session_with, settle, video};

/// Everything that a session's RTP may have become, but for what is read.
fn lost(session: &Session) -> u64 {
    let counters = session.counters();
    counters.dropped_reads
        + counters.dropped_unread
        + counters.dropped_unbound
        + counters.dropped_rejected
        + counters.unaccepted_at_close
        + counters.chain.after_close
        + counters.chain.dropped_queued
}

fn read(remote: &mut RemoteStream) -> u64 {
    std::iter::from_fn(|| remote.try_read()).count() as u64
}

#[tokio::test(start_paused = true)]
async fn every_packet_is_read_or_counted() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let limits = Limits::default().with_max_streams(3);
    let options =
        SessionOptions::default().with_receive_queue(80).with_pending_packets(5).with_pending_streams(5);
    let session = Session::builder(&Registry::new(), "books")
        .transport(wire)
        .options(options)
        .limits(limits)
        .spawn()
        .unwrap();
    let mut slow = session.bind_remote_stream(video()).unwrap();
    let gone = session.bind_remote_stream(StreamInfo::new(1, 96, 90_000)).unwrap();
    session.with_chain(|chain, now| chain.bind_remote(StreamInfo::new(2, 96, 90_000), now)).unwrap();
    for n in 0..100 {
        into.push(packet(n).to_bytes());
        // Its reader goes; nobody reads; rejected; refused for want of room; nobody ever asks for.
        (1..8).for_each(|ssrc| into.push(packet_of(ssrc, n).to_bytes()));
        settle().await;
        if n == 10 {
            let [third, fourth] = [session.accept().await.unwrap(), session.accept().await.unwrap()];
            assert_eq!((third.ssrc(), fourth.ssrc()), (3, 4));
            third.reject();
            assert!(fourth.bind(StreamInfo::new(4, 96, 90_000)).is_err());
        }
    }
    drop(gone);
    (0..9).for_each(|n| into.push(packet_of(1, n).to_bytes()));
    settle().await;
    let counters = session.counters();
    assert_eq!((counters.dropped_reads, counters.dropped_rejected), (20 + 20, 94 + 9), "{counters:?}");
    assert_eq!(counters.dropped_unread, 100 + 80, "{counters:?}");
    let read = read(&mut slow);
    assert_eq!(read, 80);
    session.close().await.unwrap();
    assert_eq!(session.counters().unaccepted_at_close, 4 * 5);
    assert_eq!(session.counters().received_datagrams, read + lost(&session));
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_for_a_reader_that_goes_is_counted_before_and_after_the_end() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let first = session.bind_remote_stream(video()).unwrap();
    let second = session.bind_remote_stream(StreamInfo::new(1, 96, 90_000)).unwrap();
    (0..3).for_each(|n| into.push(packet(n).to_bytes()));
    (0..5).for_each(|n| into.push(packet_of(1, n).to_bytes()));
    settle().await;
    drop(first);
    assert_eq!(session.counters().dropped_unread, 3);
    session.close().await.unwrap();
    drop(second);
    assert_eq!(session.counters().dropped_unread, 8);
}

/// As large as a datagram can be, in a buffer of its own.
fn giant(ssrc: u32, number: u16) -> Bytes {
    let payload = vec![7; 65_507 - 12];
    RtpPacket::builder()
        .ssrc(ssrc)
        .payload_type(96)
        .sequence_number(number)
        .payload(payload)
        .build()
        .unwrap()
        .to_bytes()
}

/// Pushes one after the other, so that nothing waits on the wire.
async fn feed(into: &Lane, datagrams: impl IntoIterator<Item = Bytes>) {
    for datagram in datagrams {
        into.push(datagram);
        settle().await;
    }
}

/// The most that was allocated at one time while a session takes all this in, in bytes over one that takes in nothing.
fn most_bytes(attack: impl AsyncFn(&Session, &Lane)) -> u64 {
    let run = |attacked: bool| {
        measure(|| {
            let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let wire = Wire::new();
                let (_, into) = wire.lanes();
                let session = session(wire);
                settle().await;
                if attacked {
                    attack(&session, &into).await;
                }
                session.close().await.unwrap();
            });
        })
        .bytes_max
    };
    let idle = run(false);
    run(true) - idle
}

/// What a giant on its way costs: on the wire, and copied.
const IN_FLIGHT: u64 = 3 * 65_536;

#[test]
fn giants_of_unbound_ssrcs_are_kept_up_to_the_caps() {
    let most = most_bytes(async |session, into| {
        let flood = (0..100).flat_map(|n| (1..=16).map(move |ssrc| giant(ssrc, n)));
        feed(into, flood).await;
        let kept = 1600 - session.counters().dropped_unbound;
        assert!((15..=16).contains(&kept), "{kept} of 65 507 bytes in 1 MiB");
    });
    assert!(most <= (1 << 20) + IN_FLIGHT + 65_536, "{most}");
}

#[test]
fn giants_of_one_unbound_ssrc_are_kept_up_to_its_cap() {
    let most = most_bytes(async |session, into| {
        feed(into, (0..200).map(|n| giant(SSRC, n))).await;
        assert_eq!(session.counters().dropped_unbound, 196);
        let incoming = session.accept().await.unwrap();
        assert_eq!(incoming.first_packet().sequence_number(), 196);
    });
    assert!(most <= (256 << 10) + IN_FLIGHT + 65_536, "{most}");
}

#[test]
fn giants_of_a_stream_that_is_not_read_are_kept_up_to_its_cap() {
    let most = most_bytes(async |session, into| {
        let mut remote = session.bind_remote_stream(video()).unwrap();
        feed(into, (0..600).map(|n| giant(SSRC, n))).await;
        assert_eq!((session.counters().dropped_reads, remote.dropped(), remote.queued()), (584, 584, 16));
        assert_eq!(remote.read().await.unwrap().sequence_number(), 584);
    });
    assert!(most <= (1 << 20) + IN_FLIGHT + 65_536, "{most}");
}

/// A compound of many BYEs.
fn large_compound() -> Bytes {
    let bye = RtcpPacket::builder().bye(&[1], &"x".repeat(200)).build().unwrap().into_bytes();
    bye.repeat(65_507 / bye.len()).into()
}

#[test]
fn giants_of_rtcp_and_other_protocols_are_kept_up_to_their_caps() {
    let most = most_bytes(async |session, into| {
        let flood = (0..100).flat_map(|_| [large_compound(), Bytes::from(vec![1; 65_507])]);
        feed(into, flood).await;
        let ((_, rtcp), raw) = (session.rtcp(), session.raw());
        let chain = session.counters().chain;
        assert_eq!((chain.malformed_datagrams, chain.foreign_datagrams), (0, 100));
        assert_eq!((rtcp.dropped(), raw.dropped()), (96, 96));
    });
    assert!(most <= (512 << 10) + IN_FLIGHT + 65_536, "{most}");
}

#[tokio::test(start_paused = true)]
async fn small_streams_keep_what_they_have_beside_giants() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_pending_total_bytes(300 << 10));
    for n in 0..20 {
        into.push(packet(n).to_bytes());
        feed(&into, (1..=8).map(|ssrc| giant(ssrc, n as u16))).await;
    }
    let incoming = session.accept().await.unwrap();
    assert_eq!(incoming.ssrc(), SSRC);
    assert_eq!(incoming.bind(video()).unwrap().queued(), 20);
}
