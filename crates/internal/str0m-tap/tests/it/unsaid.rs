//! What str0m tells and no packet can say again is counted.

use std::time::Instant;

use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{ChainConfig, Context, Flow, Interceptor, Registry, Result, StreamInfo};
use interceptor_test::{Clock, Recording};
use str0m::rtp::rtcp::{ExtendedReport, Fir, Nack, ReportList, Rtcp};
use str0m::rtp::{ExtensionMap, RawPacket, RtpHeader};
use str0m_tap::tap::{Tap, TapCounters};

#[test]
fn messages_that_say_nothing_are_counted() {
    let mut tap = tap(Registry::new());
    let (sender_ssrc, ssrc) = (1.into(), 2.into());
    for message in [
        // What str0m makes of blocks that it does not know.
        Rtcp::ExtendedReport(ExtendedReport { ssrc, blocks: Vec::new() }),
        Rtcp::Nack(Nack { sender_ssrc, ssrc, reports: ReportList::default() }),
        Rtcp::Fir(Fir { sender_ssrc, reports: ReportList::default() }),
    ] {
        tap.see(RawPacket::RtcpTx(message.clone()), now());
        tap.see(RawPacket::RtcpRx(message), now());
    }
    assert_eq!(tap.counters(), TapCounters { rtcp_unsaid: 6, ..TapCounters::default() });
}

#[test]
fn feedback_about_fewer_packets_than_it_claims_is_counted() {
    let bytes = [0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0];
    let Ok(Rtcp::Twcc(mut feedback)) = Rtcp::try_from(&bytes[..]) else { panic!("transport-wide feedback") };
    feedback.status_count = 300;
    let message = Rtcp::Twcc(feedback);
    let mut tap = tap(Registry::new());
    tap.see(RawPacket::RtcpRx(message), now());
    assert_eq!(tap.counters(), TapCounters { rtcp_unsaid: 1, ..TapCounters::default() });
}

#[test]
fn a_description_without_one_of_its_items_is_counted_as_shortened() {
    // CNAME "cn", and item 99.
    let bytes = [0x81, 202, 0, 4, 0, 0, 0, 1, 1, 2, b'c', b'n', 99, 2, b'?', b'?', 0, 0, 0, 0];
    let recording = Recording::new();
    let mut tap = tap(Registry::new().with(recording.recorder("tap", interceptor_core::Stage::CAPTURE)));
    tap.see(RawPacket::RtcpRx(Rtcp::try_from(&bytes[..]).unwrap()), now());

    let counted = tap.counters();
    assert_eq!((counted.rtcp_received, counted.rtcp_shortened, counted.rtcp_unsaid), (1, 1, 0));
    let without = RtcpPacket::builder().sdes_cname(1, "cn").build().unwrap();
    assert_eq!(recording.read_rtcp()[0].as_bytes(), without.as_bytes());
}

#[test]
fn rtp_that_is_none_is_counted() {
    let mut tap = tap(Registry::new());
    tap.see(RawPacket::RtpTx(RtpHeader::default(), vec![0x80; 11]), now());
    assert_eq!(tap.counters(), TapCounters { rtp_unsaid: 1, ..TapCounters::default() });
}

#[test]
fn padding_and_extensions_that_str0m_has_kept_to_itself_are_counted() {
    let mut tap = tap(Registry::new());
    let header = RtpHeader { has_extension: false, header_len: 12, ..RtpHeader::default() };
    tap.see(RawPacket::RtpRx(header.clone(), vec![1]), now());
    tap.see(RawPacket::RtpRx(RtpHeader { has_padding: true, ..header.clone() }, Vec::new()), now());
    tap.see(RawPacket::RtpRx(RtpHeader { header_len: 20, ..header }, vec![1]), now());
    let expected =
        TapCounters { rtp_received: 3, padding_lost: 1, headers_reshaped: 1, ..TapCounters::default() };
    assert_eq!(tap.counters(), expected);
}

/// Answers each packet, as nothing under a tap may.
struct Answers;

impl Interceptor for Answers {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        cx.send_rtcp(RtcpPacket::builder().pli(1, packet.ssrc()).build()?);
        Ok(Flow::Forward)
    }
}

#[test]
fn what_an_interceptor_sends_goes_nowhere_and_is_counted() {
    let mut tap = tap(Registry::new());
    tap.chain().insert("answers", interceptor_core::Stage::APPLICATION, Answers, now()).unwrap();
    tap.bind_remote(StreamInfo::new(0, 1, 90_000), now()).unwrap();
    let header = RtpHeader { has_extension: false, header_len: 12, ..RtpHeader::default() };
    tap.see(RawPacket::RtpRx(header, vec![1]), now());
    assert_eq!(tap.counters(), TapCounters { rtp_received: 1, unsent: 1, ..TapCounters::default() });
    assert!(tap.chain().poll_wire().is_none());
}

fn tap(registry: Registry) -> Tap {
    let config = ChainConfig::new("tap", now(), NtpTime::default(), 1);
    Tap::new(&registry, config, ExtensionMap::standard()).unwrap()
}

fn now() -> Instant {
    Clock::new().now()
}
