//! A chain that finds RTX streams, and what a peer and the interceptors above do to it.

use std::time::Instant;

use bytes::{BufMut, BytesMut};
use interceptor_core::packet::{NtpTime, Origin, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Incoming, Outgoing, Registry, StreamInfo};
use interceptor_rtx::{
    AssociationCounters, RtxAssociation, RtxAssociationFactory, RtxAssociationOptions, RtxFactory,
};
use interceptor_test::Clock;

/// Media streams and the RTX SSRCs that they are bound with, which nobody sends on.
pub(crate) const A: u32 = 0xa000_0001;
pub(crate) const A_BOUND: u32 = 0xa000_0002;
pub(crate) const B: u32 = 0xb000_0001;
pub(crate) const B_BOUND: u32 = 0xb000_0002;

/// 97 retransmits 96.
pub(crate) fn stream(media: u32, bound: u32) -> StreamInfo {
    StreamInfo::new(media, 96, 90_000).with_rtx(bound, 97)
}

pub(crate) struct Finder {
    pub(crate) chain: Chain,
    pub(crate) now: Instant,
}

impl Finder {
    /// Nothing but the association: what comes out is what it made of it.
    pub(crate) fn with(options: RtxAssociationOptions) -> Self {
        Self::of(Registry::new().with(RtxAssociationFactory::new(options).unwrap()))
    }

    /// The two streams share their payload types.
    pub(crate) fn of_two() -> Self {
        let mut finder = Self::with(RtxAssociationOptions::default());
        finder.bind(stream(A, A_BOUND));
        finder.bind(stream(B, B_BOUND));
        finder
    }

    /// Without the association.
    pub(crate) fn plain() -> Self {
        Self::of(Registry::new())
    }

    /// With what restores retransmissions above.
    pub(crate) fn restoring() -> Self {
        Self::of(Registry::new().with(RtxFactory::default()).with(RtxAssociationFactory::default()))
    }

    fn of(registry: Registry) -> Self {
        let now = Clock::new().now();
        let config = ChainConfig::new("test", now, NtpTime::default(), 7).with_isolate_panics(false);
        Self { chain: registry.build(config).unwrap(), now }
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_remote(info, self.now).unwrap();
    }

    /// Somebody above asks for these.
    pub(crate) fn ask(&mut self, media: u32, numbers: &[u16]) {
        let nack = RtcpPacket::builder().nack(1, media, numbers).build().unwrap();
        self.chain.write_rtcp(nack, self.now);
        assert!(matches!(self.chain.poll_wire(), Some(Outgoing::Rtcp(_))));
    }

    pub(crate) fn bye(&mut self, ssrc: u32) {
        let bye = RtcpPacket::builder().bye(&[ssrc], "").build().unwrap();
        self.chain.read_rtcp(bye, self.now);
        assert!(matches!(self.chain.poll_app(), Some(Incoming::Rtcp(_))));
    }

    pub(crate) fn read(&mut self, packet: &RtpPacket) -> Incoming {
        self.chain.read_datagram(packet.to_bytes(), self.now);
        let read = self.chain.poll_app().unwrap();
        assert!(self.chain.poll_app().is_none());
        read
    }

    /// A packet of an unknown SSRC and payload type 97 that repeats `original`: the SSRC that it is given. `None`: it has
    /// passed untouched.
    pub(crate) fn given(&mut self, ssrc: u32, original: u16) -> Option<u32> {
        self.given_to(&again(ssrc, 97, original))
    }

    pub(crate) fn given_to(&mut self, packet: &RtpPacket) -> Option<u32> {
        match self.read(packet) {
            Incoming::Rtp(read) => {
                assert_eq!(read.info().origin, Origin::Retransmission);
                let bound = read.ssrc();
                let mut back = read;
                back.set_ssrc(packet.ssrc());
                assert_eq!(&back, packet, "nothing but the SSRC changes");
                Some(bound)
            }
            Incoming::UnboundRtp(read) => {
                assert_eq!(&read, packet);
                None
            }
            other => unreachable!("{other:?}"),
        }
    }

    pub(crate) fn counters(&mut self) -> AssociationCounters {
        self.chain.with_streams::<RtxAssociation, _>(|association, _| *association.counters()).unwrap()
    }

    /// What the interceptor says that a stream's retransmissions travel on.
    pub(crate) fn found(&mut self, media: u32) -> Option<u32> {
        let look = |association: &mut RtxAssociation,
                    streams: interceptor_core::Streams<'_, RtxAssociation>| {
            association.rtx_ssrc(&streams, media)
        };
        self.chain.with_streams(look).unwrap()
    }
}

pub(crate) fn again(ssrc: u32, payload_type: u8, original: u16) -> RtpPacket {
    let mut payload = BytesMut::new();
    payload.put_u16(original);
    payload.put_slice(b"media");
    let packet =
        RtpPacket::builder().ssrc(ssrc).payload_type(payload_type).sequence_number(original ^ 0x5555);
    packet.timestamp(90_000).marker(true).payload(payload.freeze()).build().unwrap()
}
