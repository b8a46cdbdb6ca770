//! Streams that do not concern an interceptor are told apart when they are bound, not with each packet.

use std::sync::mpsc;

use interceptor_core::{Chain, Stage, StreamInfo};

use crate::actor::Actor;
use crate::probe::{config, rtp};

fn stream(ssrc: u32, mime_type: &str) -> StreamInfo {
    StreamInfo::new(ssrc, 96, 90_000).with_mime_type(mime_type)
}

/// SSRCs whose packets come to an interceptor that takes part in what `concerned` says, of seven streams each way.
fn met(concerned: fn(&StreamInfo) -> bool) -> Vec<u32> {
    let streams = [
        stream(1, "video/VP8").with_feedback("nack", "").with_feedback("nack", "pli"),
        stream(2, "VIDEO/H264").with_feedback("NACK", ""),
        stream(3, "video/AV1").with_feedback("ccm", "fir").with_feedback("nack", "pli"),
        stream(4, "video/VP9"),
        stream(5, "audio/opus").with_feedback("nack", ""),
        stream(6, "application/video"),
        StreamInfo::unknown(7),
    ];
    let (seen, met) = mpsc::channel();
    let interceptor =
        Actor::default().on_bind(move |info, _| Ok(concerned(&info))).on_rtp(move |packet, _| {
            seen.send(packet.ssrc())?;
            Ok(Some(packet))
        });
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.insert("filter", Stage::NACK, interceptor, now).unwrap();
    for info in streams {
        let ssrc = info.ssrc;
        chain.bind_remote(info.clone(), now).unwrap();
        chain.bind_local(info, now).unwrap();
        chain.read_rtp(rtp(ssrc, 1), now);
        chain.write_rtp(rtp(ssrc, 1), now);
    }
    assert_eq!(std::iter::from_fn(|| chain.poll_app()).count(), 7, "all the same everything is delivered");
    assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 7);
    let met: Vec<u32> = met.try_iter().collect();
    let (incoming, outgoing) = (met.iter().step_by(2), met.iter().skip(1).step_by(2));
    assert!(incoming.clone().eq(outgoing), "each way alike: {met:?}");
    incoming.copied().collect()
}

#[test]
fn by_feedback() {
    assert_eq!(met(|stream| stream.has_feedback("nack", "")), [1, 2, 5]);
    assert_eq!(met(|stream| stream.has_feedback("nack", "pli")), [1, 3]);
    assert_eq!(met(|stream| stream.has_feedback("transport-cc", "")), []);
}

#[test]
fn by_media_type() {
    assert_eq!(met(StreamInfo::is_video), [1, 2, 3, 4]);
    assert_eq!(met(StreamInfo::is_audio), [5]);
}
