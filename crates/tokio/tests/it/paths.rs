//! One session over several networks.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::Registry;
use interceptor_merge::{DuplicateFactory, Merge, MergeFactory};
use interceptor_packet::{RtcpPacket, RtpPacket};
use interceptor_report::ReportFactory;
use interceptor_test::{Jitter, LinkOptions, Loss};
use interceptor_tokio::{Session, SessionError, UdpTransport};
use tokio::net::UdpSocket;

use crate::support::relay::{Relay, relay};
use crate::support::wire::{Lane, Wire};
use crate::support::{SSRC, number, numbers, packet, settle, sockets, video, within};

/// What leaves over a wire, and what comes.
type Lanes = (Arc<Lane>, Arc<Lane>);

/// A session over two wires, 0 and 1, and what it sends and receives over each.
fn two_wires() -> (Session, [Lanes; 2]) {
    let wires = [Wire::new(), Wire::new()];
    let lanes = [wires[0].lanes(), wires[1].lanes()];
    let [first, second] = wires;
    let session =
        Session::builder(&Registry::new(), "two").path(0, first).path(1, second).seed(7).spawn().unwrap();
    (session, lanes)
}

fn over(path: u8, number: u32) -> RtpPacket {
    let mut packet = packet(number);
    packet.info_mut().path = path;
    packet
}

/// Paths and numbers of all that waits to be read.
async fn read(remote: &mut interceptor_tokio::RemoteStream) -> Vec<(u8, u32)> {
    settle().await;
    std::iter::from_fn(|| remote.try_read()).map(|packet| (packet.info().path, number(&packet))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_packet_says_which_path_it_came_over() {
    let (session, [(_, first), (_, second)]) = two_wires();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let (_, mut rtcp) = session.rtcp();
    let mut raw = session.raw();
    for n in 0..3 {
        first.push(packet(n).to_bytes());
        second.push(packet(10 + n).to_bytes());
    }
    assert_eq!(read(&mut remote).await, [(0, 0), (0, 1), (0, 2), (1, 10), (1, 11), (1, 12)]);
    second.push(RtcpPacket::builder().pli(1, SSRC).build().unwrap().as_bytes().to_vec());
    assert_eq!(rtcp.read().await.unwrap().info().path, 1);
    second.push(&b"\x16dtls"[..]);
    assert_eq!(raw.read().await.unwrap().path, 1);
}

#[tokio::test(start_paused = true)]
async fn a_path_that_is_always_ready_keeps_no_other_waiting() {
    let (session, [(_, first), (_, second)]) = two_wires();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    second.push(packet(1000).to_bytes());
    let busy = tokio::spawn(async move {
        loop {
            first.push(packet(0).to_bytes());
            tokio::task::yield_now().await;
        }
    });
    let mut before = 0;
    while number(&remote.read().await.unwrap()) != 1000 {
        before += 1;
    }
    assert!(before < 100, "{before} came before it");
    busy.abort();
}

#[tokio::test(start_paused = true)]
async fn a_packet_leaves_by_its_path() {
    let (session, [(first, _), (second, _)]) = two_wires();
    let local = session.bind_local_stream(video()).unwrap();
    for (path, n) in [(0, 1), (1, 2), (1, 3), (0, 4)] {
        local.write(over(path, n)).await.unwrap();
    }
    session.send_raw(Bytes::from_static(b"\x16dtls")).await.unwrap();
    settle().await;
    let mut of_first = first.take();
    assert_eq!(of_first.pop().as_deref(), Some(&b"\x16dtls"[..]));
    assert_eq!((numbers(&of_first), numbers(&second.take())), (vec![1, 4], vec![2, 3]));
    assert_eq!((session.counters().sent_datagrams, session.counters().unaccounted_sends()), (5, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_for_a_path_that_there_is_not_is_counted() {
    let (session, [(first, _), (second, _)]) = two_wires();
    let local = session.bind_local_stream(video()).unwrap();
    for (path, n) in [(0, 1), (7, 2), (1, 3)] {
        local.write(over(path, n)).await.unwrap();
    }
    settle().await;
    assert_eq!((numbers(&first.take()), numbers(&second.take())), (vec![1], vec![3]));
    let counters = session.counters();
    assert_eq!((counters.sent_datagrams, counters.discarded_sends, counters.unaccounted_sends()), (2, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn without_paths_all_leave_by_the_one_transport() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = crate::support::session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    for path in [0, 1, 7] {
        local.write(over(path, path.into())).await.unwrap();
    }
    settle().await;
    assert_eq!(numbers(&out.take()), [0, 1, 7]);
}

#[tokio::test(start_paused = true)]
async fn of_a_burst_nothing_is_discarded_for_a_path_that_takes_it() {
    let (session, [(first, _), (second, _)]) = two_wires();
    let local = session.bind_local_stream(video()).unwrap();
    // A key frame of a hundred packets, over both: all are queued before any leaves.
    let mut burst: Vec<RtpPacket> = (0..100).flat_map(|n| [over(0, n), over(1, n)]).collect();
    local.write_all(&mut burst).await.unwrap();
    settle().await;
    let all: Vec<u32> = (0..100).collect();
    assert_eq!((numbers(&first.take()), numbers(&second.take())), (all.clone(), all));
    let counters = session.counters();
    assert_eq!(
        (counters.sent_datagrams, counters.discarded_sends, counters.unaccounted_sends()),
        (200, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_path_that_takes_nothing_does_not_hold_the_other_up() {
    let (session, [(first, _), (second, _)]) = two_wires();
    let local = session.bind_local_stream(video()).unwrap();
    second.set_room(Some(0));
    for n in 0..1000 {
        local.write(over(0, n)).await.unwrap();
        local.write(over(1, n)).await.unwrap();
    }
    settle().await;
    assert_eq!(first.take().len(), 1000);
    let counters = session.counters();
    assert_eq!((counters.discarded_sends, counters.waiting_sends), (1000 - 64, 64));
    // What it had room for leaves when it takes something again.
    second.set_room(None);
    settle().await;
    assert_eq!(numbers(&second.take()), (0..64).collect::<Vec<_>>());
    local.write(over(1, 2000)).await.unwrap();
    settle().await;
    assert_eq!(numbers(&second.take()), [2000]);
    let counters = session.counters();
    assert_eq!((counters.waiting_sends, counters.unaccounted_sends()), (0, 0));
    assert_eq!(counters.sent_datagrams, 1000 + 64 + 1);
}

#[tokio::test(start_paused = true)]
async fn a_path_that_fails_does_not_end_the_session_and_the_last_one_does() {
    for sends in [true, false] {
        let (session, [(first, into_first), (second, into_second)]) = two_wires();
        let local = session.bind_local_stream(video()).unwrap();
        let mut remote = session.bind_remote_stream(video()).unwrap();
        if sends {
            first.fail_send(ErrorKind::BrokenPipe);
            local.write(over(0, 0)).await.unwrap();
        } else {
            into_first.fail_receive(ErrorKind::UnexpectedEof);
        }
        settle().await;
        for n in 1..100 {
            local.write(over(0, n)).await.unwrap();
            local.write(over(1, n)).await.unwrap();
            into_second.push(packet(n).to_bytes());
        }
        assert_eq!(read(&mut remote).await.len(), 99);
        assert_eq!((first.take().len(), second.take().len()), (0, 99));
        let counters = session.counters();
        assert_eq!((counters.discarded_sends, counters.unaccounted_sends()), (99 + u64::from(sends), 0));
        assert!(session.ended().is_none());
        into_second.fail_receive(ErrorKind::UnexpectedEof);
        settle().await;
        assert!(
            matches!(session.ended(), Some(SessionError::Transport(error)) if error.kind() == ErrorKind::UnexpectedEof)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn when_all_senders_have_failed_the_session_ends() {
    let (session, [(first, _), (second, _)]) = two_wires();
    let local = session.bind_local_stream(video()).unwrap();
    for (path, lane) in [(0, first), (1, second)] {
        assert!(session.ended().is_none());
        lane.fail_send(ErrorKind::BrokenPipe);
        // A writer may be told of it already.
        let _ = local.write(over(path, 0)).await;
        settle().await;
    }
    assert!(
        matches!(session.ended(), Some(SessionError::Transport(error)) if error.kind() == ErrorKind::BrokenPipe)
    );
}

#[tokio::test(start_paused = true)]
async fn errors_of_one_path_without_end_give_up_that_path_alone() {
    let (session, [_, (_, second)]) = two_wires();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    for _ in 0..200 {
        second.fail_receive(ErrorKind::ConnectionRefused);
        settle().await;
    }
    assert!(session.ended().is_none(), "{:?}", session.ended());
    assert_eq!(session.counters().receive_errors, 10);
    assert_eq!(read(&mut remote).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_closed_session_has_sent_what_waited_and_closed_each_path() {
    let (session, [(first, _), (second, _)]) = two_wires();
    let local = session.bind_local_stream(video()).unwrap();
    second.set_room(Some(0));
    for n in 0..10 {
        local.write(over(1, n)).await.unwrap();
    }
    let closing = tokio::spawn({
        let session = session.clone();
        async move { session.close().await }
    });
    settle().await;
    assert!(!closing.is_finished());
    second.set_room(None);
    closing.await.unwrap().unwrap();
    assert_eq!(second.take().len(), 10);
    assert!(first.is_closed() && second.is_closed());
    assert_eq!(session.counters().unaccounted_sends(), 0);
}

fn copying() -> Registry {
    Registry::new()
        .with(DuplicateFactory::default())
        .with(MergeFactory::default())
        .with(ReportFactory::default())
}

/// Two sessions joined by a virtual link a path.
fn joined(links: [LinkOptions; 2]) -> (Session, Session, [Relay; 2]) {
    let registry = copying();
    let near = [Wire::new(), Wire::new()];
    let far = [Wire::new(), Wire::new()];
    let mut seed = 10;
    let relays = [0, 1].map(|path: usize| {
        seed += 10;
        let (out, into) = near[path].lanes();
        let (far_out, far_into) = far[path].lanes();
        relay((out, into), (far_out, far_into), links[path].clone(), seed)
    });
    let session = |[first, second]: [Wire; 2]| {
        Session::builder(&registry, "two").path(0, first).path(1, second).seed(7).spawn().unwrap()
    };
    (session(near), session(far), relays)
}

#[tokio::test(start_paused = true)]
async fn over_two_virtual_links_one_of_which_dies_nothing_is_lost() {
    let outage = Loss::outage(Duration::from_secs(1)..Duration::from_secs(11));
    let slow = LinkOptions::default().with_delay(Duration::from_millis(40));
    let slow = slow.with_jitter(Jitter::uniform(Duration::from_millis(5)));
    let quick = LinkOptions::default().with_delay(Duration::from_millis(10)).with_loss(outage);
    let (a, b, _relays) = joined([quick, slow]);
    let (local, mut remote) = (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
    let sending = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(5));
        for n in 0..3000 {
            pace.tick().await;
            local.write(packet(n)).await.unwrap();
        }
        local
    });
    let mut came = Vec::new();
    while came.len() < 3000 {
        came.push(number(&remote.read().await.unwrap()));
    }
    came.sort_unstable();
    assert_eq!(came, (0..3000).collect::<Vec<_>>());
    let local = sending.await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(remote.try_read().is_none(), "and nothing comes twice");
    let merged = b.with_chain(|chain, _| *chain.get::<Merge>().unwrap().counters());
    assert_eq!(merged.passed, 3000);
    // Each report leaves over both, so the sender hears of them all the time.
    assert!(a.counters().received_datagrams > 0);
    drop(local);
}

#[tokio::test]
async fn over_two_pairs_of_sockets_one_of_which_goes_nothing_is_lost() {
    within(async {
        let registry = copying();
        let ((a0, b0), (a1, b1)) = (sockets().await, sockets().await);
        let session = |first, second| {
            let first = UdpTransport::connected(first).unwrap();
            let second = UdpTransport::connected(second).unwrap();
            Session::builder(&registry, "two").path(0, first).path(1, second).spawn().unwrap()
        };
        let a = session(a0, a1);
        // The first of the far end's sockets is read by hand: it goes away in the middle.
        let far =
            Session::builder(&registry, "far").path(1, UdpTransport::connected(b1).unwrap()).spawn().unwrap();
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), far.bind_remote_stream(video()).unwrap());
        let mut b0: Option<UdpSocket> = Some(b0);
        let mut buffer = [0; 100];
        for n in 0..200 {
            local.write(packet(n)).await.unwrap();
            let came = remote.read().await.unwrap();
            assert_eq!((came.info().path, number(&came)), (1, n));
            if let Some(socket) = &b0 {
                assert_eq!(socket.recv(&mut buffer).await.unwrap(), 16);
            }
            if n == 100 {
                b0 = None;
            }
        }
        let counters = a.counters();
        assert!(counters.send_errors + counters.receive_errors > 0, "{counters:?}");
        assert!(a.ended().is_none());
        a.close().await.unwrap();
        far.close().await.unwrap();
    })
    .await;
}
