//! A stream of RTP packets.

use std::time::Duration;

use interceptor_packet::RtpPacket;

use super::RtpTemplate;

/// An endless stream of RTP packets without gaps: sequence number +1 a packet, one timestamp a frame, the
/// marker at its end.
#[derive(Clone, Debug)]
pub struct RtpStream {
    template: RtpTemplate,
    sent: u64,
    ts_step: u32,
    packets_per_frame: u32,
}

impl RtpStream {
    pub(super) fn new(template: RtpTemplate) -> Self {
        Self { template, sent: 0, ts_step: 3000, packets_per_frame: 1 }
    }

    /// Units of the stream's clock from one frame to the next. Default 3000: 30 frames a second at 90 kHz.
    #[must_use]
    pub fn ts_step(mut self, units: u32) -> Self {
        self.ts_step = units;
        self
    }

    /// Packets of one frame. Default 1; zero counts as 1.
    #[must_use]
    pub fn packets_per_frame(mut self, packets: u32) -> Self {
        self.packets_per_frame = packets.max(1);
        self
    }

    /// The stream with the times at which to send it, for [`Pair::feed`](crate::Pair::feed): one packet each
    /// `interval`, the first at once.
    pub fn every(
        self,
        interval: Duration,
    ) -> impl Iterator<Item = (Duration, RtpPacket)> + Clone + Send + use<> {
        self.zip(0..).map(move |(packet, number)| (interval * number, packet))
    }

    /// As [`RtpStream::every`], but with all packets of a frame at once and one frame each `interval`.
    pub fn frames_every(
        self,
        interval: Duration,
    ) -> impl Iterator<Item = (Duration, RtpPacket)> + Clone + Send + use<> {
        let packets_per_frame = self.packets_per_frame;
        self.zip(0..).map(move |(packet, number)| (interval * (number / packets_per_frame), packet))
    }
}

impl Iterator for RtpStream {
    type Item = RtpPacket;

    fn next(&mut self) -> Option<RtpPacket> {
        let in_frame = self.sent % u64::from(self.packets_per_frame);
        self.template.marker = in_frame + 1 == u64::from(self.packets_per_frame);
        let packet = self.template.numbered(self.sent);
        self.sent += 1;
        self.template.seq = self.template.seq.wrapping_add(1);
        if self.template.marker {
            self.template.ts = self.template.ts.wrapping_add(self.ts_step);
        }
        Some(packet)
    }
}
