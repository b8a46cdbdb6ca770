//! A link that loses every fifth packet, both ways: what is asked for arrives, and is not asked for more often than needed.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use interceptor_core::packet::{Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{KeyframeNeeded, Registry, Rtt};
use interceptor_keyframe::KeyframeFactory;
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Received, Side, rtp, stream_info};

use crate::kit::{PEER, ms, only_told};

const MEDIA: u32 = 1;
const RTX: u32 = 2;
/// 30 frames a second, near enough, and what that is at 90 kHz.
const FRAME: Duration = ms(33);
const TICKS: u32 = 2_970;
const PACKETS_A_FRAME: u16 = 3;
const PACKETS_A_KEY_FRAME: u16 = 12;
/// Key frames that somebody needs, one after the other, so long after the one before came.
const NEEDED: u32 = 200;
const PAUSE: Duration = ms(2_000);
/// libwebrtc's encoder makes no key frame so soon after the last.
const ENCODER_SPACING: Duration = ms(300);
/// libwebrtc's receiver asks again each so often.
const THEIR_REPEAT: Duration = ms(200);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Ours,
    /// libwebrtc's rule: each 200 ms, until a key frame begins.
    Theirs,
}

/// A camera at one end, and at the other somebody who needs a key frame now and then.
struct Call {
    pair: Pair,
    number: u16,
    frames: u32,
    next_frame: Instant,
    /// When the encoder made a key frame last, and whether it is to make another.
    last_key: Option<Instant>,
    wanted: bool,
    made: u32,
    /// The timestamp of the newest key frame that has begun to come.
    came: Option<u32>,
}

impl Call {
    fn new(rtt: Duration) -> Self {
        let repair = || {
            // It gives nothing up, which would be a cause as well.
            let options = NackOptions::default().with_max_age(ms(10_000)).with_max_requests(100);
            let nack = NackFactory::new(options.with_send_history_age(ms(10_000))).unwrap();
            Registry::new().with(nack).with(RtxFactory::default())
        };
        let receiver = repair().with(KeyframeFactory::new(only_told()).unwrap());
        let link = LinkOptions::default().with_delay(rtt / 2).with_loss(Loss::random(0.2));
        let options = PairOptions::default().with_seed(5).with_links(link);
        let mut pair = Pair::new(&repair(), &receiver, options).unwrap();
        pair.bind(Side::A, stream_info::video_with_rtx(MEDIA, RTX)).unwrap();
        for side in [Side::A, Side::B] {
            pair.with_chain(side, |chain, now| chain.publish(Rtt::first(rtt), now));
        }
        let next_frame = pair.now();
        Self { pair, number: 0, frames: 0, next_frame, last_key: None, wanted: true, made: 0, came: None }
    }

    /// The encoder's next frame.
    fn frame(&mut self) {
        let now = self.pair.now();
        let key = std::mem::take(&mut self.wanted);
        if key {
            self.last_key = Some(now);
            self.made += 1;
        }
        let packets = if key { PACKETS_A_KEY_FRAME } else { PACKETS_A_FRAME };
        for at in 0..packets {
            let (start, kind) = (if at == 0 { 0x10 } else { 0 }, if key { 0x50 } else { 0x51 });
            let packet = rtp(MEDIA).pt(96).seq(self.number).ts(self.frames.wrapping_mul(TICKS));
            self.pair.write_rtp(
                Side::A,
                packet.marker(at + 1 == packets).payload(vec![start, kind, 0, 0]).build(),
            );
            self.number = self.number.wrapping_add(1);
        }
        self.frames += 1;
        self.next_frame += FRAME;
    }

    /// A frame's time passes, or less.
    fn step(&mut self, until: Instant) {
        self.pair.run_until(until.min(self.next_frame));
        let now = self.pair.now();
        let asked = self.pair.take_received(Side::A).iter().filter_map(Received::rtcp).any(has_pli);
        if asked && self.last_key.is_none_or(|last| now - last >= ENCODER_SPACING) {
            self.wanted = true;
        }
        let received = self.pair.take_received(Side::B);
        let keys = received.iter().filter_map(Received::rtp).filter(|packet| is_key(packet));
        self.came = keys.map(RtpPacket::timestamp).chain(self.came).max();
        if now >= self.next_frame {
            self.frame();
        }
    }

    /// Somebody needs a key frame from now on. How long it takes until one begins.
    fn need(&mut self, asker: Asker) -> Duration {
        let (start, before) = (self.pair.now(), self.came);
        let mut asked: Option<Instant> = None;
        while self.came == before {
            let now = self.pair.now();
            assert!(now - start < ms(30_000), "it never came");
            let again = asked.map_or(now, |asked| asked + THEIR_REPEAT);
            match asker {
                Asker::Ours if asked.is_none() => {
                    self.pair.with_chain(Side::B, |chain, now| {
                        chain.publish(KeyframeNeeded { ssrc: MEDIA }, now);
                    });
                    asked = Some(now);
                }
                Asker::Theirs if now >= again => {
                    self.pair.write_rtcp(Side::B, RtcpPacket::builder().pli(PEER, MEDIA).build().unwrap());
                    asked = Some(now);
                }
                _ => {}
            }
            let until = if asker == Asker::Theirs { again.max(now + ms(1)) } else { now + FRAME };
            self.step(until);
        }
        self.pair.now() - start
    }

    fn pause(&mut self) {
        let end = self.pair.now() + PAUSE;
        while self.pair.now() < end {
            self.step(end);
        }
    }
}

fn has_pli(packet: &RtcpPacket) -> bool {
    packet.packets().any(|view| matches!(view, Rtcp::Pli(_)))
}

fn is_key(packet: &RtpPacket) -> bool {
    packet.payload().starts_with(&[0x10, 0x50])
}

/// Requests a needed key frame, key frames made for it, and how long it took: in the middle, and at most.
fn run(asker: Asker, rtt: u64) -> (f64, f64, u128, u128) {
    let mut call = Call::new(ms(rtt));
    call.pause();
    let (before, _) = (call.made, call.pair.take_sent(Side::B));
    let mut waits = Vec::new();
    for _ in 0..NEEDED {
        waits.push(call.need(asker).as_millis());
        call.pause();
    }
    let sent = call.pair.take_sent(Side::B);
    let requests = sent.iter().filter_map(|sent| sent.rtcp()).filter(has_pli).count();
    waits.sort_unstable();
    let needed = f64::from(NEEDED);
    let middle = waits[waits.len() / 2];
    (requests as f64 / needed, f64::from(call.made - before) / needed, middle, waits[waits.len() - 1])
}

#[test]
fn what_is_asked_for_arrives_with_few_requests() {
    let mut table = String::new();
    for rtt in [20, 100, 300] {
        for asker in [Asker::Ours, Asker::Theirs] {
            let (requests, made, middle, most) = run(asker, rtt);
            writeln!(
                table,
                "{rtt:3} ms, {asker:?}: {requests:.2} requests and {made:.2} key frames for each that is needed; {middle} ms, {most} ms at most"
            )
            .unwrap();
            assert!(asker == Asker::Theirs || requests <= 1.5, "{table}");
        }
    }
    insta::assert_snapshot!(table);
}
