//! What is found in real captures, against what is known of them otherwise.

use interceptor_inspect::sdp::Session;
use interceptor_inspect::{InspectOptions, StreamSummary};

use crate::capture::{ETHERNET, NAMES, bytes, pcap, problem, records, run, run_with};

fn stream(streams: &[StreamSummary], ssrc: u32, to: u16) -> &StreamSummary {
    streams.iter().find(|stream| stream.ssrc == ssrc && stream.dst.port() == to).unwrap()
}

/// The relay wrote down what it lost: 1001 packets came to it, 52 did not leave; 8 left behind a later one. The numbers
/// wrap in their midst, where tshark has been seen to report 65 691 lost.
#[test]
fn losses_near_a_wrap_with_reordering_are_what_the_relay_lost() {
    let summary = run(&bytes("gst_pcmu_loss"));
    let (before, after) =
        (stream(&summary.streams, 0x1122_3344, 7000), stream(&summary.streams, 0x1122_3344, 7002));
    assert_eq!((before.packets, before.lost, before.reordered, before.loss_runs.count), (1001, 0, 0, 0));
    assert_eq!((after.packets, after.lost, after.duplicates), (949, 52, 0));
    assert!((after.lost_pct - 100.0 * 52.0 / 1001.0).abs() < 1e-9);
    assert_eq!(
        (after.loss_runs.packets, after.codec.as_deref(), after.clock_rate),
        (52, Some("PCMU"), Some(8000))
    );
    assert!(after.reordered > 0 && after.loss_runs.longest >= 2, "{after:?}");
}

/// The same with every packet twice, and with the first two exchanged.
#[test]
fn duplicates_and_a_reordered_start_are_counted_as_such() {
    let all = records("gst_pcmu_loss");
    let mut to_relay: Vec<_> = all.into_iter().filter(|record| record.ports().1 == 7000).collect();
    to_relay.swap(0, 1);
    let summary = run(&pcap(ETHERNET, false, false, &to_relay));
    let swapped = &summary.streams[0];
    assert_eq!((swapped.packets, swapped.lost, swapped.reordered, swapped.duplicates), (1001, -1, 1, 0));
    to_relay.swap(0, 1);
    let twice: Vec<_> = to_relay.iter().flat_map(|record| [record.clone(), record.clone()]).collect();
    let summary = run(&pcap(ETHERNET, false, false, &twice));
    let twice = &summary.streams[0];
    assert_eq!((twice.packets, twice.lost, twice.reordered, twice.duplicates), (2002, -1001, 0, 1001));
}

/// From the 301st packet on the numbers are others: of the first of these it cannot be told that the sender has restarted.
#[test]
fn counts_are_summed_up_over_a_restart_of_the_sender() {
    let mut to_relay: Vec<_> =
        records("gst_pcmu_loss").into_iter().filter(|record| record.ports().1 == 7000).collect();
    for (place, record) in to_relay.iter_mut().enumerate() {
        let seq = if place < 300 { 10 + place } else { 40_000 + place };
        record.frame[44..46].copy_from_slice(&(seq as u16).to_be_bytes());
    }
    // One is lost on either side of the restart, and one comes twice.
    to_relay.remove(700);
    to_relay.remove(100);
    to_relay.insert(500, to_relay[500].clone());
    let summary = run(&pcap(ETHERNET, false, false, &to_relay));
    let stream = &summary.streams[0];
    assert_eq!((stream.packets, stream.expected, stream.lost), (1000, 1000, 1));
    assert_eq!((stream.duplicates, stream.reordered), (1, 0));
    assert_eq!((stream.loss_runs.count, stream.loss_runs.longest, stream.loss_runs.packets), (2, 1, 2));
}

#[test]
fn retransmissions_are_tied_to_their_media() {
    for (name, rtx, media, ports) in [
        ("gst_vp8_rtx_loss", 0x5566_7788, 0x1122_3344, [7000, 7002]),
        ("chromium_vp8_opus_loss", 0x2ac8_bfba, 0x5657_de04, [9002, 33_239]),
    ] {
        let summary = run(&bytes(name));
        for port in ports {
            assert_eq!(stream(&summary.streams, rtx, port).rtx_of, Some(media), "{name} {port}");
        }
        let others = summary.streams.iter().filter(|stream| stream.ssrc != rtx);
        assert!(others.map(|stream| stream.rtx_of).all(|of| of.is_none()), "{name}");
        assert!(summary.streams.iter().all(|stream| stream.fec_of.is_none()), "{name}");
    }
}

#[test]
fn rtcp_is_credited_to_the_streams_that_it_is_about() {
    let summary = run(&bytes("chromium_vp8_opus_loss"));
    let video = stream(&summary.streams, 0x5657_de04, 33_239);
    assert_eq!((video.rtcp.sr, video.rtcp.rr, video.rtcp.nack, video.rtcp.pli), (14, 13, 11, 2));
    assert!(video.rtcp.xr > 0 && video.rtcp.twcc > 0);
    assert_eq!((video.rtcp.fir, video.rtcp.remb, video.rtcp.ccfb), (0, 0, 0));
    // The capture is next to the receiver there, and behind 25 ms of link on the other side.
    assert!(video.rtt_ms.unwrap() < 2.0, "{video:?}");
    let before = stream(&summary.streams, 0x5657_de04, 9002);
    assert!((20.0..60.0).contains(&before.rtt_ms.unwrap()), "{before:?}");
    let summary = run(&bytes("ffmpeg_opus"));
    assert_eq!((summary.streams[0].rtcp.sr, summary.streams[0].rtt_ms), (4, None));
}

#[test]
fn clock_rates_are_guessed_and_said_to_be() {
    let summary = run(&bytes("gst_vp8_twcc_loss"));
    assert!(summary.streams.iter().all(|stream| stream.clock_rate == Some(90_000) && stream.codec.is_none()));
    let kinds: Vec<_> = summary.problems.iter().map(|problem| problem.kind()).collect();
    assert_eq!(kinds, ["clock-guessed"]);
    let told = InspectOptions::default().with_payload_type("98=VP8/90000".parse().unwrap());
    let with_word = run_with(&bytes("gst_vp8_twcc_loss"), &told);
    assert!(with_word.problems.is_empty());
    for (guessed, told) in summary.streams.iter().zip(&with_word.streams) {
        assert_eq!((guessed.jitter_ms, told.codec.as_deref()), (told.jitter_ms, Some("VP8")));
    }
}

#[test]
fn the_users_word_counts_for_more_than_the_description() {
    let sdp = "v=0\r\nm=video 7002 RTP/AVPF 98 97\r\na=rtpmap:98 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n\
        a=ssrc-group:FEC-FR 287454020 1432778632\r\n";
    let options = InspectOptions::default().with_session(Session::parse(sdp));
    let options = options.with_payload_type("98=AV1/90000".parse().unwrap());
    let summary = run_with(&bytes("gst_vp8_rtx_loss"), &options);
    assert_eq!(stream(&summary.streams, 0x1122_3344, 7002).codec.as_deref(), Some("AV1"));
    let repair = stream(&summary.streams, 0x5566_7788, 7002);
    assert_eq!(repair.codec.as_deref(), Some("rtx"));
    // What the packets themselves say is kept unless the description says the same of another stream.
    assert_eq!(repair.rtx_of, Some(0x1122_3344));
}

#[test]
fn with_a_port_only_that_port_is_rtp() {
    let summary = run_with(&bytes("gst_pcmu_loss"), &InspectOptions::default().with_port(7002));
    assert_eq!(summary.streams.len(), 1);
    assert!(summary.streams[0].dst.port() == 7002 && summary.streams[0].rtcp.sr > 0);
    let summary = run_with(&bytes("gst_pcmu_loss"), &InspectOptions::default().with_port(4));
    assert!(summary.streams.is_empty() && summary.packets > 0);
}

#[test]
fn a_single_packet_is_a_stream_only_where_the_user_says_so() {
    let one: Vec<_> = records("gst_pcmu_loss").into_iter().take(1).collect();
    let file = pcap(ETHERNET, false, false, &one);
    assert!(run(&file).streams.is_empty());
    let sure = run_with(&file, &InspectOptions::default().with_port(7000));
    assert_eq!((sure.streams.len(), sure.streams[0].packets), (1, 1));
    assert_eq!((sure.streams[0].delta_ms, sure.streams[0].jitter_ms), (None, None));
    assert_eq!((sure.streams[0].drift_ppm, sure.streams[0].skew_ms), (None, Some(0.0)));
}

/// What is random has no steady SSRC; names asked for and their answers have no sequence.
#[test]
fn other_traffic_is_no_rtp() {
    let mut some = records("gst_pcmu_loss");
    let mut noise: u32 = 1;
    for (place, record) in some.iter_mut().enumerate() {
        for (at, byte) in record.frame[42..].iter_mut().enumerate() {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = match (place % 2, at) {
                (0, _) => (noise >> 24) as u8,
                // A query of the domain name system whose number looks like RTP's first bytes.
                (_, 0) => 0x80,
                (_, 1) => 0x60,
                (_, 2) => 1,
                _ => 0,
            };
        }
    }
    let summary = run(&pcap(ETHERNET, false, false, &some));
    assert!(summary.streams.is_empty(), "{:?}", summary.streams);
}

#[test]
fn every_capture_is_read_whole() {
    for name in NAMES {
        let summary = run(&bytes(name));
        assert_eq!(summary.packets, records(name).len() as u64);
        assert!(!summary.damaged && summary.link_type == "Ethernet", "{name}");
    }
}

/// A query for a name comes from a port of its own: many of them look like the start of an RTP stream each.
#[test]
fn a_hundred_thousand_other_flows_do_not_crowd_out_a_stream() {
    let stream: Vec<_> =
        records("gst_pcmu_loss").into_iter().filter(|record| record.ports().1 == 7000).collect();
    let mut all = Vec::new();
    for number in 0..100_000u32 {
        let mut frame = stream[0].frame.clone();
        frame[26..30].copy_from_slice(&(0x0a00_0000 + number).to_be_bytes());
        all.push(stream[0].with_frame(frame));
        if number.is_multiple_of(100) {
            all.push(stream[number as usize / 100].clone());
        }
    }
    let summary = run(&pcap(ETHERNET, false, false, &all));
    let streams = &summary.streams;
    assert_eq!((streams.len(), streams[0].packets, streams[0].lost), (1, 1000, 0));
    assert!(summary.problems.iter().all(|problem| problem.kind() != "limit"), "{:?}", summary.problems);
}

/// One flow that changes its SSRC with every packet costs bounded memory, and says what it left out.
#[test]
fn streams_are_bounded() {
    let stream: Vec<_> =
        records("gst_pcmu_loss").into_iter().filter(|record| record.ports().1 == 7000).collect();
    let mut all = stream[..10].to_vec();
    for number in 0..20_000u32 {
        let mut frame = stream[0].frame.clone();
        frame[50..54].copy_from_slice(&number.to_be_bytes());
        all.push(stream[0].with_frame(frame));
    }
    let summary = run(&pcap(ETHERNET, false, false, &all));
    assert_eq!(summary.streams.len(), 16_384);
    let message = problem(&summary, "limit");
    assert!(message.starts_with("3617 "), "{message}");
}
