//! Real captures: the figures of Wireshark, and of the relay that dropped the packets.

use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_stats::{InboundRtp, StatsHandle, StatsOptions};

use crate::support::pcap::{self, Captured};
use crate::support::replay::Replay;
use crate::support::tools;

const GST: u32 = 0x1122_3344;
const GST_RTX: u32 = 0x5566_7788;

/// One direction of a capture, as its receiver would have bound it.
struct Leg {
    capture: &'static str,
    port: u16,
    streams: Vec<StreamInfo>,
}

fn legs() -> Vec<Leg> {
    let opus = || vec![StreamInfo::new(GST, 111, 48_000)];
    let pcmu = || vec![StreamInfo::new(GST, 0, 8000)];
    let vp8 = || vec![StreamInfo::new(GST, 98, 90_000).with_rtx(GST_RTX, 97)];
    let chromium = || {
        vec![
            StreamInfo::new(1_448_599_044, 96, 90_000).with_rtx(717_799_354, 97),
            StreamInfo::new(975_041_058, 111, 48_000),
        ]
    };
    let leg = |capture, port, streams| Leg { capture, port, streams };
    vec![
        leg("01_ffmpeg_opus_rtcp.pcap", 5004, opus()),
        leg("02_gst_pcmu_loss5.pcap", 7000, pcmu()),
        leg("02_gst_pcmu_loss5.pcap", 7002, pcmu()),
        leg("03_gst_opus_clean.pcap", 7002, opus()),
        leg("05_gst_vp8_rtx_loss5.pcap", 7000, vp8()),
        leg("05_gst_vp8_rtx_loss5.pcap", 7002, vp8()),
        leg("10_chromium_vp8_opus_rtx_red_twcc_loss3.pcap", 9002, chromium()),
        leg("10_chromium_vp8_opus_rtx_red_twcc_loss3.pcap", 33_239, chromium()),
    ]
}

impl Leg {
    fn find(capture: &str, port: u16) -> Self {
        legs().into_iter().find(|leg| leg.capture.starts_with(capture) && leg.port == port).expect("listed")
    }

    fn datagrams(&self) -> Vec<Captured> {
        pcap::read(self.capture).into_iter().filter(|datagram| datagram.to == self.port).collect()
    }

    /// Receives the leg.
    fn replay(&self) -> Vec<InboundRtp> {
        self.replay_and(|_| {})
    }

    /// Receives the leg and looks at the handle after each packet.
    fn replay_and(&self, mut look: impl FnMut(&StatsHandle)) -> Vec<InboundRtp> {
        let datagrams = self.datagrams();
        let mut replay = Replay::new(StatsOptions::default(), datagrams[0].at);
        let now = replay.at(datagrams[0].at);
        for stream in &self.streams {
            replay.chain.bind_remote(stream.clone(), now).expect("new");
        }
        for datagram in &datagrams {
            replay.receive(datagram);
            look(&replay.handle);
        }
        replay.handle.connection("replay").expect("open").inbound_rtp
    }

    /// Arguments that make tshark take the leg for RTP.
    fn tshark(&self, more: &[&str]) -> Option<String> {
        let path = pcap::path(self.capture).to_string_lossy().into_owned();
        let decode = format!("udp.port=={},rtp", self.port);
        let chromium = ["-o", "rtp.heuristic_rtp:TRUE"];
        let others = ["-d", decode.as_str()];
        let dissect = if self.capture.starts_with("10") { chromium } else { others };
        tools::output("tshark", &[&["-r", path.as_str()], &dissect[..], more].concat())
    }
}

/// GStreamer's media stream.
fn gst(handle: &StatsHandle) -> InboundRtp {
    handle.stream("replay", GST).and_then(|stream| stream.inbound_rtp).expect("bound")
}

/// One line of `tshark -z rtp,streams`.
#[derive(Debug)]
struct TsharkStream {
    port: u16,
    ssrc: u32,
    packets: u64,
    lost: i64,
    mean_jitter: f64,
    max_jitter: f64,
}

fn tshark_streams(text: &str) -> Vec<TsharkStream> {
    text.lines().filter(|line| line.contains(" 0x")).map(tshark_stream).collect()
}

fn tshark_stream(line: &str) -> TsharkStream {
    let words: Vec<&str> = line.split_whitespace().collect();
    // The payload types before the counts may be several words.
    let percent = words.iter().position(|word| word.starts_with('(')).expect("loss in per cent");
    let ssrc = words.iter().find_map(|word| word.strip_prefix("0x")).expect("an SSRC");
    TsharkStream {
        port: words[5].parse().expect("destination port"),
        ssrc: u32::from_str_radix(ssrc, 16).expect("hexadecimal"),
        packets: words[percent - 2].parse().expect("packets"),
        lost: words[percent - 1].parse().expect("lost"),
        mean_jitter: words[percent + 5].parse().expect("milliseconds"),
        max_jitter: words[percent + 6].parse().expect("milliseconds"),
    }
}

#[test]
fn packets_and_losses_equal_tsharks() {
    for leg in legs() {
        let Some(text) = leg.tshark(&["-q", "-z", "rtp,streams"]) else { return };
        let theirs = tshark_streams(&text);
        for ours in leg.replay() {
            let stream = theirs.iter().find(|stream| stream.port == leg.port && stream.ssrc == ours.ssrc);
            let stream = stream.unwrap_or_else(|| panic!("{} {}: {text}", leg.capture, leg.port));
            let media = ours.packets_received - ours.retransmitted_packets_received;
            assert_eq!(
                (media, ours.packets_lost),
                (stream.packets, stream.lost),
                "{} {}",
                leg.capture,
                leg.port
            );
        }
    }
}

/// In milliseconds of an 8 kHz clock: RFC 3550 A.8 reckons in whole units, tshark in fractions.
const QUARTER_UNIT: f64 = 0.031_25;

#[test]
fn jitter_equals_tsharks_within_a_hundredth() {
    // tshark knows the clock of static payload types only.
    for port in [7000, 7002] {
        let leg = Leg::find("02", port);
        let Some(text) = leg.tshark(&["-q", "-z", "rtp,streams"]) else { return };
        let theirs = tshark_streams(&text).into_iter().find(|stream| stream.port == port).expect("listed");
        let mut jitters = Vec::new();
        leg.replay_and(|handle| jitters.push(gst(handle).jitter.as_secs_f64() * 1000.0));
        // tshark's first value is that of the second packet.
        let mean = jitters.iter().skip(1).sum::<f64>() / (jitters.len() - 1) as f64;
        let max = jitters.iter().copied().fold(0.0, f64::max);
        let close = |ours: f64, theirs: f64| (ours - theirs).abs() <= theirs * 0.01 + QUARTER_UNIT;
        assert!(close(mean, theirs.mean_jitter) && close(max, theirs.max_jitter), "{mean} {max} {theirs:?}");
    }
}

#[test]
fn bytes_equal_tsharks() {
    let fields = ["rtp.ssrc", "udp.dstport", "udp.length", "rtp.cc", "rtp.ext.len"];
    let fields: Vec<&str> = fields.iter().flat_map(|field| ["-e", field]).collect();
    for leg in legs() {
        let Some(text) = leg.tshark(&[&["-Y", "rtp", "-T", "fields"], &fields[..]].concat()) else { return };
        for ours in leg.replay() {
            let (mut total, mut payload_and_padding) = (0, 0);
            for line in text.lines() {
                let values: Vec<&str> = line.split('\t').collect();
                let number = |at: usize| values[at].parse::<u64>().unwrap_or(0);
                let ssrc = u32::from_str_radix(values[0].trim_start_matches("0x"), 16).expect("an SSRC");
                let belongs = ssrc == ours.ssrc || Some(ssrc) == ours.rtx_ssrc;
                if !belongs || number(1) != u64::from(leg.port) {
                    continue;
                }
                let extension = if values[4].is_empty() { 0 } else { 4 + 4 * number(4) };
                total += number(2) - 8;
                payload_and_padding += number(2) - 8 - 12 - 4 * number(3) - extension;
            }
            assert_eq!(ours.bytes_received + ours.header_bytes_received, total, "{}", leg.capture);
            // tshark does not find the padding of packets that were cut: Chromium's 63 or 64 probes of 255 bytes.
            let padding = payload_and_padding - ours.bytes_received;
            let chromium_video = ours.rtx_ssrc == Some(717_799_354);
            assert!(padding == 0 || (chromium_video && padding.is_multiple_of(255) && padding <= 64 * 255));
        }
    }
}

#[test]
fn losses_are_those_of_the_relay() {
    let [pcmu] = &Leg::find("02", 7002).replay()[..] else { panic!("one stream") };
    assert_eq!((pcmu.packets_received, pcmu.packets_lost), (949, 52));
    assert!(pcmu.packets_reordered > 0 && pcmu.packets_duplicated == 0);
    let [vp8] = &Leg::find("05", 7002).replay()[..] else { panic!("one stream") };
    assert_eq!((vp8.packets_received, vp8.retransmitted_packets_received, vp8.packets_lost), (596, 21, 25));
    // 21 retransmissions came, two of one packet.
    assert_eq!(vp8.packets_recovered_by_rtx, 20);
}

#[test]
fn gstreamer_reports_what_we_have_counted() {
    // Its last RR leaves at 17.757 s with jitter 50, fraction 15, loss 44: it starts at its second packet.
    let leg = Leg::find("02", 7002);
    let report = pcap::read(leg.capture).into_iter().rfind(|datagram| datagram.to == 7004).expect("an RR");
    let sent_at = report.at;
    let mut nearest = None;
    let start = leg.datagrams()[0].at;
    leg.replay_and(|handle| {
        let stream = gst(handle);
        let at = stream.last_packet_received_timestamp.expect("received");
        let at = at.duration_since(std::time::SystemTime::UNIX_EPOCH).expect("after 1970");
        if at <= sent_at {
            nearest = Some((stream.packets_lost, stream.jitter));
        }
    });
    let (lost, jitter) = nearest.expect("packets before the report");
    assert!(sent_at > start + Duration::from_secs(10));
    assert!((44..=45).contains(&lost), "{lost}");
    // 50 units of 8 kHz, and the time between capture and socket.
    assert!(jitter.abs_diff(Duration::from_micros(50 * 125)) < Duration::from_micros(500), "{jitter:?}");
}
