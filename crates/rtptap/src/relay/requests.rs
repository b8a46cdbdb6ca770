//! Carries key frame requests from the targets to the source, whose `keyframe` interceptor makes them few.

use std::sync::Arc;

use interceptor_keyframe::{Keyframe, RemoteStream};
use interceptor_packet::{Rtcp, RtcpPacket};
use tokio::sync::mpsc;

use super::leg::Leg;

/// Requests that wait; more are repeated by who made them.
const MAX_WAITING: usize = 256;

/// How targets ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Picture loss indication (RFC 4585 §6.3.1).
    Pli,
    /// Full intra request (RFC 5104 §4.3.1): the stronger one, and sent if anybody has asked so.
    Fir,
}

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

/// Tells the source's leg what targets need, until they end.
pub(super) async fn forward(mut asked: mpsc::Receiver<Asked>, source: Arc<Leg>) {
    while let Some((ssrc, kind)) = asked.recv().await {
        if kind == Kind::Fir {
            source.session.with_chain(|chain, _| {
                chain.with_streams::<Keyframe, _>(|_, mut streams| {
                    streams.remote(ssrc).map(RemoteStream::ask_by_fir)
                })
            });
        }
        source.session.request_keyframe(ssrc);
    }
}
