//! A forwarder: a thousand viewers of one camera lose their picture at once, and the camera is asked for one key frame.

use std::error::Error;
use std::time::Duration;

use interceptor_core::packet::{NtpTime, RtcpPacket};
use interceptor_core::{ChainConfig, Event, Fact, KeyframeNeeded, KeyframeRequested, Registry};
use interceptor_keyframe::{KeyframeFactory, KeyframeHub};
use interceptor_test::{Clock, rtp, stream_info};

/// The first byte of a VP8 payload that begins a frame, and of a key frame's header.
const KEY_FRAME: [u8; 4] = [0x10, 0x50, 0, 0];
const CAMERA: u32 = 0xca;

/// How often the camera was asked: for all viewers at once, and for one who came after the key frame.
fn run() -> Result<[usize; 2], Box<dyn Error>> {
    let factory = KeyframeFactory::default();
    let handle = factory.handle();
    let registry = Registry::new().with(factory);
    // A program passes its own clock's instants.
    let mut clock = Clock::new();
    let start = clock.now();
    let chain = |id: &str| registry.build(ChainConfig::new(id, start, NtpTime::default(), 7));

    let mut camera = chain("camera")?;
    camera.bind_remote(stream_info::video(CAMERA), clock.now())?;
    let hub = KeyframeHub::<usize>::default();
    let mut viewers = Vec::new();
    for viewer in 0..1000 {
        let mut chain = chain(&format!("viewer-{viewer}"))?;
        chain.bind_local(stream_info::video(viewer as u32), clock.now())?;
        hub.link(viewer, viewer as u32, usize::MAX, CAMERA);
        viewers.push(chain);
    }

    // All of them ask.
    for (viewer, chain) in viewers.iter_mut().enumerate() {
        chain.read_rtcp(RtcpPacket::builder().pli(99, viewer as u32).build()?, clock.now());
        while let Some(event) = chain.poll_event() {
            let Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) = event else { continue };
            if let Some((_camera, ssrc)) = hub.publisher_of(&viewer, ssrc) {
                camera.publish(KeyframeNeeded { ssrc }, clock.now());
            }
        }
    }
    let storm = std::iter::from_fn(|| camera.poll_wire()).count();

    // It comes 120 ms later; who joins after that needs another, which is asked for half a second after the first.
    clock.advance(Duration::from_millis(120));
    camera.read_rtp(rtp(CAMERA).payload(KEY_FRAME.to_vec()).build(), clock.now());
    clock.advance(Duration::from_millis(200));
    camera.publish(KeyframeNeeded { ssrc: CAMERA }, clock.now());
    clock.advance(Duration::from_millis(180));
    camera.handle_timeout(clock.now());
    let later = std::iter::from_fn(|| camera.poll_wire()).count();

    println!("{storm} request for {} viewers, {later} for one who came late", viewers.len());
    println!("{:#?}", handle.connection("camera"));
    Ok([storm, later])
}

fn main() -> Result<(), Box<dyn Error>> {
    run().map(|_| ())
}

#[test]
fn each_is_one_request() {
    assert_eq!(run().unwrap(), [1, 1]);
}
