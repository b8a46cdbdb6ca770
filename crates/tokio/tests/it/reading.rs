//! Reading: slow readers, readers that go, cancelling, what is not RTP.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::StreamInfo;
use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{RtcpReader, RtpReader, SessionOptions};

use crate::support::wire::Wire;
use crate::support::{SSRC, number, packet, packet_of, session, session_with, settle, video};

const OTHER: u32 = 77;

#[tokio::test(start_paused = true)]
async fn a_slow_reader_loses_the_oldest_and_nobody_else_notices() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let options = SessionOptions::default().with_receive_queue(100).with_pending_packets(1);
    let session = session_with(wire, options);
    let mut slow = session.bind_remote_stream(video()).unwrap();
    let mut fast = session.bind_remote_stream(StreamInfo::new(OTHER, 96, 90_000)).unwrap();
    for n in 0..1000 {
        into.push(packet(n).to_bytes());
        into.push(packet_of(OTHER, n).to_bytes());
        assert_eq!(number(&fast.read().await.unwrap()), n);
    }
    assert_eq!((slow.queued(), slow.dropped(), fast.dropped()), (100, 900, 0));
    assert_eq!(session.counters().dropped_reads, 900);
    for n in 900..1000 {
        assert_eq!(number(&slow.read().await.unwrap()), n);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_goes_mid_stream_leaves_the_session_running() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut gone = session.bind_remote_stream(video()).unwrap();
    let mut stays = session.bind_remote_stream(StreamInfo::new(OTHER, 96, 90_000)).unwrap();
    into.push(packet(0).to_bytes());
    gone.read().await.unwrap();
    let waiting = tokio::spawn(async move { gone.read().await });
    settle().await;
    waiting.abort();
    settle().await;
    assert_eq!(session.with_chain(|chain, _| chain.stream_counts()), (0, 1));
    for n in 1..200 {
        into.push(packet(n).to_bytes());
        into.push(packet_of(OTHER, n).to_bytes());
        assert_eq!(number(&stays.read().await.unwrap()), n);
    }
    // What goes on after its reader has gone is nobody's, and no new stream either.
    assert!(tokio::time::timeout(Duration::from_secs(1), session.accept()).await.is_err());
    let mut again = session.bind_remote_stream(video()).unwrap();
    into.push(packet(200).to_bytes());
    assert_eq!(number(&again.read().await.unwrap()), 200);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_cancelled_loses_nothing() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let feeder = tokio::spawn(async move {
        for n in 0..300 {
            into.push(packet(n).to_bytes());
            tokio::time::sleep(Duration::from_millis(u64::from(n % 4))).await;
        }
    });
    let (mut seen, mut cancelled) = (Vec::new(), 0);
    while seen.len() < 300 {
        match tokio::time::timeout(Duration::from_millis(1), remote.read()).await {
            Ok(packet) => seen.push(number(&packet.unwrap())),
            Err(_) => cancelled += 1,
        }
    }
    feeder.await.unwrap();
    assert!(cancelled > 50, "{cancelled}");
    assert_eq!(seen, (0..300).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn many_packets_are_read_at_once() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    (0..10).for_each(|n| into.push(packet(n).to_bytes()));
    let mut packets = Vec::new();
    assert_eq!(remote.read_many(&mut packets, 0).await.unwrap(), 0);
    assert_eq!(remote.read_many(&mut packets, 4).await.unwrap(), 4);
    assert_eq!(remote.read_many(&mut packets, 100).await.unwrap(), 6);
    assert_eq!(packets.iter().map(number).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    assert!(remote.try_read().is_none());
}

#[tokio::test(start_paused = true)]
async fn every_rtcp_reader_gets_every_compound_and_none_is_needed() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_rtcp_queue(4));
    let pli = |ssrc| RtcpPacket::builder().pli(1, ssrc).build().unwrap();
    into.push(pli(0).into_bytes());
    settle().await;
    let ((_, mut first), (_, second)) = (session.rtcp(), session.rtcp());
    let mut second: Box<dyn RtcpReader> = Box::new(second);
    for ssrc in 1..10 {
        into.push(pli(ssrc).into_bytes());
        settle().await;
    }
    let media = |packet: &RtcpPacket| match packet.packets().next() {
        Some(Rtcp::Pli(pli)) => pli.media_ssrc(),
        other => panic!("{other:?}"),
    };
    assert_eq!(first.dropped(), 6);
    for ssrc in 6..10 {
        assert_eq!(media(&first.read().await.unwrap()), ssrc);
        assert_eq!(media(&second.read_rtcp().await.unwrap()), ssrc);
    }
    drop((first, second));
    into.push(pli(10).into_bytes());
    settle().await;
    assert_eq!(session.counters().received_datagrams, 11);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_rtp_comes_raw() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let remote = session.bind_remote_stream(video()).unwrap();
    let mut raw = session.raw();
    // STUN; RTP with an extension block beyond its end; RTCP whose length field is beyond its end; nothing at all.
    let datagrams: [&[u8]; 4] = [
        b"\x00\x01\x00\x00\x21\x12\xa4\x42stun",
        b"\x90\x60\0\0\0\0\0\0\x11\x22\x33\x44\xbe\xde\x00\x09",
        b"\x80\xc8\xff\xff\0\0\0\0",
        b"",
    ];
    datagrams.iter().for_each(|datagram| into.push(Bytes::copy_from_slice(datagram)));
    for datagram in datagrams {
        assert_eq!(raw.read().await.unwrap().bytes, datagram);
    }
    let counters = session.counters();
    assert_eq!((counters.chain.malformed_datagrams, counters.chain.foreign_datagrams), (2, 2));
    assert_eq!((counters.received_bytes, remote.queued()), (36, 0));

    let mut reader: Box<dyn RtpReader> = Box::new(remote);
    into.push(packet(1).to_bytes());
    assert_eq!(reader.read_rtp().await.unwrap().ssrc(), SSRC);
}
