//! The streams that tests bind.

use interceptor_core::{Chain, ChainConfig, StreamInfo};
use interceptor_packet::NtpTime;
use interceptor_test::{Clock, stream_info};

fn feedback(stream: &StreamInfo) -> Vec<String> {
    stream.feedback.iter().map(|feedback| format!("{} {}", feedback.kind, feedback.parameter)).collect()
}

#[test]
fn they_are_what_a_browser_negotiates_and_every_chain_binds_them() {
    let video = stream_info::video(1);
    assert!(video.is_video() && video.rtx.is_none());
    assert_eq!((video.ssrc, video.clock_rate(96)), (1, 90_000));
    assert_eq!(feedback(&video), ["nack ", "nack pli", "ccm fir", "transport-cc "]);
    let with_rtx = stream_info::video_with_rtx(2, 3);
    assert!(with_rtx.ssrcs().eq([2, 3]));
    assert_eq!(feedback(&with_rtx), feedback(&video));
    let audio = stream_info::audio(4);
    assert!(audio.is_audio());
    assert_eq!((audio.clock_rate(111), feedback(&audio)), (48_000, vec!["transport-cc ".to_owned()]));
    let bare = stream_info::bare(5);
    assert!(feedback(&bare).is_empty() && bare.header_extensions.is_empty());

    let now = Clock::new().now();
    let mut chain = Chain::new(ChainConfig::new("call", now, NtpTime::default(), 7));
    for stream in [video, with_rtx, audio, bare] {
        chain.bind_local(stream.clone(), now).expect("can be sent");
        chain.bind_remote(stream, now).expect("can be received");
    }
    assert_eq!(chain.stream_counts(), (4, 4));
}
