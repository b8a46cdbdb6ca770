//! What has come of the remote stream that has RTX, and which datagrams of it may end in the chain.

use std::collections::BTreeMap;

use interceptor_packet::RtpPacket;

use crate::streams::{REMOTE, RTX_PAYLOAD_TYPE, rtx_ssrc};

/// Closes the books: each datagram reaches the application, or ends for one of three reasons, each of which is counted.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// By sequence number: the stream's packets that the application has got, and whether a copy of one was restored.
    came: BTreeMap<u16, bool>,
    consumed: Consumed,
}

/// What did not reach the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Consumed {
    /// RTX packets without an original sequence number.
    pub(crate) probes: u64,
    /// RTX packets of a payload type that nobody has named.
    pub(crate) unknown_types: u64,
    /// Second copies of packets of which one was restored.
    pub(crate) copies: u64,
}

impl Arrivals {
    /// What has ended in the chain.
    pub(crate) const fn consumed(&self) -> Consumed {
        self.consumed
    }

    /// Does the stream start anew?
    pub(crate) fn forget_if(&mut self, anew: bool) {
        if anew {
            self.came.clear();
        }
    }

    /// The application has got a packet.
    pub(crate) fn delivered(&mut self, packet: &RtpPacket) {
        if packet.ssrc() == REMOTE[0] {
            *self.came.entry(packet.sequence_number()).or_default() |= packet.info().recovered_by.is_some();
        }
    }

    /// A sequence number that has not come.
    pub(crate) fn vacant(&self) -> u16 {
        (0..=u16::MAX).find(|number| !self.came.contains_key(number)).expect("nobody sends 65 536 of them")
    }

    /// A datagram has not reached the application: `false` if that is a loss.
    pub(crate) fn explain(&mut self, datagram: &RtpPacket) -> bool {
        let is_rtx = datagram.ssrc() == rtx_ssrc(REMOTE[0]);
        let number = match datagram.payload().first_chunk() {
            _ if datagram.ssrc() == REMOTE[0] => datagram.sequence_number(),
            Some(osn) if is_rtx => u16::from_be_bytes(*osn),
            _ => {
                self.consumed.probes += 1;
                return is_rtx;
            }
        };
        if is_rtx && datagram.payload_type() != RTX_PAYLOAD_TYPE {
            self.consumed.unknown_types += 1;
            return true;
        }
        self.consumed.copies += 1;
        // It had come, and that or this is restored.
        self.came.get_mut(&number).is_some_and(|restored| {
            *restored |= is_rtx;
            *restored
        })
    }
}
