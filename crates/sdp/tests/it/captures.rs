//! What Chromium 156 has offered and answered in the captures.

use interceptor_sdp::Description;

/// Offer and answer of a call with RTX, RED and ULPFEC.
pub(crate) const RED_OFFER: &str = include_str!("../data/chromium_red_offer.sdp");
pub(crate) const RED_ANSWER: &str = include_str!("../data/chromium_red_answer.sdp");
/// Of one with FlexFEC besides.
pub(crate) const FLEXFEC_OFFER: &str = include_str!("../data/chromium_flexfec_offer.sdp");
pub(crate) const FLEXFEC_ANSWER: &str = include_str!("../data/chromium_flexfec_answer.sdp");

/// Of one with every codec, encrypted, with simulcast and a data channel.
pub(crate) const SIMULCAST_OFFER: &str = include_str!("../data/chromium_simulcast_offer.sdp");

fn snapshot(name: &str, text: &str) {
    let description = Description::parse(text).unwrap();
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_debug_snapshot!(format!("{name}_sends"), description.sends());
        insta::assert_debug_snapshot!(format!("{name}_takes"), description.takes());
    });
}

#[test]
fn the_streams_of_chromium_with_red_are_these() {
    snapshot("chromium_red_offer", RED_OFFER);
    snapshot("chromium_red_answer", RED_ANSWER);
}

#[test]
fn the_streams_of_chromium_with_flexfec_are_these() {
    snapshot("chromium_flexfec_offer", FLEXFEC_OFFER);
    snapshot("chromium_flexfec_answer", FLEXFEC_ANSWER);
}

#[test]
fn retransmissions_of_red_have_a_pair_of_their_own() {
    let offer = Description::parse(RED_OFFER).unwrap();
    let [video, audio] = &offer.sends()[..] else { panic!("two sections") };
    let [stream] = &video.announced[..] else { panic!("one stream, its RTX within: {video:?}") };
    let rtx = stream.rtx.as_ref().unwrap();
    let pairs: Vec<_> = rtx.payload_types.iter().map(|pair| (pair.rtx, pair.media)).collect();
    assert_eq!(
        (stream.ssrc, rtx.ssrc, &pairs[..]),
        (1_448_599_044, 717_799_354, &[(97, 96), (119, 118)][..])
    );
    assert_eq!(stream.red.map(|red| (red.payload_type, red.primary)), Some((118, 96)));
    assert_eq!(
        audio.announced[0].red.map(|red| (red.payload_type, red.primary, red.levels)),
        Some((63, 111, 1))
    );
    assert!(video.announced.iter().chain(&audio.announced).all(|stream| stream.check().is_ok()));
}

#[test]
fn simulcast_of_chromium_has_a_template_for_each_encoding() {
    let offer = Description::parse(SIMULCAST_OFFER).unwrap();
    let [camera, _, simulcast] = &offer.sends()[..] else { panic!("the data channel is no RTP") };
    assert!(camera.layers.is_empty() && simulcast.announced.is_empty());
    assert_eq!(simulcast.layers.iter().map(|layer| layer.rid()).collect::<Vec<_>>(), ["hi", "lo"]);
    let stream = simulcast.template("hi").stream(1);
    assert_eq!((&*stream.mid, stream.codecs.len()), ("2", 10));
    assert!(stream.check().is_ok());
}
