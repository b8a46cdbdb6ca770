//! What a receiver tells of packets, for all who control congestion by it.

use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::NtpTime;
use interceptor_core::{Chain, ChainConfig, Outgoing, Registry, StreamInfo};
use interceptor_twcc::{TwccFactory, TwccOptions};

use crate::traffic::{
    CLOCK_RATE, EXTENSION_ID, PAYLOAD_TYPE, Place, SPACING, TRANSPORT_WIDE, Traffic, received, ssrc, start,
};

/// Packets that a feedback message is about.
pub const PACKETS_A_FEEDBACK: u32 = 40;
/// Messages at a time in S7.
pub const FEEDBACKS: usize = 8;
/// Packets at a time in S7: those that as many messages are about.
pub const REPORTED: usize = FEEDBACKS * PACKETS_A_FEEDBACK as usize;

/// Packets of one stream, and the messages about them.
#[derive(Debug)]
pub struct FeedbackTraffic {
    traffic: Traffic,
    /// Ours, whoever sends: what comes in are bytes.
    receiver: Chain,
}

impl FeedbackTraffic {
    /// A receiver that has heard nothing yet.
    ///
    /// # Errors
    /// A chain that cannot be built.
    pub fn new() -> anyhow::Result<Self> {
        let each = SPACING * PACKETS_A_FEEDBACK;
        let options =
            TwccOptions::default().with_min_interval(each).with_first_interval(each).with_max_interval(each);
        let config = ChainConfig::new("receiver", start(), NtpTime::default(), 7);
        let mut receiver = Registry::new().with(TwccFactory::new(options)?).build(config)?;
        let begin = receiver.config().now;
        receiver.bind_remote(stream(), begin)?;
        Ok(Self { traffic: Traffic::new(1, begin), receiver })
    }

    /// Sends the packets of so many messages, then makes the messages.
    pub fn next(&mut self, messages: usize, into: &mut Vec<(Bytes, Instant)>, mut send: impl FnMut(&Place)) {
        for _ in 0..messages {
            let mut now = None;
            for place in self.traffic.by_ref().take(PACKETS_A_FEEDBACK as usize) {
                send(&place);
                let _ = self.receiver.read_rtp_in_place(&mut received(&place), place.at);
                now = Some(place.at);
            }
            let Some(now) = now else { return };
            self.receiver.handle_timeout(now);
            while let Some(packet) = self.receiver.poll_wire() {
                if let Outgoing::Rtcp(message) = packet {
                    into.push((message.as_bytes().clone(), now));
                }
            }
        }
        // All come when all packets have left.
        let Some(&(_, last)) = into.last() else { return };
        into.iter_mut().for_each(|(_, at)| *at = last);
    }
}

/// A stream that negotiated transport-wide feedback and nothing else.
#[must_use]
pub fn stream() -> StreamInfo {
    StreamInfo::new(ssrc(0), PAYLOAD_TYPE, CLOCK_RATE)
        .with_mime_type("video/VP8")
        .with_feedback("transport-cc", "")
        .with_extension(EXTENSION_ID, TRANSPORT_WIDE)
}
