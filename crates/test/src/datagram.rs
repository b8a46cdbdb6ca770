//! A datagram with the ECN bits of its IP header.

use bytes::Bytes;
use interceptor_packet::Ecn;

use crate::Message;

/// What travels between the two ends of a [`Pair`](crate::Pair): bytes, and beside them the ECN bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Datagram {
    /// The UDP payload.
    pub bytes: Bytes,
    /// The ECN bits; `None` when sender or transport do not say, as [`Ecn::NotEct`] for a link.
    pub ecn: Option<Ecn>,
}

impl Datagram {
    /// A datagram without ECN bits.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), ecn: None }
    }

    /// With these ECN bits.
    #[must_use]
    pub fn with_ecn(mut self, ecn: impl Into<Option<Ecn>>) -> Self {
        self.ecn = ecn.into();
        self
    }
}

impl Message for Datagram {
    fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    fn mark_congestion(&mut self) -> bool {
        let capable = matches!(self.ecn, Some(Ecn::Ect0 | Ecn::Ect1));
        if capable {
            self.ecn = Some(Ecn::Ce);
        }
        capable
    }
}
