//! Options are checked once, with an error that says what is wrong.

use interceptor_core::Registry;
use interceptor_rtx::{RtxFactory, RtxOptions};

#[test]
fn the_defaults_are_in_range() {
    assert_eq!(RtxFactory::new(RtxOptions::default()).unwrap().options(), RtxFactory::default().options());
}

#[test]
fn a_buffer_outside_its_range_is_named() {
    for bytes in [0, 2_047, (1 << 20) + 1] {
        let error = RtxFactory::new(RtxOptions::default().with_buffer_bytes(bytes)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("RtxOptions::buffer_bytes is {bytes}, it has to be in 2048..=1048576")
        );
    }
    assert!(RtxFactory::new(RtxOptions::default().with_buffer_bytes(2_048)).is_ok());
}

#[test]
fn its_codec_has_to_be_negotiated() {
    let needs = Registry::new().with(RtxFactory::default()).needs();
    assert_eq!(needs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["video: a=rtpmap rtx"]);
}
