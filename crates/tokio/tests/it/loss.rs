//! Sessions that lose packets on the way and repair them: in memory, over UDP, over a virtual network.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_test::{Jitter, LinkOptions, Loss, stream_info};
use interceptor_tokio::{Session, SessionOptions, Transport, UdpTransport};
use tokio::time::MissedTickBehavior;
use webrtc_util::vnet::net::{Net, NetConfig};
use webrtc_util::vnet::router::{Router, RouterConfig};

use crate::support::relay::relay;
use crate::support::wire::Wire;
use crate::support::{SSRC, number, packet, session_of, socket, within};

const RTX: u32 = 0x5566_7788;

pub(crate) fn repairing(transport: impl Transport) -> Session {
    repairing_with(transport, NackOptions::default())
}

/// For real time: a machine that stands still for a second must not make a packet too old to ask for.
fn patient(transport: impl Transport) -> Session {
    let age = Duration::from_secs(20);
    let options = NackOptions::default().with_max_age(age).with_send_history_age(age).with_max_requests(100);
    repairing_with(transport, options)
}

fn repairing_with(transport: impl Transport, options: NackOptions) -> Session {
    let registry = Registry::new()
        .with(ReportFactory::default())
        .with(RtxFactory::default())
        .with(NackFactory::new(options).unwrap());
    session_of(&registry, transport, SessionOptions::default())
}

/// What became of the first packets of a stream.
pub(crate) struct Outcome {
    delivered: usize,
    recovered: usize,
}

/// Sends `count` packets, one every `pace`, from `a` to `b`, and more until the first `count` are complete or as many
/// again have followed: the last loss shows only by what comes after it. What has not come two seconds later is lost.
pub(crate) async fn stream(a: &Session, b: &Session, count: u32, pace: Duration) -> Outcome {
    let info = stream_info::video_with_rtx(SSRC, RTX);
    let (local, mut remote) =
        (a.bind_local_stream(info.clone()).unwrap(), b.bind_remote_stream(info).unwrap());
    let receiving = tokio::spawn(async move {
        let (mut seen, mut recovered) = (BTreeSet::new(), 0);
        while seen.len() < count as usize {
            let Ok(packet) = remote.read().await else { break };
            let number = number(&packet);
            if number < count && seen.insert(number) {
                recovered += usize::from(packet.info().recovered_by.is_some());
            }
        }
        Outcome { delivered: seen.len(), recovered }
    });
    let mut ticks = tokio::time::interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sent = 0;
    while !receiving.is_finished() && sent < 2 * count + 2000 / pace.as_millis() as u32 {
        ticks.tick().await;
        if sent < 2 * count {
            local.write(packet(sent)).await.unwrap();
        }
        sent += 1;
    }
    if !receiving.is_finished() {
        b.close().await.unwrap();
    }
    receiving.await.unwrap()
}

/// At 5 % loss 99.9 % must arrive, and it must be the repair that did it.
pub(crate) fn check(outcome: &Outcome, count: u32) {
    let Outcome { delivered, recovered } = *outcome;
    assert!(delivered * 1000 >= count as usize * 999, "{delivered} of {count} packets arrived");
    assert!(recovered * 100 > count as usize * 3, "{recovered} of {count} packets were recovered");
}

pub(crate) fn lossy(delay: Duration) -> LinkOptions {
    LinkOptions::default().with_delay(delay).with_loss(Loss::random(0.05))
}

#[tokio::test(start_paused = true)]
async fn five_percent_loss_is_repaired_on_virtual_time() {
    let (left, right) = (Wire::new(), Wire::new());
    let (ports, options) = ((left.lanes(), right.lanes()), lossy(Duration::from_millis(40)));
    let options = options.with_jitter(Jitter::uniform(Duration::from_millis(5)));
    let _relay = relay(ports.0, ports.1, options, 11);
    let (a, b) = (repairing(left), repairing(right));
    let outcome = stream(&a, &b, 5000, Duration::from_millis(5)).await;
    check(&outcome, 5000);
    // Reports have crossed as well, on their own timers: the sender knows the round trip.
    let rtt = a.with_chain(|chain, _| chain.facts().rtt()).expect("no report came back");
    assert!((70..=100).contains(&rtt.smoothed.as_millis()), "{rtt:?}");
    a.close().await.unwrap();
    b.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_same_seeds_give_the_same_call() {
    let run = || async {
        let (left, right) = (Wire::new(), Wire::new());
        let _relay = relay(left.lanes(), right.lanes(), lossy(Duration::from_millis(40)), 11);
        let (a, b) = (repairing(left), repairing(right));
        let Outcome { delivered, recovered } = stream(&a, &b, 500, Duration::from_millis(5)).await;
        (delivered, recovered, a.counters(), b.counters())
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn five_percent_loss_is_repaired_over_udp() {
    within(async {
        let (a, b) = udp_over_relay().await;
        let (a, b) = (patient(a), patient(b));
        let outcome = stream(&a, &b, 1500, Duration::from_millis(1)).await;
        check(&outcome, 1500);
        a.close().await.unwrap();
        b.close().await.unwrap();
    })
    .await;
}

/// Two transports with a lossy relay between them, which runs until the runtime ends.
async fn udp_over_relay() -> (UdpTransport, UdpTransport) {
    let [a, near, far, b] = [socket().await, socket().await, socket().await, socket().await];
    for (one, other) in [(&a, &near), (&far, &b)] {
        one.connect(other.local_addr().unwrap()).await.unwrap();
        other.connect(one.local_addr().unwrap()).await.unwrap();
    }
    std::mem::forget(relay(near, far, lossy(Duration::from_millis(3)), 12));
    (UdpTransport::connected(a).unwrap(), UdpTransport::connected(b).unwrap())
}

/// Lets 95 % through, by a sequence that is the same in every run.
fn nineteen_in_twenty() -> impl Fn() -> bool {
    // The first one passes: nobody asks for what came before the first packet.
    let state = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
    move || {
        let step = |x: u64| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let last = state.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
        last.is_ok_and(|x| (x >> 33) % 20 != 0)
    }
}

#[tokio::test]
async fn five_percent_loss_is_repaired_over_a_virtual_network() {
    within(async {
        let cidr = "10.0.0.0/24".to_owned();
        let router = Router::new(RouterConfig { cidr, ..Default::default() }).unwrap();
        let router = Arc::new(tokio::sync::Mutex::new(router));
        let passes = nineteen_in_twenty();
        router.lock().await.add_chunk_filter(Box::new(move |_| passes())).await;
        let (here, there): (SocketAddr, SocketAddr) =
            ("10.0.0.1:5000".parse().unwrap(), "10.0.0.2:5000".parse().unwrap());
        let mut nets = Vec::new();
        for address in [here, there] {
            let static_ips = vec![address.ip().to_string()];
            let net = Net::new(Some(NetConfig { static_ips, ..Default::default() }));
            let nic = net.get_nic().unwrap();
            router.lock().await.add_net(Arc::clone(&nic)).await.unwrap();
            nic.lock().await.set_router(Arc::clone(&router)).await.unwrap();
            nets.push(net);
        }
        router.lock().await.start().await.unwrap();
        let (a, b) = (nets[0].bind(here).await.unwrap(), nets[1].bind(there).await.unwrap());
        a.connect(there).await.unwrap();
        b.connect(here).await.unwrap();
        let (a, b) = (patient(a), patient(b));
        let outcome = stream(&a, &b, 1500, Duration::from_millis(1)).await;
        check(&outcome, 1500);
        a.close().await.unwrap();
        b.close().await.unwrap();
        router.lock().await.stop().await.unwrap();
    })
    .await;
}
