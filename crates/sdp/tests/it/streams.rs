//! The streams that sections announce.

use interceptor_core::{FecScheme, StreamInfo};
use interceptor_sdp::{MediaStreams, stream_infos};

use crate::support::read;

fn sent(body: &str) -> MediaStreams {
    let mut streams = read(body).sends();
    assert_eq!(streams.len(), 1);
    streams.remove(0)
}

fn ssrcs(streams: &[StreamInfo]) -> Vec<Vec<u32>> {
    streams.iter().map(|stream| stream.ssrcs().collect()).collect()
}

const VIDEO: &str = "m=video 9 RTP/AVPF 96 97 49\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n\
    a=rtpmap:49 flexfec-03/90000\na=fmtp:49 repair-window=200000\n";

#[test]
fn feedback_is_that_of_media_and_of_all() {
    let body = format!(
        "{VIDEO}a=rtcp-fb:* nack\na=rtcp-fb:96 nack\na=rtcp-fb:96 ccm fir\na=rtcp-fb:97 nack pli\na=rtcp-fb:120 x\n"
    );
    let template = sent(&body).template;
    let feedback: Vec<_> = template.info().feedback.iter().map(|f| (&*f.kind, &*f.parameter)).collect();
    assert_eq!(feedback, [("nack", ""), ("ccm", "fir")], "of retransmissions none counts");
}

#[test]
fn extensions_are_those_that_the_author_sends() {
    let body = format!(
        "{VIDEO}a=extmap:1 urn:both\na=extmap:2/sendonly urn:sent\na=extmap:3/recvonly urn:taken\na=extmap:4/inactive urn:none\n\
         a=extmap:4096 urn:no-room\na=extmap:1 urn:twice\na=extmap:255/sendrecv urn:last with attributes\n"
    );
    let description = read(&body);
    let ids = |streams: &[MediaStreams]| -> Vec<_> {
        streams[0].template.info().header_extensions.iter().map(|known| known.id).collect()
    };
    assert_eq!(ids(&description.sends()), [1, 2, 255]);
    assert_eq!(ids(&description.takes()), [1, 3, 255]);
    assert_eq!(description.sections()[0].extension_id("urn:no-room"), None);
}

#[test]
fn repair_ssrcs_belong_to_their_media() {
    let body = format!(
        "{VIDEO}a=ssrc-group:SIM 1 2\na=ssrc-group:FID 1 11\na=ssrc-group:FID 2 12\na=ssrc-group:FEC-FR 1 2 90\na=ssrc:1 cname:x\n\
         a=ssrc:11 cname:x\na=ssrc:2 cname:x\na=ssrc:90 cname:x\n"
    );
    let announced = sent(&body).announced;
    assert_eq!(ssrcs(&announced), [vec![1, 11, 90], vec![2, 12, 90]]);
    let fec = announced[0].fec.unwrap();
    assert_eq!(
        (fec.scheme, fec.payload_type, fec.repair_window.as_millis()),
        (FecScheme::FlexFec03, 49, 200)
    );
    assert!(announced.iter().all(|stream| stream.check().is_ok()));
}

#[test]
fn groups_that_contradict_each_other_leave_streams_that_can_be() {
    for groups in [
        "FID 1 1",
        "FID 1 2\na=ssrc-group:FID 2 1",
        "FID 1 2\na=ssrc-group:FEC-FR 1 2",
        "FID 1 2\na=ssrc-group:FID 3 2",
        "FEC-FR 5",
        "FEC-FR 1 2 1",
        "FEC-FR 1 2\na=ssrc-group:FID 2 3",
    ] {
        let announced = sent(&format!("{VIDEO}a=ssrc-group:{groups}\n")).announced;
        let all: Vec<u32> = announced.iter().map(|stream| stream.ssrc).collect();
        assert!(!announced.is_empty(), "{groups}");
        for stream in &announced {
            assert!(stream.check().is_ok(), "{groups}: {stream:?}");
            let repairs = stream.ssrcs().skip(1).any(|ssrc| all.contains(&ssrc));
            assert!(!repairs, "{groups}: what repairs is no stream of its own: {announced:?}");
        }
    }
}

#[test]
fn a_group_makes_no_repair_of_what_an_earlier_one_repairs() {
    for later in ["FID 3 1", "FEC-FR 3 1"] {
        let body = format!("{VIDEO}a=ssrc-group:FID 1 2\na=ssrc-group:{later}\n");
        assert_eq!(ssrcs(&sent(&body).announced), [vec![1, 2], vec![3]], "{later}");
    }
}

#[test]
fn an_rtx_ssrc_without_pairs_is_no_stream_and_repairs_nothing() {
    let announced = sent("m=video 9 RTP/AVPF 96\na=rtpmap:96 VP8/90000\na=ssrc-group:FID 1 2\n").announced;
    assert_eq!(ssrcs(&announced), [[1]]);
}

#[test]
fn ulpfec_needs_red() {
    let with = |types: &str| {
        let body = format!(
            "m=video 9 RTP/AVPF 96 {types}\na=rtpmap:96 VP8/90000\na=rtpmap:98 red/90000\na=rtpmap:99 ulpfec/90000\n"
        );
        sent(&body.replace(
            "a=rtpmap:98 red/90000\n",
            if types.contains("98") { "a=rtpmap:98 red/90000\n" } else { "" },
        ))
    };
    assert_eq!(
        with("98 99").template.info().fec.map(|fec| (fec.scheme, fec.ssrc)),
        Some((FecScheme::UlpFec, None))
    );
    assert_eq!(with("99").template.info().fec, None);
}

#[test]
fn a_pair_that_names_nobody_is_left_out() {
    let streams = sent(
        "m=video 9 RTP/AVPF 96 97 98 99\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=100\na=rtpmap:98 rtx/90000\n\
         a=rtpmap:99 rtx/90000\na=fmtp:99 apt=97\n",
    );
    assert_eq!(streams.template.rtx_pairs(), []);
}

#[test]
fn a_session_gives_the_same_as_its_text() {
    let description = read(&format!("{VIDEO}a=ssrc:5 cname:x\n"));
    assert_eq!(stream_infos(description.session()).unwrap(), description.sends());
}

#[test]
fn who_only_takes_announces_nothing_and_says_how_much_it_wants() {
    let description = read(
        &format!("{VIDEO}a=recvonly\na=ssrc:5 cname:x\n")
            .replace("a=rtpmap:96", "b=TIAS:500000\na=rtpmap:96"),
    );
    assert!(description.sends().is_empty());
    let [taken] = &description.takes()[..] else { panic!("one section") };
    assert_eq!(taken.template.info().bitrate.map(|rate| rate.max), Some(500_000));
    let stream = taken.template.with_rtx(taken.template.stream(7), 8);
    assert_eq!(stream.ssrcs().collect::<Vec<_>>(), [7, 8]);
    assert!(stream.check().is_ok() && taken.announced.is_empty());
}
