//! A thousand viewers of one publisher, with real chains and the hub between them.

use std::time::Instant;

use interceptor_core::packet::NtpTime;
use interceptor_core::{Chain, ChainConfig, Event, Fact, KeyframeNeeded, KeyframeRequested, Registry};
use interceptor_keyframe::{KeyframeFactory, KeyframeHub};
use interceptor_test::Clock;

use crate::kit::{KEY, ms, packet, pli, video_of};

const VIEWERS: usize = 1_000;
const PUBLISHER: usize = VIEWERS;
const PUBLISHED: u32 = 1;

/// All chains of a forwarder, and the map between them.
struct Forwarder {
    /// The last is the publisher's.
    chains: Vec<Chain>,
    hub: KeyframeHub<usize>,
    start: Instant,
    now: Instant,
}

impl Forwarder {
    fn new() -> Self {
        let registry = Registry::new().with(KeyframeFactory::default());
        let now = Clock::new().now();
        let hub = KeyframeHub::default();
        let chains = (0..=VIEWERS).map(|at| {
            let config = ChainConfig::new(format!("chain-{at}"), now, NtpTime::default(), at as u64);
            let mut chain = registry.build(config).unwrap();
            if at == PUBLISHER {
                chain.bind_remote(video_of(PUBLISHED), now).unwrap();
                chain.read_rtp(packet(PUBLISHED, 0, 0, &KEY), now);
            } else {
                chain.bind_local(video_of(viewer_ssrc(at)), now).unwrap();
                hub.link(at, viewer_ssrc(at), PUBLISHER, PUBLISHED);
            }
            chain
        });
        let chains = chains.collect();
        Self { chains, hub, start: now, now }
    }

    /// The viewer's decoder has lost its picture; what its chain says is passed on at once.
    fn ask(&mut self, viewer: usize) {
        self.chains[viewer].read_rtcp(pli(viewer_ssrc(viewer)), self.now);
        self.pass_on(viewer);
    }

    fn pass_on(&mut self, viewer: usize) {
        while let Some(event) = self.chains[viewer].poll_event() {
            let Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) = event else { continue };
            let Some((publisher, ssrc)) = self.hub.publisher_of(&viewer, ssrc) else { continue };
            self.chains[publisher].publish(KeyframeNeeded { ssrc }, self.now);
        }
    }

    /// Time passes for all; milliseconds since the start at which the publisher was asked.
    fn run(&mut self, millis: u64) -> Vec<u128> {
        let mut asked = Vec::new();
        for _ in 0..=millis {
            while self.chains[PUBLISHER].poll_wire().is_some() {
                asked.push((self.now - self.start).as_millis());
            }
            self.now += ms(1);
            for at in 0..self.chains.len() {
                if self.chains[at].next_timeout().is_some_and(|next| next <= self.now) {
                    self.chains[at].handle_timeout(self.now);
                    self.pass_on(at);
                }
            }
        }
        asked
    }

    /// A key frame comes and goes out to everybody.
    fn key_frame(&mut self, seq: u16) {
        for at in 0..self.chains.len() {
            let timestamp = u32::from(seq) * 3000;
            if at == PUBLISHER {
                self.chains[at].read_rtp(packet(PUBLISHED, seq, timestamp, &KEY), self.now);
            } else {
                self.chains[at].write_rtp(packet(viewer_ssrc(at), seq, timestamp, &KEY), self.now);
                while self.chains[at].poll_wire().is_some() {}
            }
        }
    }
}

const fn viewer_ssrc(viewer: usize) -> u32 {
    1_000 + viewer as u32
}

#[test]
fn a_storm_is_one_request_and_a_second_only_if_no_key_frame_comes() {
    let mut forwarder = Forwarder::new();
    forwarder.ask(0);
    assert!(forwarder.chains[PUBLISHER].poll_wire().is_some(), "within the call of the first viewer");
    (1..VIEWERS).for_each(|viewer| forwarder.ask(viewer));
    assert_eq!(forwarder.run(498), [0; 0]);
    assert_eq!(forwarder.run(100), [500], "no key frame came");
    forwarder.key_frame(1);
    assert_eq!(forwarder.run(2_900), [0; 0]);
}

#[test]
fn a_key_frame_ends_the_storm_however_often_the_viewers_ask() {
    let mut forwarder = Forwarder::new();
    let mut asked = Vec::new();
    // Each viewer asks each 200 ms, as libwebrtc does, until it has a picture.
    for round in 0..3 {
        (0..VIEWERS).for_each(|viewer| forwarder.ask(viewer));
        asked.extend(forwarder.run(if round == 2 { 50 } else { 199 }));
    }
    forwarder.key_frame(1);
    asked.extend(forwarder.run(2_000));
    assert_eq!(asked, [0]);
}

#[test]
fn a_viewer_who_joins_after_the_key_frame_gets_another() {
    let mut forwarder = Forwarder::new();
    (0..VIEWERS - 1).for_each(|viewer| forwarder.ask(viewer));
    assert_eq!(forwarder.run(100), [0]);
    forwarder.key_frame(1);
    assert_eq!(forwarder.run(388), [0; 0]);
    forwarder.ask(VIEWERS - 1);
    assert_eq!(forwarder.run(20), [500], "at the end of the interval");
}
