//! What changes while a call runs.

use std::collections::BTreeSet;

use interceptor_test::Side;

use super::losses::{Seen, pace, send};
use super::peer::{Call, Set, packet, vp8};
use webrtc::track::track_local::TrackLocalWriter;

/// Loses the packets with these numbers of media, once each.
fn lose(call: &Call, numbers: impl IntoIterator<Item = u16>) {
    let mut to_lose: BTreeSet<u16> = numbers.into_iter().collect();
    call.link.drop_if(Side::A, move |_, datagram| match *datagram {
        // Payload type 96: media, whose numbers these are.
        [_, payload_type, high, low, ..] if payload_type & 0x7f == 96 => {
            to_lose.remove(&u16::from_be_bytes([high, low]))
        }
        _ => false,
    });
}

/// Another track, from another number, is sent in place of the first; with the host's own renumbering or without.
async fn replaced(rtx: bool, renumbered_by_the_host: bool) {
    let mut call = Call::new(&Set { rtx, ..Set::default() }).await;
    if renumbered_by_the_host {
        call.sender.enable_seq_transformer().unwrap();
    }
    call.connected().await;
    send(&call, 0..100).await;
    let mut seen = Seen::of(call.remote().await);
    seen.read(100).await;
    let other = vp8("another camera");
    call.sender.replace_track(Some(other.clone())).await.unwrap();
    // What is lost has the numbers of the wire, which go on.
    lose(&call, [110, 120, 121]);
    let mut pace = pace();
    for number in 40_000..40_100 {
        pace.tick().await;
        other.write_rtp(&packet(number)).await.unwrap();
    }
    seen.read(200).await;
    assert!(seen.times.keys().copied().eq(0..200), "one number after the other");
    let counters = call.a.chain.counters().unwrap();
    assert_eq!((counters.adapter.renumbered, call.link.counters(Side::A).lost), (1, 3));
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_track_goes_on_and_is_repaired() {
    replaced(true, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_track_goes_on_and_is_repaired_without_rtx() {
    replaced(false, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_track_is_repaired_where_the_host_renumbers_as_well() {
    replaced(true, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_track_that_is_negotiated_later_is_repaired_and_the_first_goes_on() {
    let mut call = Call::new(&Set::default()).await;
    call.connected().await;
    send(&call, 0..50).await;
    let mut first = Seen::of(call.remote().await);
    let other = vp8("another camera");
    call.a.connection.add_track(other.clone()).await.unwrap();
    call.negotiate().await;
    lose(&call, [1010, 1020]);
    let mut pace = pace();
    for number in 1000..1050 {
        pace.tick().await;
        other.write_rtp(&packet(number)).await.unwrap();
        call.write(number - 950).await;
    }
    let mut second = Seen::of(call.remote().await);
    first.read(100).await;
    second.read(50).await;
    assert!(second.times.keys().copied().eq(1000..1050));
    call.close().await;
}
