//! What the inspector makes of TCP segments: the RTP and RTCP that RTSP connections carry.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::{Kind, RtcpPacket, classify};

use super::flows::Belief;
use super::frame::{Datagram, Segment};
use super::inspector::Inspector;
use super::interleaved::{Channel, Event, Interleaved, Limits};
use super::traffic::is_cut_off;

impl Inspector {
    /// Takes in a segment of a frame of `captured` bytes.
    #[cold]
    pub(super) fn segment(&mut self, since: Duration, segment: &Segment<'_>, captured: usize) {
        self.traffic.segment();
        let limits = Limits { flows: self.options.max_tcp_flows, bytes: self.options.max_tcp_bytes };
        let server = segment.endpoints.src.port();
        self.with_interleaved(server, captured, |interleaved, out| {
            interleaved.receive(since, segment, limits, out);
        });
    }

    /// A file has ended, and with it what its connections wait for.
    pub(super) fn flush_tcp(&mut self) {
        self.with_interleaved(0, 0, |interleaved, out| interleaved.flush(out));
    }

    fn with_interleaved(
        &mut self,
        server: u16,
        captured: usize,
        act: impl FnOnce(&mut Interleaved, &mut dyn FnMut(Event<'_>)),
    ) {
        let mut interleaved = std::mem::take(&mut self.interleaved);
        act(&mut interleaved, &mut |event| match event {
            Event::Frame { since, datagram, channel } => self.framed(since, &datagram, channel, captured),
            // Its media have no ports of their own: what it says holds for the connection.
            Event::Session(session) => session.describe_for(server, &mut self.types),
        });
        self.interleaved = interleaved;
    }

    /// A channel says what it carries, which the first bytes alone do not: payload types 64 to 95 with the marker look like
    /// RTCP (RFC 5761 §4).
    fn framed(&mut self, since: Duration, datagram: &Datagram<'_>, channel: Channel, captured: usize) {
        let is_wanted = self.is_wanted(datagram.endpoints);
        let is_rtcp = classify(datagram.payload) == Kind::Rtcp;
        let is_disguised = || match channel {
            Channel::Rtp => true,
            Channel::Even => !is_compound(datagram.payload),
            Channel::Other => false,
        };
        if is_cut_off(datagram) && is_wanted {
            self.traffic.cut_datagram(datagram, captured);
        } else if is_wanted && is_rtcp && is_disguised() {
            self.flows.receive(datagram, Belief::Sure, since, &self.types);
        } else {
            // Nor does what looks like RTCP on a channel for that make a stream by a single packet.
            let declared = channel != Channel::Other || !is_rtcp;
            self.dispatch(&Datagram { declared, ..*datagram }, since);
        }
    }
}

fn is_compound(data: &[u8]) -> bool {
    RtcpPacket::parse(Bytes::copy_from_slice(data)).is_ok_and(|packet| packet.malformed() == 0)
}
