//! What comes in from a publisher is forwarded to whoever gets it.

use std::sync::Arc;

use interceptor_core::Registry;
use interceptor_keyframe::KeyframeFactory;
use interceptor_keyframe::detect::{Start, vp8};
use interceptor_nack::NackFactory;
use interceptor_packet::{Rtcp, RtpPacket};
use interceptor_report::ReportFactory;
use interceptor_tokio::rewriter::SourceId;
use interceptor_tokio::{Fanout, Part, RemoteStream, RtcpReceiver, Session, Transport};

use super::choice::LAYERS;
use super::{Result, source, video};

/// Packets that are forwarded in one go.
const MAX_BATCH: usize = 64;

/// The forwarder's side of a publisher, until the session ends.
pub(crate) fn spawn(transport: impl Transport, publisher: u32, fanout: &Fanout) -> Result {
    let registry = Registry::new()
        .with(ReportFactory::default())
        .with(NackFactory::default())
        .with(KeyframeFactory::default());
    let session = Session::builder(&registry, format!("publisher-{publisher}"));
    let session = Arc::new(session.transport(transport).seed(10 + u64::from(publisher)).spawn()?);
    for layer in 0..LAYERS {
        let source = source(publisher, layer);
        let stream = session.bind_remote_stream(video(source.0))?;
        tokio::spawn(forward(Arc::clone(&session), stream, source, fanout.clone()));
    }
    tokio::spawn(reports(session.rtcp().1, fanout.clone()));
    Ok(())
}

async fn forward(session: Arc<Session>, mut stream: RemoteStream, source: SourceId, fanout: Fanout) {
    let mut packets = Vec::with_capacity(MAX_BATCH);
    while stream.read_many(&mut packets, MAX_BATCH).await.is_ok() {
        let forwarded = fanout.forward(source, &packets, part);
        if forwarded.key_frame_wanted {
            // However many want one: the chain asks at a pace.
            session.request_keyframe(stream.ssrc());
        }
        packets.clear();
    }
}

/// These cameras have no temporal layers.
fn part(packet: &RtpPacket) -> Part {
    if vp8(packet.payload()) == Start::Key { Part::KEY } else { Part::BASE }
}

/// With sender reports of two sources a switch from one to the other is exact.
async fn reports(mut rtcp: RtcpReceiver, fanout: Fanout) {
    while let Ok(compound) = rtcp.read().await {
        for view in compound.packets() {
            if let Rtcp::SenderReport(report) = view {
                fanout.sender_report(SourceId(report.ssrc()), report.ntp(), report.rtp_timestamp());
            }
        }
    }
}
