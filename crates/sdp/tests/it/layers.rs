//! Simulcast: encodings by their RID.

use interceptor_sdp::Direction;

use crate::support::read;

const RIDS: &str = "m=video 9 RTP/AVPF 96 98\na=mid:cam\na=rtpmap:96 VP8/90000\na=rtpmap:98 VP9/90000\na=rid:hi send pt=98;max-width=1280\n\
    a=rid:lo send max-br=200000;max-fps=15\na=rid:in recv\na=simulcast:send hi;~lo recv in\n";

#[test]
fn each_encoding_has_a_template() {
    let streams = read(RIDS).sends().remove(0);
    let layers: Vec<_> =
        streams.layers.iter().map(|layer| (layer.rid(), layer.info().codecs.len())).collect();
    assert_eq!(layers, [("hi", 1), ("lo", 2)]);
    let stream = streams.template("lo").stream(9);
    assert_eq!(
        (&*stream.mid, &*stream.rid, stream.bitrate.map(|rate| rate.max)),
        ("cam", "lo", Some(200_000))
    );
    assert_eq!(streams.template("nobody").rid(), "");
}

#[test]
fn what_is_taken_side_by_side_are_other_encodings() {
    let streams = read(RIDS).takes().remove(0);
    assert_eq!(streams.direction, Direction::SendRecv);
    assert_eq!(streams.layers.iter().map(|layer| layer.rid()).collect::<Vec<_>>(), ["in"]);
}

#[test]
fn lines_are_read_and_written_as_they_were() {
    let description = read(RIDS);
    let section = &description.sections()[0];
    assert_eq!(section.simulcast.to_string(), "send hi;~lo recv in");
    let rids: Vec<_> = section.rids.iter().map(ToString::to_string).collect();
    assert_eq!(rids, ["hi send pt=98;max-width=1280", "lo send max-br=200000;max-fps=15", "in recv"]);
    assert!(section.simulcast.send[1][0].paused && !section.simulcast.send[0][0].paused);
}

#[test]
fn alternatives_are_each_an_encoding() {
    let body = RIDS.replace("send hi;~lo", "send hi,lo");
    let streams = read(&body).sends().remove(0);
    assert_eq!(streams.layers.len(), 2);
}
