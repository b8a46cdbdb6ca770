//! What came in is what went on and what a counter names.

use interceptor_core::{Context, Flow, Interceptor, Limits, Registry, Result, Stage, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{RemoteStream, Session, SessionOptions};

use crate::support::wire::Wire;
use crate::support::{number, packet, packet_of, session, session_with, settle, video};

/// The books close both ways, if so many packets have been read.
fn close_with(session: &Session, read: u64) {
    let counters = session.counters();
    assert_eq!((counters.unaccounted_rtp(read), counters.unaccounted_sends()), (0, 0), "{counters:#?}");
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
    assert_eq!(counters.waiting_rtp, 80 + 4 * 5);
    close_with(&session, 0);
    let read = read(&mut slow);
    assert_eq!(read, 80);
    close_with(&session, read);
    session.close().await.unwrap();
    assert_eq!((session.counters().unaccepted_at_close, session.counters().received_rtp), (4 * 5, 809));
    close_with(&session, read);
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

#[tokio::test(start_paused = true)]
async fn what_never_proves_to_be_a_stream_is_counted_apart() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let options = SessionOptions::default().with_probation_packets(2).with_probation_streams(10);
    let session = session_with(wire, options);
    (0..30).for_each(|ssrc| into.push(packet_of(ssrc, 0).to_bytes()));
    settle().await;
    assert_eq!((session.counters().dropped_unproven, session.counters().waiting_rtp), (20, 10));
    into.push(packet_of(4, 1).to_bytes());
    let mut remote = session.accept().await.unwrap().bind(StreamInfo::new(4, 96, 90_000)).unwrap();
    assert_eq!(read(&mut remote), 2);
    close_with(&session, 2);
    session.close().await.unwrap();
    assert_eq!(session.counters().unaccepted_at_close, 9);
    close_with(&session, 2);
}

/// Every packet of the wire whose number is a multiple of three is kept; every fourth becomes one more.
struct KeepsAndMakes;

impl Interceptor for KeepsAndMakes {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if number(packet).is_multiple_of(4) {
            cx.send_rtp(packet.clone());
        }
        Ok(if number(packet).is_multiple_of(3) { Flow::Consumed } else { Flow::Forward })
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if number(packet).is_multiple_of(4) {
            cx.deliver_rtp(packet.clone());
        }
        Ok(if number(packet).is_multiple_of(3) { Flow::Consumed } else { Flow::Forward })
    }
}

#[tokio::test(start_paused = true)]
async fn what_interceptors_keep_and_make_is_in_the_books() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    session.with_chain(|chain, now| chain.insert("both", Stage::NACK, KeepsAndMakes, now)).unwrap();
    // Some wait to be accepted, and pass the chain when the stream is bound.
    (0..12).for_each(|n| into.push(packet(n).to_bytes()));
    settle().await;
    let mut remote = session.bind_remote_stream(video()).unwrap();
    (12..24).for_each(|n| into.push(packet(n).to_bytes()));
    // Neither malformed RTP nor RTCP is RTP.
    into.push(vec![0x8f, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    into.push(vec![0x80, 201, 0, 1, 0, 0, 0, 7]);
    settle().await;
    let counters = session.counters();
    assert_eq!((counters.received_rtp, counters.consumed_rtp, counters.restored_rtp), (24, 8, 6));
    assert_eq!(read(&mut remote), 24 - 8 + 6);
    close_with(&session, 22);

    let local = session.bind_local_stream(video()).unwrap();
    for n in 0..24 {
        local.write(packet(n)).await.unwrap();
    }
    let counters = session.counters();
    assert_eq!((counters.written_rtp, counters.consumed_writes, counters.made_datagrams), (24, 8, 6));
    assert_eq!(counters.sent_datagrams, 22);
    close_with(&session, 22);
}

#[tokio::test(start_paused = true)]
async fn what_was_to_be_sent_is_sent_waits_or_is_counted() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_send_queue(8));
    let local = session.bind_local_stream(video()).unwrap();
    out.set_room(Some(3));
    let taken = (0..20).filter(|n| local.try_write(packet(*n)).is_ok()).count();
    assert_eq!((taken, session.counters().waiting_sends), (11, 8));
    close_with(&session, 0);
    out.fail_send(std::io::ErrorKind::HostUnreachable);
    settle().await;
    assert_eq!((session.counters().discarded_sends, session.counters().waiting_sends), (1, 7));
    close_with(&session, 0);
    session.close().await.unwrap();
    assert_eq!((session.counters().unsent_at_close, session.counters().waiting_sends), (7, 0));
    close_with(&session, 0);
}
