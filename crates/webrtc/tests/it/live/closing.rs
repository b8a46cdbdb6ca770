//! What is left of a call: nothing.

use rtcp::goodbye::Goodbye;

use super::losses::{Seen, send};
use super::peer::{Call, Peer, Set, until, vp8};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goodbye_reaches_the_other_end() {
    let mut call = Call::new(&Set::default()).await;
    call.connected().await;
    send(&call, 0..20).await;
    let track = call.remote().await;
    let receiver = call.receiver();
    let mut seen = Seen::of(track);
    seen.read(20).await;
    let heard = tokio::spawn(async move {
        loop {
            let (packets, _) = receiver.read_rtcp().await.unwrap();
            if packets.iter().any(|packet| packet.as_any().is::<Goodbye>()) {
                return;
            }
        }
    });
    call.a.connection.close().await.unwrap();
    tokio::time::timeout(super::peer::STUCK, heard).await.expect("it comes").unwrap();
    call.b.connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_closed_leave_no_chain() {
    for _ in 0..3 {
        let mut call = Call::new(&Set::default()).await;
        call.connected().await;
        send(&call, 0..5).await;
        drop(call.remote().await);
        let chains = [call.a.chain.clone(), call.b.chain.clone()];
        call.close().await;
        until(|| chains.iter().all(interceptor_webrtc::ChainHandle::is_gone)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_peers_leave_no_chain_and_no_task() {
    let tasks = tokio::runtime::Handle::current();
    let before = tasks.metrics().num_alive_tasks();
    let mut chains = Vec::new();
    for _ in 0..1000 {
        let peer = Peer::new(&Set::default()).await;
        peer.connection.add_track(vp8("camera")).await.unwrap();
        chains.push(peer.chain.clone());
        peer.connection.close().await.unwrap();
    }
    until(|| chains.iter().all(interceptor_webrtc::ChainHandle::is_gone)).await;
    until(|| tasks.metrics().num_alive_tasks() <= before).await;
}
