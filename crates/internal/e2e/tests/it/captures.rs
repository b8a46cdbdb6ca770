//! Captures that this project writes, read by what reads captures: nobody has to say what payload types mean.

use interceptor_core::{Chain, ChainConfig, FecInfo, FecScheme, Registry, StreamInfo};
use interceptor_inspect::{InspectOptions, Inspector, StreamSummary};
use interceptor_packet::{NtpTime, Origin};
use interceptor_pcap_dump::{Format, LinkType, PcapDumpFactory, PcapDumpOptions};
use interceptor_test::{Clock, rtp};

use std::time::Duration;

const VIDEO: u32 = 0xa;
const RTX: u32 = 0xb;
const FEC: u32 = 0xc;
const AUDIO: u32 = 0xd;

/// Two seconds: video with retransmissions and repair packets leaves, audio comes.
fn call(options: PcapDumpOptions) {
    let registry = Registry::new().with(PcapDumpFactory::new(options).unwrap());
    let mut clock = Clock::new();
    let wall = NtpTime::from_unix(Duration::from_secs(1_700_000_000));
    let mut chain: Chain = registry.build(ChainConfig::new("call", clock.now(), wall, 1)).unwrap();
    let video = StreamInfo::new(VIDEO, 120, 90_000).with_mime_type("video/H264");
    let video = video.with_rtx(RTX, 121).with_fec(FecInfo::new(FecScheme::FlexFec, 122).with_ssrc(FEC));
    chain.bind_local(video, clock.now()).unwrap();
    let audio = StreamInfo::new(AUDIO, 110, 48_000).with_mime_type("audio/opus").with_channels(2);
    chain.bind_remote(audio, clock.now()).unwrap();
    for number in 0..100_u16 {
        let now = clock.advance(Duration::from_millis(20));
        let video = |ssrc, pt| rtp(ssrc).pt(pt).seq(number).ts(1800 * u32::from(number)).payload_len(30);
        chain.write_rtp(video(VIDEO, 120).build(), now);
        // What they carry says nothing of what they belong to.
        chain.write_rtp(video(RTX, 121).payload(&[0xff; 30][..]).origin(Origin::Retransmission).build(), now);
        chain.write_rtp(video(FEC, 122).payload(&[0xff; 30][..]).origin(Origin::FecRepair).build(), now);
        chain.read_datagram(
            rtp(AUDIO).pt(110).seq(number).ts(960 * u32::from(number)).build().to_bytes(),
            now,
        );
        while chain.poll_wire().is_some() || chain.poll_app().is_some() {}
    }
    chain.close(clock.now()).unwrap();
}

#[test]
fn inspect_knows_codec_clock_and_relations_of_what_pcap_dump_writes() {
    for format in [Format::Pcapng, Format::Pcap] {
        for link_type in [LinkType::Ip, LinkType::Ethernet, LinkType::RtpPdu] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("call");
            let options = PcapDumpOptions::new(path.clone()).with_format(format).with_link_type(link_type);
            call(options.with_announcements(true));
            let mut inspector = Inspector::new(InspectOptions::default());
            inspector.read_file(&path).unwrap();
            let summary = inspector.summary();
            let case = format!("{format:?} {link_type:?}: {:?}", summary.problems);
            assert!(summary.problems.is_empty() && summary.streams.len() == 4, "{case}");
            let what = |stream: &StreamSummary| {
                let codec = stream.codec.clone().unwrap_or_default();
                (stream.ssrc, codec, stream.clock_rate, stream.rtx_of, stream.fec_of)
            };
            let mut seen: Vec<_> = summary.streams.iter().map(what).collect();
            seen.sort_by_key(|stream| stream.0);
            let video = Some(90_000);
            let expected = [
                (VIDEO, "H264".to_owned(), video, None, None),
                (RTX, "rtx".to_owned(), video, Some(VIDEO), None),
                (FEC, "flexfec".to_owned(), video, None, Some(VIDEO)),
                (AUDIO, "opus".to_owned(), Some(48_000), None, None),
            ];
            assert_eq!(seen, expected, "{case}");
            assert!(summary.streams.iter().all(|stream| !stream.clock_guessed && stream.packets == 100));
        }
    }
}
