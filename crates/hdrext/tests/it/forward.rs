//! Header extensions of packets that are passed on.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Stage, StreamInfo};
use interceptor_hdrext::{ForwardExtensions, ForwardExtensionsFactory, ForwardOptions, StripExtensions};
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, MEDIA, foreign};

pub(crate) fn forwarder(options: ForwardOptions) -> Bench {
    Bench::new(ForwardExtensionsFactory::new(options).unwrap()).sending(stream_info::bare(MEDIA))
}

fn packet() -> RtpPacket {
    rtp(MEDIA).ext(1, &[0xa]).ext(2, &[0xb, 0xb]).ext(3, &[0xc]).payload_len(9).build()
}

fn forwarded(options: ForwardOptions, packet: RtpPacket) -> (RtpPacket, u64) {
    let mut bench = forwarder(options);
    let packet = bench.write(packet);
    (packet, bench.get::<ForwardExtensions>().counters().changed)
}

#[test]
fn by_default_everything_goes_on_untouched() {
    for sent in [packet(), foreign()] {
        assert_eq!(forwarded(ForwardOptions::default(), sent.clone()), (sent, 0));
    }
    let bench = forwarder(ForwardOptions::default());
    assert_eq!(bench.chain.layout().rows()[0].stage, Stage::APPLICATION);
}

#[test]
fn identifiers_are_exchanged_in_place() {
    let exchange = ForwardOptions::default().with_remap(1, 2).with_remap(2, 1).with_remap(9, 10);
    let (sent, changed) = forwarded(exchange, packet());
    assert!(sent.extensions().eq([(2, &[0xa][..]), (1, &[0xb, 0xb]), (3, &[0xc])]));
    assert_eq!((sent.total_len(), changed), (packet().total_len(), 1));
}

#[test]
fn all_or_all_but_some_are_removed() {
    let all = || ForwardOptions::default().with_strip(StripExtensions::All);
    for sent in [packet(), foreign()] {
        let (bare, changed) = forwarded(all(), sent.clone());
        assert_eq!((bare.extension_block(), bare.payload(), changed), (None, sent.payload(), 1));
    }
    let keep = || ForwardOptions::default().with_strip(StripExtensions::Keep(vec![2]));
    let (kept, _) = forwarded(keep(), packet());
    assert!(kept.extensions().eq([(2, &[0xb, 0xb][..])]));
    assert_eq!(forwarded(keep(), foreign()).0.extension_block(), None, "it is not among those that are kept");
    assert_eq!(forwarded(keep(), rtp(MEDIA).build()), (rtp(MEDIA).build(), 0));
    let (renamed, _) = forwarded(keep().with_remap(2, 14), packet());
    assert!(renamed.extensions().eq([(14, &[0xb, 0xb][..])]), "what packets come with is what is kept");
}

#[test]
fn each_stream_may_have_rules_of_its_own_and_unbound_packets_have_those_of_all() {
    let level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    let mut bench = forwarder(ForwardOptions::default().with_remap(1, 7)).sending(stream_info::bare(7));
    let publisher =
        StreamInfo::new(1, 111, 48_000).with_extension(2, level).with_extension(3, "urn:example:theirs");
    let subscriber = stream_info::bare(7).with_extension(5, level);
    let rules = ForwardOptions::between(&publisher, &subscriber);
    let set = bench.chain.with_streams::<ForwardExtensions, _>(|_, mut streams| {
        let refused = streams.local(7)?.set(&ForwardOptions::default().with_remap(0, 1));
        assert_eq!(refused.unwrap_err().field, "remap");
        streams.local(7)?.set(&rules).ok()
    });
    assert!(set.flatten().is_some());
    let mut sent = |ssrc: u32| {
        let mut packet = packet();
        packet.set_ssrc(ssrc);
        bench.write(packet).extensions().map(|(id, _)| id).collect::<Vec<u8>>()
    };
    assert_eq!([sent(7), sent(MEDIA), sent(99)], [vec![5], vec![7, 2, 3], vec![7, 2, 3]]);
}

#[test]
fn an_identifier_beyond_the_one_byte_form_takes_the_longer_one() {
    let (sent, _) = forwarded(ForwardOptions::default().with_remap(3, 200), packet());
    assert!(sent.extensions().eq([(1, &[0xa][..]), (2, &[0xb, 0xb]), (200, &[0xc])]));
}
