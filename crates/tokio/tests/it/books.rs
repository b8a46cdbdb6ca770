//! What came in is what went on and what a counter names.

use interceptor_core::{Limits, Registry, StreamInfo};
use interceptor_tokio::{RemoteStream, Session, SessionOptions};

use crate::support::wire::Wire;
use crate::support::{packet, packet_of, session, settle, video};

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
