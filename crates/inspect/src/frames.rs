//! What the inspector makes of a frame, by what is in it.

use std::time::Duration;

use super::Endpoints;
use super::capture::Record;
use super::frame::{Frame, Part, dissect_part};
use super::inspector::Inspector;
use super::traffic::is_cut_off;

impl Inspector {
    #[inline]
    pub(super) fn frame(&mut self, since: Duration, record: &Record<'_>, link: u16, data: &[u8]) {
        let (frame, part) = dissect_part(link, data, record.wire_len);
        if part != Part::Whole {
            self.fragments.receive(part);
        }
        if let (None, Some(endpoints)) = (record.at, frame.endpoints()) {
            self.untimed.saw(endpoints, self.options.max_flows);
        }
        match frame {
            Frame::Udp(datagram) if is_cut_off(&datagram) && self.is_wanted(datagram.endpoints) => {
                self.traffic.cut_datagram(&datagram, data.len());
            }
            Frame::Udp(datagram) => self.dispatch(&datagram, since),
            Frame::Tcp(segment) => self.segment(since, &segment, data.len()),
            Frame::Opaque(encapsulation) => self.traffic.opaque(encapsulation),
            Frame::Cut => self.traffic.cut_frame(data.len()),
            Frame::UnknownLink => self.unseen.unknown_link += 1,
            Frame::Fragment => {}
            Frame::Other => self.traffic.other += 1,
        }
    }

    /// Whether RTP may be in this flow, by what the user said.
    pub(super) fn is_wanted(&self, Endpoints { src, dst }: Endpoints) -> bool {
        let ports = &self.options.ports;
        ports.is_empty() || ports.contains(&src.port()) || ports.contains(&dst.port())
    }
}
