//! A chain around the interceptor under test, driven by hand.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Chain, Incoming, Outgoing};
use interceptor_packet::{RtcpPacket, RtpPacket};

use super::Contract;
use crate::{Clock, rtp};

/// The local streams of a rig.
pub(super) const LOCAL: [u32; 3] = [101, 102, 103];
/// The remote streams of a rig.
pub(super) const REMOTE: [u32; 3] = [201, 202, 203];
/// An SSRC that no stream announces.
pub(super) const STRANGER: u32 = 999;

/// The chain delays timers that ask to fire again at once; a few more may be due at the same instant.
const MAX_TIMEOUTS_AT_ONE_INSTANT: u32 = 1000;

/// A chain and what came out of it.
pub(super) struct Rig {
    pub(super) chain: Chain,
    pub(super) clock: Clock,
    pub(super) wire: Vec<Outgoing>,
    pub(super) app: Vec<Incoming>,
}

impl Rig {
    /// A chain with nothing but the interceptor, without streams.
    pub(super) fn empty(contract: &Contract) -> Self {
        let chain = contract.chain(1);
        Self { chain, clock: Clock::new(), wire: Vec::new(), app: Vec::new() }
    }

    /// With the streams [`LOCAL`] and [`REMOTE`].
    pub(super) fn with_streams(contract: &Contract) -> Self {
        let mut rig = Self::empty(contract);
        rig.bind(contract, &LOCAL, &REMOTE);
        rig
    }

    pub(super) fn bind(&mut self, contract: &Contract, local: &[u32], remote: &[u32]) {
        let now = self.now();
        for ssrc in local {
            self.chain.bind_local(contract.stream(*ssrc), now).expect("a free SSRC is bound");
        }
        for ssrc in remote {
            self.chain.bind_remote(contract.stream(*ssrc), now).expect("a free SSRC is bound");
        }
        self.collect();
    }

    pub(super) fn unbind(&mut self, local: &[u32], remote: &[u32]) {
        let now = self.now();
        for ssrc in local {
            self.chain.unbind_local(*ssrc, now).expect("a bound stream ends");
        }
        for ssrc in remote {
            self.chain.unbind_remote(*ssrc, now).expect("a bound stream ends");
        }
        self.collect();
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(super) fn write_rtp(&mut self, packet: RtpPacket) {
        self.chain.write_rtp(packet, self.clock.now());
        self.collect();
    }

    pub(super) fn write_rtcp(&mut self, packet: RtcpPacket) {
        self.chain.write_rtcp(packet, self.clock.now());
        self.collect();
    }

    pub(super) fn read(&mut self, datagram: Bytes) {
        self.chain.read_datagram(datagram, self.clock.now());
        self.collect();
    }

    /// Lets time pass, with every timer at its instant.
    pub(super) fn pass(&mut self, time: Duration) {
        let until = self.now() + time;
        let mut at_one_instant = 0;
        while let Some(due) = self.chain.next_timeout().filter(|due| *due <= until) {
            at_one_instant = if due > self.now() { 0 } else { at_one_instant + 1 };
            assert!(
                at_one_instant < MAX_TIMEOUTS_AT_ONE_INSTANT,
                "a timer fires again and again at one instant"
            );
            self.clock.advance_to(due);
            self.fire();
        }
        self.clock.advance_to(until);
    }

    /// Calls `handle_timeout` at the present instant.
    pub(super) fn fire(&mut self) {
        self.chain.handle_timeout(self.clock.now());
        self.collect();
    }

    pub(super) fn collect(&mut self) {
        while let Some(packet) = self.chain.poll_wire() {
            self.wire.push(packet);
        }
        while let Some(packet) = self.chain.poll_app() {
            self.app.push(packet);
        }
        while self.chain.poll_event().is_some() {}
    }

    /// RTP on the wire whose SSRC is one of these.
    pub(super) fn wire_rtp(&self, ssrcs: &[u32]) -> Vec<RtpPacket> {
        let rtp = self.wire.iter().filter_map(|packet| match packet {
            Outgoing::Rtp(packet) if ssrcs.contains(&packet.ssrc()) => Some(packet.clone()),
            _ => None,
        });
        rtp.collect()
    }

    /// RTP at the application whose SSRC is one of these.
    pub(super) fn app_rtp(&self, ssrcs: &[u32]) -> Vec<RtpPacket> {
        let rtp = self.app.iter().filter_map(|packet| match packet {
            Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) if ssrcs.contains(&packet.ssrc()) => {
                Some(packet.clone())
            }
            _ => None,
        });
        rtp.collect()
    }

    pub(super) fn clear(&mut self) {
        self.wire.clear();
        self.app.clear();
    }

    /// No hook failed, and nothing was cut off by a limit.
    pub(super) fn assert_healthy(&self) {
        let counters = self.chain.counters();
        assert_eq!(counters.hook_errors, 0, "hooks returned errors");
        assert_eq!(
            counters.dropped_emissions, 0,
            "more packets were emitted for one input than the limits allow"
        );
    }

    /// Media still passes: a plain exchange on one stream each way, from sequence number `seq` on.
    pub(super) fn assert_media_passes(&mut self, contract: &Contract, local: u32, remote: u32, seq: u16) {
        self.clear();
        let outgoing: Vec<RtpPacket> = rtp(local).seq(seq).payload_len(50).stream().take(50).collect();
        let incoming: Vec<RtpPacket> = rtp(remote).seq(seq).payload_len(50).stream().take(50).collect();
        for (out, incoming) in outgoing.iter().zip(&incoming) {
            self.write_rtp(out.clone());
            self.read(incoming.to_bytes());
            self.pass(Duration::from_millis(5));
        }
        self.pass(contract.patience());
        contract.assert_same_rtp("outgoing", &outgoing, &self.wire_rtp(&[local]));
        contract.assert_same_rtp("incoming", &incoming, &self.app_rtp(&[remote]));
    }
}
