//! Carries key frame requests from the targets to the source.

use std::sync::Arc;
use std::time::Duration;

use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::RtcpSender;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::keyframes::{KeyframeRequests, Kind, Request};
use super::leg::Leg;

/// Requests that wait; more are repeated by who made them.
const MAX_WAITING: usize = 256;

/// A stream, and how a key frame of it is asked for.
type Asked = (u32, Kind);

/// Reads the RTCP of a target until its session ends.
pub(super) async fn listen(target: Arc<Leg>, asked: mpsc::Sender<Asked>) {
    let (_, mut rtcp) = target.session.rtcp();
    while let Ok(packet) = rtcp.read().await {
        for (ssrc, kind) in requests(&packet) {
            if target.session.with_chain(|chain, _| chain.local_stream(ssrc).is_some()) {
                let _ = asked.try_send((ssrc, kind));
            }
        }
    }
}

fn requests(packet: &RtcpPacket) -> Vec<Asked> {
    let mut found = Vec::new();
    for message in packet.packets() {
        match message {
            Rtcp::Pli(pli) => found.push((pli.media_ssrc(), Kind::Pli)),
            Rtcp::Fir(fir) => found.extend(fir.entries().map(|entry| (entry.ssrc, Kind::Fir))),
            _ => {}
        }
    }
    found
}

/// Where targets' requests go to.
pub(super) fn desk() -> (mpsc::Sender<Asked>, mpsc::Receiver<Asked>) {
    mpsc::channel(MAX_WAITING)
}

/// Asks the source, for all targets together, until they or the source end.
pub(super) async fn forward(mut asked: mpsc::Receiver<Asked>, source: Arc<Leg>, interval: Duration) {
    let (rtcp, _) = source.session.rtcp();
    let sender_ssrc = source.session.sender_ssrc();
    let mut requests = KeyframeRequests::new(interval);
    loop {
        let due = requests.next_timeout();
        let until = due.map_or_else(Instant::now, Instant::from_std);
        tokio::select! {
            request = asked.recv() => {
                let Some((ssrc, kind)) = request else { return };
                if let Some(request) = requests.ask(ssrc, kind, Instant::now().into_std()) {
                    send(&rtcp, sender_ssrc, request);
                }
            }
            () = tokio::time::sleep_until(until), if due.is_some() => {
                for request in requests.due(Instant::now().into_std()) {
                    send(&rtcp, sender_ssrc, request);
                }
            }
        }
    }
}

fn send(rtcp: &RtcpSender, sender_ssrc: u32, request: Request) {
    let mut packet = RtcpPacket::builder();
    match request {
        Request::Pli { ssrc } => packet.pli(sender_ssrc, ssrc),
        Request::Fir { ssrc, sequence_number } => packet.fir(sender_ssrc, &[(ssrc, sequence_number)]),
    };
    // One that finds no room is asked for again by whoever needs the picture.
    if let Ok(packet) = packet.build() {
        let _ = rtcp.try_write(packet);
    }
}
