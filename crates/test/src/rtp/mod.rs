//! RTP packets for tests, one at a time or as a stream.

mod stream;

use bytes::Bytes;
use interceptor_packet::{Ecn, Origin, RtpPacket};

pub use self::stream::RtpStream;

/// Begins an RTP packet, or a stream of them, with this SSRC.
///
/// Payload type 96, everything else zero or absent until it is set.
///
/// ```
/// use interceptor_test::rtp;
///
/// let packet = rtp(0x1122_3344).seq(7).ts(3000).marker(true).payload(&b"media"[..]).build();
/// assert_eq!((packet.sequence_number(), packet.payload()), (7, &b"media"[..]));
///
/// let mut stream = rtp(0x1122_3344).seq(65_535).payload_len(1200).stream();
/// let [first, second] = [stream.next().unwrap(), stream.next().unwrap()];
/// assert_eq!((first.sequence_number(), second.sequence_number()), (65_535, 0));
/// assert_ne!(first.payload(), second.payload());
/// ```
pub fn rtp(ssrc: u32) -> RtpTemplate {
    RtpTemplate {
        ssrc,
        payload_type: 96,
        seq: 0,
        ts: 0,
        marker: false,
        csrcs: Vec::new(),
        extensions: Vec::new(),
        payload: Payload::Numbered(0),
        padding: 0,
        origin: Origin::Media,
        ecn: None,
    }
}

/// An RTP packet in the making; see [`rtp`].
#[derive(Clone, Debug)]
#[must_use = "a template does nothing until `build` or `stream`"]
pub struct RtpTemplate {
    ssrc: u32,
    payload_type: u8,
    seq: u16,
    ts: u32,
    marker: bool,
    csrcs: Vec<u32>,
    extensions: Vec<(u8, Vec<u8>)>,
    payload: Payload,
    padding: u8,
    origin: Origin,
    ecn: Option<Ecn>,
}

#[derive(Clone, Debug)]
enum Payload {
    Given(Bytes),
    /// This many bytes, made from the packet's number.
    Numbered(usize),
}

impl RtpTemplate {
    /// Payload type, 0..=127.
    pub fn pt(mut self, payload_type: u8) -> Self {
        self.payload_type = payload_type;
        self
    }

    /// Sequence number; of a stream, the first.
    pub fn seq(mut self, seq: u16) -> Self {
        self.seq = seq;
        self
    }

    /// Timestamp in units of the stream's clock; of a stream, the first.
    pub fn ts(mut self, ts: u32) -> Self {
        self.ts = ts;
        self
    }

    /// Marker bit. A stream sets it by itself, at the end of each frame.
    pub fn marker(mut self, marker: bool) -> Self {
        self.marker = marker;
        self
    }

    /// One more contributing source, at most 15.
    pub fn csrc(mut self, csrc: u32) -> Self {
        self.csrcs.push(csrc);
        self
    }

    /// A header extension element.
    pub fn ext(mut self, id: u8, value: &[u8]) -> Self {
        self.extensions.push((id, value.to_vec()));
        self
    }

    /// The payload; every packet of a stream has the same.
    pub fn payload(mut self, payload: impl Into<Bytes>) -> Self {
        self.payload = Payload::Given(payload.into());
        self
    }

    /// A payload of so many bytes that depends on the sequence number, or in a stream on the packet's place
    /// in it.
    pub fn payload_len(mut self, bytes: usize) -> Self {
        self.payload = Payload::Numbered(bytes);
        self
    }

    /// Bytes of padding, the count byte included; 0 is none.
    pub fn padding(mut self, bytes: u8) -> Self {
        self.padding = bytes;
        self
    }

    /// Why the packet exists, as its [`PacketInfo`](interceptor_packet::PacketInfo) says; not on the wire.
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The ECN bits that the packet is sent with.
    pub fn ecn(mut self, ecn: Ecn) -> Self {
        self.ecn = Some(ecn);
        self
    }

    /// The packet.
    ///
    /// # Panics
    /// If the wire format cannot carry what was set: payload type over 127, more than 15 CSRCs, a header
    /// extension that does not fit.
    #[must_use]
    #[track_caller]
    pub fn build(&self) -> RtpPacket {
        self.numbered(u64::from(self.seq))
    }

    /// An endless stream that begins with this packet.
    pub fn stream(self) -> RtpStream {
        RtpStream::new(self)
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "an impossible packet is a mistake in the test's own source")]
    fn numbered(&self, number: u64) -> RtpPacket {
        let mut builder = RtpPacket::builder()
            .ssrc(self.ssrc)
            .payload_type(self.payload_type)
            .sequence_number(self.seq)
            .timestamp(self.ts)
            .marker(self.marker)
            .payload(self.payload.bytes(number))
            .padding(self.padding);
        for csrc in &self.csrcs {
            builder = builder.csrc(*csrc);
        }
        for (id, value) in &self.extensions {
            builder = builder.extension(*id, value);
        }
        let mut packet = builder.build().unwrap_or_else(|error| panic!("not an RTP packet: {error}"));
        packet.info_mut().origin = self.origin;
        packet.info_mut().ecn = self.ecn;
        packet
    }
}

impl Payload {
    fn bytes(&self, number: u64) -> Bytes {
        match self {
            Self::Given(bytes) => bytes.clone(),
            Self::Numbered(len) => {
                let number = number.to_be_bytes().into_iter();
                let filler = (0..=u8::MAX).cycle();
                number.chain(filler).take(*len).collect()
            }
        }
    }
}
