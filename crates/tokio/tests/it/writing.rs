//! Writing: backpressure, order, cancelling.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::{Context, Flow, Interceptor, Result, Stage, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{LocalStream, RtpWriter, Session, SessionError, SessionOptions, TryWriteError};
use tokio::task::JoinHandle;

use crate::support::wire::{Lane, Wire};
use crate::support::{SSRC, number, numbers, packet, packet_of, session, session_with, settle, video};

fn write(local: &Arc<LocalStream>, number: u32) -> JoinHandle<Result<(), SessionError>> {
    let local = Arc::clone(local);
    tokio::spawn(async move { local.write(packet(number)).await })
}

/// A session whose transport takes `room` datagrams and then none until it is told to, and what leaves.
fn narrow(room: usize, send_queue: usize) -> (Session, Arc<Lane>) {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    out.set_room(Some(room));
    (session_with(wire, SessionOptions::default().with_send_queue(send_queue)), out)
}

#[tokio::test(start_paused = true)]
async fn a_full_transport_makes_writers_wait_and_the_queue_stays_bounded() {
    let (session, out) = narrow(0, 8);
    let local = Arc::new(session.bind_local_stream(video()).unwrap());

    let taken = (0..100).take_while(|n| local.try_write(packet(*n)).is_ok()).count();
    assert_eq!(taken, 8);
    let Err(TryWriteError::Full(back)) = local.try_write(packet(99)) else { panic!("there was room") };
    assert_eq!(number(&back), 99);

    let waiting = write(&local, 8);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(!waiting.is_finished());
    assert!(out.take().is_empty());

    out.set_room(Some(1));
    waiting.await.unwrap().unwrap();
    assert_eq!(numbers(&out.take()), [0]);
    out.set_room(None);
    settle().await;
    assert_eq!(numbers(&out.take()), (1..9).collect::<Vec<_>>());
    assert_eq!(session.counters().sent_datagrams, 9);
}

#[tokio::test(start_paused = true)]
async fn writers_who_wait_are_served_in_order_and_not_overtaken() {
    let (session, out) = narrow(0, 1);
    let local = Arc::new(session.bind_local_stream(video()).unwrap());
    local.write(packet(0)).await.unwrap();
    let mut waiting = Vec::new();
    for n in 1..20 {
        waiting.push(write(&local, n));
        settle().await;
    }
    for _ in 0..10 {
        out.set_room(Some(1));
        assert!(matches!(local.try_write(packet(99)), Err(TryWriteError::Full(_))));
        settle().await;
    }
    out.set_room(None);
    for writer in waiting {
        writer.await.unwrap().unwrap();
    }
    settle().await;
    assert_eq!(numbers(&out.take()), (0..20).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_cancelled_has_sent_nothing_and_lets_the_next_one_through() {
    let (session, out) = narrow(0, 1);
    let local = Arc::new(session.bind_local_stream(video()).unwrap());
    local.write(packet(0)).await.unwrap();
    let waiting: Vec<_> = (1..6).map(|n| write(&local, n)).collect();
    settle().await;
    for cancelled in [0, 2, 3] {
        waiting[cancelled].abort();
    }
    settle().await;
    out.set_room(None);
    settle().await;
    assert_eq!(numbers(&out.take()), [0, 2, 5]);
    local.try_write(packet(6)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn write_all_keeps_what_it_has_not_sent() {
    let (session, out) = narrow(3, 4);
    let local = session.bind_local_stream(video()).unwrap();
    let mut packets: Vec<RtpPacket> = (0..20).map(packet).collect();
    let cancelled = tokio::time::timeout(Duration::from_secs(1), local.write_all(&mut packets)).await;
    assert!(cancelled.is_err());
    assert_eq!(packets.iter().map(number).collect::<Vec<_>>(), (7..20).collect::<Vec<_>>());
    out.set_room(None);
    local.write_all(&mut packets).await.unwrap();
    settle().await;
    assert_eq!(numbers(&out.take()), (0..20).collect::<Vec<_>>());
}

/// Numbers packets as they pass, and adds copies of each.
struct Numbering {
    next: u32,
    copies: usize,
}

impl Interceptor for Numbering {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        for copy in 0..=self.copies {
            packet.set_payload(self.next.to_be_bytes().to_vec());
            self.next += 1;
            if copy < self.copies {
                cx.send_rtp(packet.clone());
            }
        }
        Ok(Flow::Forward)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_wire_has_the_chains_order_whoever_sends() {
    const WRITERS: u32 = 8;
    const PACKETS: u32 = 500;
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_send_queue(16));
    session.with_chain(|chain, now| {
        chain.insert("numbering", Stage::CAPTURE, Numbering { next: 0, copies: 0 }, now).unwrap();
    });
    let local = Arc::new(session.bind_local_stream(video()).unwrap());
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let local = Arc::clone(&local);
            tokio::spawn(async move {
                for n in 0..PACKETS {
                    local.write(packet(n)).await.unwrap();
                }
            })
        })
        .collect();
    let mut seen = Vec::new();
    while seen.len() < (WRITERS * PACKETS) as usize {
        // The transport is full again and again.
        out.set_room(Some(7));
        seen.extend(numbers(&[out.next().await]));
        seen.extend(numbers(&out.take()));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen, (0..WRITERS * PACKETS).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn interceptors_may_queue_as_much_again_and_no_more() {
    let (session, out) = narrow(0, 100);
    session.with_chain(|chain, now| {
        chain.insert("copies", Stage::CAPTURE, Numbering { next: 0, copies: 999 }, now).unwrap();
    });
    let local = session.bind_local_stream(video()).unwrap();
    local.write(packet(0)).await.unwrap();
    assert!(matches!(local.try_write(packet(1)), Err(TryWriteError::Full(_))));
    assert_eq!(session.counters().dropped_sends, 800);
    out.set_room(None);
    settle().await;
    assert_eq!(out.take().len(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_never_waits_lets_the_session_read() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(StreamInfo::new(5, 96, 90_000)).unwrap();
    into.push(packet_of(5, 1).to_bytes());
    let mut written = 0;
    while remote.try_read().is_none() {
        local.write(packet(written)).await.unwrap();
        written += 1;
        assert!(written < 10_000, "the session's task never ran");
    }
}

#[tokio::test(start_paused = true)]
async fn takes_packets_of_the_rtp_crate_and_through_the_trait() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    let header = rtp::header::Header { version: 2, ssrc: SSRC, sequence_number: 5, ..Default::default() };
    let foreign = rtp::packet::Packet { header, payload: Bytes::from_static(&[0, 0, 0, 1]) };
    local.write(foreign.clone()).await.unwrap();
    let writer: Box<dyn RtpWriter> = Box::new(local);
    writer.write_rtp(packet(2)).await.unwrap();
    assert_eq!(numbers(&out.take()), [1, 2]);

    let error = writer.write_rtp(packet_of(SSRC + 1, 3)).await.unwrap_err();
    assert_eq!(error.to_string(), "SSRC 0x11223345 does not belong to stream 0x11223344");
    assert!(session.ended().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_packet_of_the_rtp_crate_that_cannot_be_is_refused() {
    let session = session(Wire::new());
    let local = session.bind_local_stream(video()).unwrap();
    let header = rtp::header::Header { version: 2, ssrc: SSRC, csrc: vec![0; 16], ..Default::default() };
    let result = local.write(rtp::packet::Packet { header, payload: Bytes::new() }).await;
    assert!(matches!(result, Err(SessionError::InvalidPacket(_))), "{result:?}");
    local.write(packet(0)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_dropped_local_stream_is_unbound() {
    let session = session(Wire::new());
    let local = session.bind_local_stream(video()).unwrap();
    assert!(session.bind_local_stream(video()).is_err());
    drop(local);
    assert_eq!(session.with_chain(|chain, _| chain.stream_counts()), (0, 0));
    session.bind_local_stream(video()).unwrap().unbind();
}

#[tokio::test(start_paused = true)]
async fn raw_datagrams_leave_in_order_with_packets() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    local.write(packet(0)).await.unwrap();
    session.send_raw(Bytes::from_static(b"\x00\x01stun")).await.unwrap();
    let sent = out.take();
    assert_eq!((sent.len(), &sent[1][..]), (2, &b"\x00\x01stun"[..]));
}

#[tokio::test(start_paused = true)]
async fn what_comes_together_is_written_as_far_as_there_is_room() {
    let (session, out) = narrow(3, 8);
    let local = session.bind_local_stream(video()).unwrap();
    let mut packets: Vec<_> = (0..20).map(packet).collect();
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 8, "room is what the queue has");
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 3, "three have left");
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 0);
    assert_eq!(packets.iter().map(number).collect::<Vec<_>>(), (11..20).collect::<Vec<_>>());
    out.set_room(None);
    settle().await;
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 8);
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 1);
    assert_eq!(numbers(&out.take()), (0..20).collect::<Vec<_>>());
    packets = vec![packet(20), packet_of(9, 21)];
    assert!(matches!(local.try_write_all(&mut packets), Err(SessionError::WrongSsrc { found: 9, .. })));
    assert_eq!((packets.len(), out.take().len()), (2, 0));
    session.close().await.unwrap();
    packets.pop();
    assert!(matches!(local.try_write_all(&mut packets), Err(SessionError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn what_is_written_under_a_cork_leaves_when_the_last_is_drawn() {
    let (session, out) = narrow(100, 8);
    let local = session.bind_local_stream(video()).unwrap();
    let other = session.bind_local_stream(StreamInfo::new(9, 96, 90_000)).unwrap();
    let (cork, second) = (session.cork(), session.cork());
    local.try_write(packet(0)).unwrap();
    other.try_write(packet_of(9, 1)).unwrap();
    drop(cork);
    settle().await;
    let mut packets: Vec<_> = (2..20).map(packet).collect();
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 6, "the queue is bounded all the same");
    assert!(out.take().is_empty());
    drop(second);
    assert_eq!(numbers(&out.take()), (0..8).collect::<Vec<_>>());
    assert_eq!(local.try_write_all(&mut packets).unwrap(), 8, "nobody holds anything back any more");
    assert_eq!(numbers(&out.take()), (8..16).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_cork_does_not_keep_a_session_from_closing() {
    let (session, out) = narrow(100, 8);
    let local = session.bind_local_stream(video()).unwrap();
    let cork = session.cork();
    local.try_write(packet(0)).unwrap();
    session.close().await.unwrap();
    assert_eq!(numbers(&out.take()), [0]);
    drop(cork);
    assert_eq!(session.counters().unaccounted_sends(), 0);
}

#[tokio::test(start_paused = true)]
async fn giants_fill_the_send_queue_by_their_bytes() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    out.set_room(Some(0));
    let session = session_with(wire, SessionOptions::default().with_send_queue_bytes(200_000));
    let local = session.bind_local_stream(video()).unwrap();
    let giant = || {
        let mut giant = packet(0);
        giant.set_payload(vec![0; 65_000]);
        giant
    };
    let taken = (0..100).take_while(|_| local.try_write(giant()).is_ok()).count();
    assert_eq!(taken, 4, "room is asked for before a packet, not for its size");
    let mut more = vec![giant()];
    assert_eq!(local.try_write_all(&mut more).unwrap(), 0);
    out.set_room(Some(2));
    settle().await;
    assert_eq!(out.take().len(), 2);
    assert_eq!((0..1000).take_while(|_| local.try_write(packet(1)).is_ok()).count(), 254);
    assert_eq!((0..1000).take_while(|_| local.try_write(giant()).is_ok()).count(), 0);
}
