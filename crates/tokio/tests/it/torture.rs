//! Everything at once, on several threads: nothing may hang, panic or be left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use interceptor_core::{Interceptor, Stage, StreamInfo};
use interceptor_packet::RtcpPacket;
use interceptor_tokio::{Session, SessionOptions};
use tokio::task::JoinSet;

use crate::support::wire::{Lane, Wire};
use crate::support::{packet_of, session_with, within};

/// Takes no part.
struct Idle;

impl Interceptor for Idle {
    type Local = ();
    type Remote = ();
}

/// The transport takes a few datagrams, then none, then any number, and what leaves comes in again.
async fn echo(out: Arc<Lane>, into: Arc<Lane>, over: Arc<AtomicBool>) {
    let mut turn = 0_usize;
    while !over.load(Ordering::Relaxed) {
        turn += 1;
        out.set_room([Some(3), Some(0), Some(17), None][turn % 4]);
        for datagram in out.take() {
            into.push(datagram);
        }
        tokio::task::yield_now().await;
    }
    out.set_room(None);
}

async fn write(session: Session, ssrc: u32) {
    for round in 0..30 {
        let Ok(local) = session.bind_local_stream(StreamInfo::new(ssrc, 96, 90_000)) else { return };
        for n in 0..20 {
            let written = if n % 3 == 0 {
                local.try_write(packet_of(ssrc, n)).is_ok()
            } else {
                local.write(packet_of(ssrc, n)).await.is_ok()
            };
            if !written && session.ended().is_some() {
                return;
            }
        }
        let mut frame: Vec<_> = (0..10).map(|n| packet_of(ssrc, n)).collect();
        // Given up half way every other time.
        tokio::select! {
            biased;
            _ = local.write_all(&mut frame) => {}
            () = tokio::task::yield_now(), if round % 2 == 0 => {}
        }
    }
}

async fn read(session: Session) {
    while let Ok(incoming) = session.accept().await {
        let ssrc = incoming.ssrc();
        let Ok(mut remote) = incoming.bind(StreamInfo::new(ssrc, 96, 90_000)) else { continue };
        for _ in 0..5 {
            if remote.read().await.is_err() {
                return;
            }
        }
        // Unbound: offered no more. Bound again right away, so that packets keep coming.
        drop(remote);
        let _ = session.bind_remote_stream(StreamInfo::new(ssrc, 96, 90_000)).map(drop);
    }
}

async fn change(session: Session) {
    for _ in 0..100 {
        let _ = session.with_chain(|chain, now| chain.insert("idle", Stage::NACK, Idle, now));
        tokio::task::yield_now().await;
        let _ = session.with_chain(|chain, now| chain.remove("idle", now));
        let (rtcp, mut compounds) = session.rtcp();
        let bye = RtcpPacket::builder().bye(&[1], "").build().unwrap();
        let _ = rtcp.try_write(bye);
        let _ = (compounds.try_read(), session.counters(), session.layout());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_hangs_when_everything_happens_at_once() {
    within(async {
        for round in 0..20 {
            let wire = Wire::new();
            let (out, into) = wire.lanes();
            let session = session_with(wire, SessionOptions::default().with_send_queue(8));
            let over = Arc::new(AtomicBool::new(false));
            let echo = tokio::spawn(echo(Arc::clone(&out), into, Arc::clone(&over)));
            let mut tasks = JoinSet::new();
            for ssrc in 1..=6 {
                tasks.spawn(write(session.clone(), ssrc));
            }
            tasks.spawn(change(session.clone()));
            let reading = [tokio::spawn(read(session.clone())), tokio::spawn(read(session.clone()))];
            if round % 2 == 0 {
                // Every other session is closed in the middle of it.
                tasks.join_next().await;
                session.close().await.unwrap();
            }
            while let Some(result) = tasks.join_next().await {
                result.unwrap();
            }
            session.close().await.unwrap();
            for reader in reading {
                reader.await.unwrap();
            }
            over.store(true, Ordering::Relaxed);
            echo.await.unwrap();
            assert!(out.is_dropped());
        }
    })
    .await;
}
