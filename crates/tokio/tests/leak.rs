//! Sessions leave nothing behind: no task, no socket, no memory. Alone in its process, whose resources it counts.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets the unexpected fails")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use allocation_counter::measure;
use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_packet::RtpPacket;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_tokio::{Session, UdpTransport};
use tokio::net::UdpSocket;
use tokio::runtime::{Builder, Handle};

const SSRC: u32 = 0x1122_3344;

fn info() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_feedback("nack", "").with_rtx(5, 97)
}

fn registry() -> Registry {
    Registry::new().with(ReportFactory::default()).with(RtxFactory::default()).with(NackFactory::default())
}

async fn pair(registry: &Registry) -> (Session, Session) {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (a, b) = (UdpSocket::bind(any).await.unwrap(), UdpSocket::bind(any).await.unwrap());
    a.connect(b.local_addr().unwrap()).await.unwrap();
    b.connect(a.local_addr().unwrap()).await.unwrap();
    let spawn = |socket| {
        let transport = UdpTransport::connected(socket).unwrap();
        Session::builder(registry, "leak").transport(transport).spawn().unwrap()
    };
    (spawn(a), spawn(b))
}

/// Two sessions that talk, with every kind of handle, some of which outlive them; every other pair is only dropped.
async fn open_and_end(registry: &Registry, round: usize) {
    let (a, b) = pair(registry).await;
    let (local, mut remote) = (a.bind_local_stream(info()).unwrap(), b.bind_remote_stream(info()).unwrap());
    let ((rtcp, mut compounds), mut events) = (b.rtcp(), a.events());
    for n in 0..4 {
        let packet =
            RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(n).payload(vec![0; 1000]);
        local.write(packet.build().unwrap()).await.unwrap();
        remote.read().await.unwrap();
    }
    // A reading task that nobody thinks of ends with the session.
    tokio::spawn(async move { while remote.read().await.is_ok() {} });
    tokio::spawn(async move { while events.read().await.is_ok() {} });
    tokio::spawn(async move { while compounds.read().await.is_ok() {} });
    if round.is_multiple_of(2) {
        a.close().await.unwrap();
        b.close().await.unwrap();
    }
    drop((a, b));
    drop((local, rtcp));
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Until all tasks have ended: what was dropped closes by itself.
async fn quiet(before: usize) {
    let ended = async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("tasks are left");
}

#[test]
fn a_thousand_sessions_leave_nothing_behind() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let registry = registry();
        // What is made once, and grows to its working size, is not a leak.
        for round in 0..50 {
            open_and_end(&registry, round).await;
        }
        quiet(0).await;
    });
    let before = descriptors();
    let memory = measure(|| {
        runtime.block_on(async {
            let registry = registry();
            for round in 0..500 {
                open_and_end(&registry, round).await;
            }
            quiet(0).await;
            assert_eq!(tasks(), 0);
        });
    });
    assert_eq!(descriptors(), before);
    // Less than a byte a session: the runtime's own lists may have grown.
    assert!(memory.bytes_current < 1000, "{memory:?}");
}
