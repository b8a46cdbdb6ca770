//! Time as it should not be: late, standing still, going back, wrapping.

use std::time::Duration;

use interceptor_packet::RtpPacket;

use super::lifecycle::tell;
use crate::contract::Contract;
use crate::contract::rig::{Input, LOCAL, REMOTE, Rig};
use crate::{Clock, rtp};

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
/// Packets that an interceptor may emit for each second and stream when nothing is lost.
const QUIET_RATE: usize = 20;

impl Contract {
    /// A timer that fires an hour late is served, asks for a time to come, and emits nothing more at that
    /// instant however often it is called.
    ///
    /// # Panics
    /// If not.
    pub fn takes_late_and_repeated_timeouts(&self) {
        let mut rig = Rig::with_streams(self);
        (0..40).for_each(|step| tell(&mut rig, step));
        for late in [Duration::from_secs(10), HOUR] {
            rig.clock.advance(late);
            rig.fire();
            let now = rig.now();
            assert!(rig.chain.next_timeout().is_none_or(|next| next > now), "a timer stays due");
            rig.clear();
            (0..1000).for_each(|_| rig.fire());
            assert!(rig.wire.is_empty() && rig.app.is_empty(), "emits again at the same instant");
        }
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        rig.assert_media_passes(self, local, remote, 40);
        rig.assert_healthy();
    }

    /// Media passes while the clock stands still, with timers called all the time.
    ///
    /// # Panics
    /// If not.
    pub fn keeps_going_while_the_clock_stands_still(&self) {
        let mut rig = Rig::with_streams(self);
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        let outgoing: Vec<RtpPacket> = rtp(local).payload_len(100).stream().take(2000).collect();
        let incoming: Vec<RtpPacket> = rtp(remote).payload_len(100).stream().take(2000).collect();
        for (out, incoming) in outgoing.iter().zip(&incoming) {
            rig.write_rtp(out.clone());
            rig.read(incoming.to_bytes());
            rig.fire();
        }
        rig.pass(self.patience());
        self.assert_same_rtp("outgoing", &outgoing, &rig.wire_rtp(&[local]));
        self.assert_same_rtp("incoming", &incoming, &rig.app_rtp(&[remote]));
        rig.assert_healthy();
    }

    /// Media passes when the clock and the arrival times of packets go back, and timers are in reach
    /// afterwards.
    ///
    /// # Panics
    /// If not.
    pub fn keeps_going_when_the_clock_goes_back(&self) {
        let mut rig = Rig::with_streams(self);
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        rig.pass(HOUR);
        (0..20).for_each(|step| tell(&mut rig, step));
        if self.holds_for.is_some() {
            // What waits for what is missing is not of what follows.
            rig.pass(self.patience());
        }
        let latest = rig.now();
        rig.clear();

        let outgoing: Vec<RtpPacket> = rtp(local).seq(20).payload_len(100).stream().take(50).collect();
        let incoming: Vec<RtpPacket> = rtp(remote).seq(20).payload_len(100).stream().take(50).collect();
        for (number, (out, incoming)) in (0..).zip(outgoing.iter().zip(&incoming)) {
            let back = latest - number * Duration::from_secs(70);
            let mut packet = RtpPacket::parse(incoming.to_bytes()).expect("a well-formed packet");
            packet.info_mut().arrival = Some(back);
            rig.give(Input::Write(out.clone()), |chain, _| chain.write_rtp(out.clone(), back));
            rig.give(Input::ReadRtp(packet.clone()), |chain, _| chain.read_rtp(packet, back));
            rig.give(Input::Call("a timeout"), |chain, _| chain.handle_timeout(back));
        }
        rig.pass(self.patience());
        self.assert_same_rtp("outgoing", &outgoing, &rig.wire_rtp(&[local]));
        self.assert_same_rtp("incoming", &incoming, &rig.app_rtp(&[remote]));
        let reach = latest + Duration::from_secs(24 * 3600);
        assert!(rig.chain.next_timeout().is_none_or(|next| next < reach), "a timer is out of reach");
        rig.assert_media_passes(self, local, remote, 70);
        rig.assert_healthy();
    }

    /// Sequence numbers and timestamps wrap, and streams start anew at another place, without a packet lost,
    /// and without noise on a link that loses nothing.
    ///
    /// # Panics
    /// If not.
    pub fn keeps_going_over_wraps_and_restarts(&self) {
        let mut rig = Rig::with_streams(self);
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        let stream = |ssrc| rtp(ssrc).seq(65_000).ts(u32::MAX - 90_000).payload_len(16).stream();
        let (mut outgoing, mut incoming) = (stream(local), stream(remote));
        // A whole lap of sequence numbers in chunks, so that no more than a chunk is kept.
        for _ in 0..67 {
            let out: Vec<RtpPacket> = outgoing.by_ref().take(1000).collect();
            let inc: Vec<RtpPacket> = incoming.by_ref().take(1000).collect();
            let begin = rig.now();
            for (out, inc) in out.iter().zip(&inc) {
                rig.write_rtp(out.clone());
                rig.read(inc.to_bytes());
                rig.pass(5 * MS);
            }
            rig.pass(self.patience());
            self.assert_same_rtp("outgoing", &out, &rig.wire_rtp(&[local]));
            self.assert_same_rtp("incoming", &inc, &rig.app_rtp(&[remote]));
            let noise = rig.wire.len() - out.len();
            let seconds = (rig.now() - begin).as_secs() as usize + 1;
            assert!(noise <= QUIET_RATE * seconds * 6, "{noise} packets in {seconds} s without loss");
            rig.clear();
        }
        // None of them repeats numbers of the one before: who drops duplicates would be right to.
        for restart in [40_000, 0, 32_868, 65_535, 100] {
            rig.assert_media_passes(self, local, remote, restart);
        }
        assert!(rig.now() - Clock::new().now() > Duration::from_secs(300));
        rig.assert_healthy();
    }
}
