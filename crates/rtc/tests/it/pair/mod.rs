//! Two connections of the stack, encrypted, with a seeded link between them, in virtual time and without a socket.

mod peer;

use std::ops::Range;
use std::time::{Duration, Instant};

use interceptor_test::{Clock, Link, LinkOptions, UdpLinkOptions};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::rtp_transceiver::RTCRtpSenderId;

pub(crate) use peer::{
    MEDIA_SSRC, Peer, RTX_SSRC, VP8, coding, media, our_peer, ours, ours_without_rtx, their_peer, track,
    vp8_only,
};

/// Nothing here takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// A peer that asks to be woken at once is woken this much later.
const TICK: Duration = Duration::from_millis(1);

/// A call: `a` offers and sends, `b` answers and receives.
pub(crate) struct Call {
    pub(crate) clock: Clock,
    pub(crate) a: Peer,
    pub(crate) b: Peer,
    there: Link<Vec<u8>>,
    back: Link<Vec<u8>>,
}

impl Call {
    /// Links of this delay each way, that lose nothing.
    pub(crate) fn new(a: Peer, b: Peer, delay: Duration) -> Self {
        let clock = Clock::new();
        let link = |seed| {
            let options = LinkOptions::default().with_delay(delay);
            Link::new(clock.now(), seed, options).expect("options are in range")
        };
        Self { a, b, there: link(1), back: link(2), clock }
    }

    /// Offer, answer, ICE, DTLS.
    pub(crate) fn connect(&mut self) {
        self.connect_with(ToOwned::to_owned);
    }

    /// The same, with the offer changed on its way.
    pub(crate) fn connect_with(&mut self, change: impl Fn(&str) -> String) {
        self.negotiate_with(change);
        self.run_until("connected", |call| call.a.connected && call.b.connected);
    }

    /// An offer of `a` and the answer of `b`.
    pub(crate) fn negotiate(&mut self) {
        self.negotiate_with(ToOwned::to_owned);
    }

    fn negotiate_with(&mut self, change: impl Fn(&str) -> String) {
        let now = self.clock.now();
        let offer = self.a.pc.create_offer(None).expect("an offer");
        self.a.pc.set_local_description(now, offer).expect("the offer is its own");
        let offer = self.a.pc.local_description().expect("just set");
        let offer = RTCSessionDescription::offer(change(&offer.sdp)).expect("it is an offer still");
        self.b.pc.set_remote_description(now, offer).expect("the offer is sound");
        let answer = self.b.pc.create_answer(None).expect("an answer");
        self.b.pc.set_local_description(now, answer).expect("the answer is its own");
        let answer = self.b.pc.local_description().expect("just set");
        self.a.pc.set_remote_description(now, answer).expect("the answer is sound");
    }

    /// `a` sends these packets of its stream, `spacing` apart.
    pub(crate) fn send(&mut self, sender: RTCRtpSenderId, numbers: Range<u16>, spacing: Duration) {
        for number in numbers {
            let now = self.clock.now();
            self.a.send(sender, media(number, VP8), now);
            self.run_for(spacing);
        }
    }

    /// From now on `lost` decides about each RTP packet from `a` to `b`, by its place among all that `a` sends.
    pub(crate) fn drop_rtp(&mut self, mut lost: impl FnMut(u64) -> bool + Send + 'static) {
        let mut number = 0;
        self.there.drop_if(move |_, datagram| {
            if !UdpLinkOptions::is_rtp(datagram) {
                return false;
            }
            number += 1;
            lost(number)
        });
    }

    /// RTP and other packets from `a` that were lost.
    pub(crate) fn dropped(&self) -> u64 {
        self.there.counters().lost
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.clock.now() + time;
        while self.step(end) {}
    }

    pub(crate) fn run_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = self.clock.now() + PATIENCE;
        while !done(self) {
            assert!(self.step(end), "not {what} after {PATIENCE:?}");
        }
    }

    /// Moves what is to be moved at this instant, then the clock to the next one at which there is something. `false`: the end
    /// has come.
    fn step(&mut self, end: Instant) -> bool {
        self.exchange();
        let now = self.clock.now();
        if now >= end {
            return false;
        }
        let wakes = [self.a.wakes(), self.b.wakes(), self.there.next_delivery(), self.back.next_delivery()];
        let next = wakes.into_iter().flatten().min().unwrap_or(end);
        self.clock.advance_to(next.max(now + TICK).min(end));
        true
    }

    fn exchange(&mut self) {
        let now = self.clock.now();
        self.a.wake(now);
        self.b.wake(now);
        loop {
            let sent = self.a.flush(&mut self.there, now) + self.b.flush(&mut self.back, now);
            let mut arrived = 0;
            while let Some((_, datagram)) = self.there.pop(now) {
                self.b.receive(datagram, self.a.address, now);
                arrived += 1;
            }
            while let Some((_, datagram)) = self.back.pop(now) {
                self.a.receive(datagram, self.b.address, now);
                arrived += 1;
            }
            if sent + arrived == 0 {
                return;
            }
        }
    }
}
