//! Descriptions of other programs: what ffmpeg and GStreamer wrote, and others as the RFCs have them written.

use interceptor_core::StreamInfo;
use interceptor_sdp::{Description, MediaStreams};

/// ffmpeg 5.1 with `-sdp_file`: H.264 and Opus, on two ports.
pub(crate) const FFMPEG: &str = include_str!("../data/ffmpeg_h264_opus.sdp");
/// An offer of GStreamer 1.22's `webrtcbin`, VP8 with RTX, RED and ULPFEC.
pub(crate) const GSTREAMER: &str = include_str!("../data/gstreamer_webrtcbin.sdp");
/// As Firefox puts it: SSRCs and RIDs together, a mapped extension for each direction, `a=msid` and `b=TIAS`.
pub(crate) const FIREFOX: &str = include_str!("../data/like_firefox.sdp");
/// As werift puts it: each section with all of its transport, RTX without SSRC groups, `a=rid` for what it takes.
pub(crate) const WERIFT: &str = include_str!("../data/like_werift.sdp");
/// As aiortc puts it: `a=rtcp` with an address, `sha-256` and candidates in each section, `a=ssrc` with `cname` alone.
pub(crate) const AIORTC: &str = include_str!("../data/like_aiortc.sdp");

fn sends(text: &str) -> Vec<MediaStreams> {
    Description::parse(text).unwrap().sends()
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_debug_snapshot!(name, sends(text));
    });
}

#[test]
fn the_streams_of_ffmpeg_are_these() {
    snapshot("ffmpeg", FFMPEG);
}

#[test]
fn the_streams_of_gstreamer_are_these() {
    snapshot("gstreamer", GSTREAMER);
}

#[test]
fn the_streams_of_firefox_are_these() {
    snapshot("like_firefox", FIREFOX);
    let video = &sends(FIREFOX)[1];
    let ssrcs: Vec<Vec<u32>> = video.announced.iter().map(|stream| stream.ssrcs().collect()).collect();
    assert_eq!(ssrcs, [[3000, 3001], [3002, 3003]]);
    assert_eq!(video.layers.iter().map(|layer| layer.rid()).collect::<Vec<_>>(), ["hi", "lo"]);
}

#[test]
fn the_streams_of_werift_are_these() {
    snapshot("like_werift", WERIFT);
}

#[test]
fn the_streams_of_aiortc_are_these() {
    snapshot("like_aiortc", AIORTC);
}

#[test]
fn all_of_them_can_be_bound() {
    for text in [FFMPEG, GSTREAMER, FIREFOX, WERIFT, AIORTC] {
        for section in sends(text) {
            let templates =
                section.layers.iter().chain([&section.template]).map(|template| template.stream(99));
            let streams: Vec<StreamInfo> = section.announced.iter().cloned().chain(templates).collect();
            for stream in streams {
                assert!(stream.check().is_ok() && stream.primary().is_some(), "{stream:?}");
            }
        }
    }
}
