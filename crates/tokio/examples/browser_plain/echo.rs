//! Sends streams back to where they came from.

use std::time::Duration;

use interceptor_tokio::packet::{PacketInfo, Rtcp, RtcpPacket, RtpPacket};
use interceptor_tokio::{LocalStream, Session, SessionError};
use tokio::time::Instant;

use crate::order::Order;

/// How long a packet may be on its way for the second or third time; a decoder would ask for a key frame then.
const PATIENCE: Duration = Duration::from_secs(1);

/// What comes in leaves again, as another stream.
#[derive(Debug)]
pub(crate) struct Echo {
    order: Order,
    out: LocalStream,
}

impl Echo {
    /// By this stream. Where it can be asked for what is missing it leaves in order, and nothing misses in it that will come yet.
    pub(crate) fn new(out: LocalStream) -> Self {
        let repaired = out.info().has_feedback("nack", "");
        Self { order: Order::new(if repaired { PATIENCE } else { Duration::ZERO }), out }
    }

    /// Takes a packet, and sends what may leave.
    pub(crate) async fn send(&mut self, packet: RtpPacket) -> Result<(), SessionError> {
        for mut packet in self.order.push(packet, Instant::now().into_std()) {
            packet.set_ssrc(self.out.ssrc());
            // Numbers and times of the way here mean nothing on the way back.
            packet.clear_extensions();
            *packet.info_mut() = PacketInfo::default();
            self.out.write(packet).await?;
        }
        Ok(())
    }
}

/// When the peer cannot decode an echo its source is asked for a key frame: until the session ends. `echoes` are pairs of SSRCs, the
/// source and what is sent back of it.
pub(crate) async fn pass_on_key_frame_requests(
    session: Session,
    echoes: Vec<(u32, u32)>,
) -> Result<(), SessionError> {
    let us = session.sender_ssrc();
    let (sender, mut receiver) = session.rtcp();
    // Readers and writers keep no session alive, as this would.
    drop(session);
    loop {
        let compound = receiver.read().await?;
        let asked = compound.packets().filter_map(|packet| match packet {
            Rtcp::Pli(pli) => Some(pli.media_ssrc()),
            _ => None,
        });
        let sources = asked
            .filter_map(|asked| echoes.iter().find(|(_, echo)| *echo == asked).map(|(source, _)| *source));
        for source in sources.collect::<Vec<_>>() {
            if let Ok(pli) = RtcpPacket::builder().pli(us, source).build() {
                sender.write(pli).await?;
            }
        }
    }
}
