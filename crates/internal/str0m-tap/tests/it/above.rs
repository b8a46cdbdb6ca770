//! The other way round: a chain above str0m's RTP mode, of interceptors that neither ask nor answer, while str0m repairs below.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Context, Flow, Incoming, Interceptor, Result, Stage, StreamInfo};
use interceptor_test::{Clock, LinkOptions};
use str0m::media::{MediaKind, Mid};
use str0m::rtp::{RtpWrite, SeqNo};
use str0m::{Event, Rtc};
use str0m_tap::call::ssrcs;
use str0m_tap::peers::{Peers, Side};

const VP8: u8 = 96;
const FRAMES: u64 = 100;
/// One way.
const DELAY: Duration = Duration::from_millis(40);

/// Marks what leaves, and passes on each marked packet that comes.
#[derive(Default)]
struct Mark {
    read: u64,
}

impl Interceptor for Mark {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        packet.set_payload([&[0, b'!'], packet.payload()].concat());
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.read += 1;
        let marked = packet.payload().strip_prefix(&[0, b'!']).map(Bytes::copy_from_slice);
        let Some(rest) = marked else { return Ok(Flow::Consumed) };
        packet.set_payload(rest);
        Ok(Flow::Forward)
    }
}

#[test]
fn an_application_interceptor_sees_each_packet_once_while_str0m_repairs() {
    let now = Clock::new().now();
    let mut peers = peers(now);
    let (mut sender, mut receiver) = (chain(now), chain(now));
    sender.bind_local(StreamInfo::new(*ssrcs(Side::Left).0, VP8, 90_000), now).unwrap();
    receiver.bind_remote(StreamInfo::new(*ssrcs(Side::Left).0, VP8, 90_000), now).unwrap();

    let mut delivered = Vec::new();
    let mut on_event = |side, event, now| {
        if let (Side::Right, Event::RtpPacket(packet)) = (side, event) {
            delivered.extend(read(&mut receiver, packet, now));
        }
    };
    for number in 0..FRAMES {
        write(
            &mut sender,
            peers.rtc(Side::Left),
            number,
            now + Duration::from_secs(2) + FRAME * number as u32,
        );
        peers.run(now + Duration::from_secs(2) + FRAME * (number as u32 + 1), &mut on_event).unwrap();
    }
    peers.run(now + Duration::from_secs(10), &mut on_event).unwrap();

    assert!(peers.rtp(Side::Left).lost > 0, "there was something to repair");
    assert_eq!(delivered.len(), FRAMES as usize);
    let numbers: BTreeSet<_> = delivered.iter().map(|packet| packet.payload()[0]).collect();
    assert_eq!(numbers.len(), FRAMES as usize);
    assert_eq!(receiver.get::<Mark>().unwrap().read, FRAMES);
    assert!(sender.poll_wire().is_none() && receiver.poll_wire().is_none());
}

const FRAME: Duration = Duration::from_millis(20);

/// From the application through the chain to str0m, which numbers nothing itself in RTP mode.
fn write(chain: &mut Chain, rtc: &mut Rtc, number: u64, now: Instant) {
    let builder = RtpPacket::builder().ssrc(*ssrcs(Side::Left).0).payload_type(VP8);
    let packet = builder
        .sequence_number(number as u16)
        .timestamp(number as u32 * 1_800)
        .payload(vec![number as u8; 100]);
    let mut packet = packet.build().unwrap();
    if chain.write_rtp_in_place(&mut packet, now) == Flow::Consumed {
        return;
    }
    let payload: Arc<[u8]> = packet.payload().into();
    let number: SeqNo = number.into();
    let mut api = rtc.direct_api();
    let stream = api.stream_tx(&ssrcs(Side::Left).0).unwrap();
    stream.write_rtp(RtpWrite::new(VP8.into(), number, packet.timestamp(), now, payload).nackable(true));
}

/// From str0m through the chain to the application. The payload is not copied.
fn read(chain: &mut Chain, packet: str0m::rtp::RtpPacket, now: Instant) -> Option<RtpPacket> {
    let header = packet.header;
    let builder = RtpPacket::builder().ssrc(*header.ssrc).payload_type(*header.payload_type);
    let builder =
        builder.sequence_number(header.sequence_number).timestamp(header.timestamp).marker(header.marker);
    chain.read_rtp(builder.payload(Bytes::from_owner(packet.payload)).build().unwrap(), now);
    match chain.poll_app() {
        Some(Incoming::Rtp(packet)) => Some(packet),
        _ => None,
    }
}

fn chain(now: Instant) -> Chain {
    let mut chain = Chain::new(ChainConfig::new("above", now, NtpTime::default(), 1));
    chain.insert("mark", Stage::APPLICATION, Mark::default(), now).unwrap();
    chain
}

fn peers(now: Instant) -> Peers {
    let config = || {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        Rtc::builder().set_crypto_provider(crypto).clear_codecs().enable_vp8(true).set_rtp_mode(true)
    };
    let way = LinkOptions::default().with_delay(DELAY);
    let mut peers = Peers::new([config(), config()], [way.clone(), way], 1, now).unwrap();
    let (mid, (ssrc, rtx)) = (Mid::from("video"), ssrcs(Side::Left));
    for side in [Side::Left, Side::Right] {
        peers.rtc(side).direct_api().declare_media(mid, MediaKind::Video);
    }
    peers.rtc(Side::Left).direct_api().declare_stream_tx(ssrc, Some(rtx), mid, None);
    peers.rtc(Side::Right).direct_api().expect_stream_rx(ssrc, Some(rtx), mid, None);
    peers.lose_if(Side::Left, |_, datagram: &Bytes| {
        let packet = RtpPacket::parse(datagram.clone()).unwrap();
        packet.ssrc() == *ssrcs(Side::Left).0 && packet.sequence_number() % 20 == 7
    });
    peers.run(now + Duration::from_secs(2), &mut |_, _, _| {}).unwrap();
    assert!(peers.rtc(Side::Right).is_connected());
    peers
}
