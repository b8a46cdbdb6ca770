//! A chain around the interceptor under test, driven by hand.

mod ear;
mod input;

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Chain, ChainError, Event, Fact, Incoming, Outgoing, StreamInfo};
use interceptor_packet::{RtcpPacket, RtpPacket};

pub(super) use self::ear::Ear;
pub(super) use self::input::Input;

use super::Contract;
use crate::{Clock, RtpTemplate, rtp};

/// The local streams of a rig.
pub(super) const LOCAL: [u32; 3] = [101, 102, 103];
/// The remote streams of a rig.
pub(super) const REMOTE: [u32; 3] = [201, 202, 203];
/// An SSRC that no stream announces.
pub(super) const STRANGER: u32 = 999;

/// The chain delays timers that ask to fire again at once; a few more may be due at the same instant.
const MAX_TIMEOUTS_AT_ONE_INSTANT: u32 = 1000;

/// Packets of each stream by which it is seen that media passes.
pub(super) const MEDIA: usize = 50;

/// A chain and what came out of it.
pub(super) struct Rig {
    pub(super) chain: Chain,
    pub(super) clock: Clock,
    /// What leaves by other paths is not looked at.
    first_path_only: bool,
    pub(super) wire: Vec<Outgoing>,
    pub(super) app: Vec<Incoming>,
    pub(super) events: Vec<Event>,
    ear: Ear,
    /// What the chain is working on, or was last.
    input: Input,
    /// Is it working?
    inside: bool,
    /// The first error of a hook, with what brought it about.
    failure: Option<String>,
}

impl Rig {
    /// A chain with nothing but the interceptor, without streams.
    pub(super) fn empty(contract: &Contract) -> Self {
        Self::of(contract, contract.chain(1))
    }

    /// With the streams [`LOCAL`] and [`REMOTE`].
    pub(super) fn with_streams(contract: &Contract) -> Self {
        let mut rig = Self::empty(contract);
        rig.bind(contract, &LOCAL, &REMOTE);
        rig
    }

    /// A chain that is made already, with what the contract is about in it or to come.
    pub(super) fn of(contract: &Contract, chain: Chain) -> Self {
        let mut rig = Self::around(chain);
        rig.first_path_only = contract.sends_copies;
        rig
    }

    /// A chain that is made already.
    pub(super) fn around(chain: Chain) -> Self {
        Self {
            chain,
            clock: Clock::new(),
            first_path_only: false,
            wire: Vec::new(),
            app: Vec::new(),
            events: Vec::new(),
            ear: Ear::new(),
            input: Input::Call("nothing"),
            inside: false,
            failure: None,
        }
    }

    /// Gives the chain an input at the present instant, and takes what comes of it.
    pub(super) fn give<R>(&mut self, input: Input, act: impl FnOnce(&mut Chain, Instant) -> R) -> R {
        (self.input, self.inside) = (input, true);
        let (now, chain) = (self.clock.now(), &mut self.chain);
        let result = self.ear.listen(|| act(chain, now));
        self.inside = false;
        self.collect();
        if self.failure.is_none() && self.chain.counters().hook_errors > 0 {
            self.failure = self.ear.take().map(|said| format!("{said}\n  at {}", self.input));
        }
        result
    }

    /// Binds streams of the contract's, in which the interceptor takes part.
    pub(super) fn bind(&mut self, contract: &Contract, local: &[u32], remote: &[u32]) {
        for ssrc in local {
            self.bind_local(contract.stream(*ssrc)).expect("a free SSRC is bound");
        }
        for ssrc in remote {
            self.bind_remote(contract.stream(*ssrc)).expect("a free SSRC is bound");
        }
        contract.assert_takes_part(&self.chain);
    }

    pub(super) fn bind_local(&mut self, info: StreamInfo) -> Result<(), ChainError> {
        self.give(Input::Stream("bind", info.clone()), |chain, now| chain.bind_local(info, now))
    }

    pub(super) fn bind_remote(&mut self, info: StreamInfo) -> Result<(), ChainError> {
        self.give(Input::Stream("bind", info.clone()), |chain, now| chain.bind_remote(info, now))
    }

    pub(super) fn amend_local(&mut self, info: StreamInfo) -> Result<(), ChainError> {
        self.give(Input::Stream("amendment", info.clone()), |chain, now| chain.amend_local(info, now))
    }

    pub(super) fn amend_remote(&mut self, info: StreamInfo) -> Result<(), ChainError> {
        self.give(Input::Stream("amendment", info.clone()), |chain, now| chain.amend_remote(info, now))
    }

    pub(super) fn unbind(&mut self, local: &[u32], remote: &[u32]) {
        for ssrc in local {
            let ended = self.give(Input::Unbind(*ssrc), |chain, now| chain.unbind_local(*ssrc, now));
            ended.expect("a bound stream ends");
        }
        for ssrc in remote {
            let ended = self.give(Input::Unbind(*ssrc), |chain, now| chain.unbind_remote(*ssrc, now));
            ended.expect("a bound stream ends");
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(super) fn write_rtp(&mut self, packet: RtpPacket) {
        self.give(Input::Write(packet.clone()), |chain, now| chain.write_rtp(packet, now));
    }

    pub(super) fn write_rtcp(&mut self, packet: RtcpPacket) {
        self.give(Input::WriteRtcp(packet.clone()), |chain, now| chain.write_rtcp(packet, now));
    }

    pub(super) fn read(&mut self, datagram: Bytes) {
        self.give(Input::Read(datagram.clone()), |chain, now| chain.read_datagram(datagram, now));
    }

    pub(super) fn read_rtp(&mut self, packet: RtpPacket) {
        self.give(Input::ReadRtp(packet.clone()), |chain, now| chain.read_rtp(packet, now));
    }

    pub(super) fn publish(&mut self, fact: Fact) {
        self.give(Input::Fact(fact), |chain, now| chain.publish(fact, now));
    }

    pub(super) fn close(&mut self) -> Result<(), ChainError> {
        self.give(Input::Call("the close"), Chain::close)
    }

    /// Lets time pass, with every timer at its instant.
    pub(super) fn pass(&mut self, time: Duration) {
        self.pass_counting(time, MAX_TIMEOUTS_AT_ONE_INSTANT);
    }

    /// [`pass`](Self::pass) with no more than so many timeouts at one instant. Gives how many there were in all.
    pub(super) fn pass_counting(&mut self, time: Duration, most: u32) -> u32 {
        let until = self.now() + time;
        let (mut all, mut at_one_instant) = (0, 0);
        while let Some(due) = self.chain.next_timeout().filter(|due| *due <= until) {
            at_one_instant = if due > self.now() { 0 } else { at_one_instant + 1 };
            assert!(at_one_instant < most, "a timer fires again and again at one instant");
            self.clock.advance_to(due);
            self.fire();
            all += 1;
        }
        self.clock.advance_to(until);
        all
    }

    /// Calls `handle_timeout` at the present instant.
    pub(super) fn fire(&mut self) {
        self.give(Input::Call("a timeout"), Chain::handle_timeout);
    }

    pub(super) fn collect(&mut self) {
        let sent = std::iter::from_fn(|| self.chain.poll_wire());
        self.wire.extend(sent.filter(|packet| !self.first_path_only || path(packet) == 0));
        self.app.extend(std::iter::from_fn(|| self.chain.poll_app()));
        self.events.extend(std::iter::from_fn(|| self.chain.poll_event()));
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
        self.events.clear();
    }

    /// No hook failed, and nothing was cut off by a limit.
    pub(super) fn assert_healthy(&self) {
        let counters = self.chain.counters();
        let failure = self.failure.as_deref().unwrap_or("of which nothing is known: tracing is compiled out");
        assert_eq!(counters.hook_errors, 0, "hooks returned errors, the first was that of\n  {failure}");
        assert_eq!(
            counters.dropped_emissions, 0,
            "more packets were emitted for one input than the limits allow"
        );
    }

    /// Media still passes: a plain exchange on one stream each way, from sequence number `seq` on.
    pub(super) fn assert_media_passes(&mut self, contract: &Contract, local: u32, remote: u32, seq: u16) {
        self.assert_passes(contract, "media", [&rtp(local).seq(seq), &rtp(remote).seq(seq)]);
    }

    /// [`assert_media_passes`](Self::assert_media_passes) of a local and a remote stream that begin like these packets.
    pub(super) fn assert_passes(&mut self, contract: &Contract, what: &str, first: [&RtpTemplate; 2]) {
        if contract.holds_for.is_some() {
            // What is held back of earlier packets leaves.
            self.pass(contract.patience());
        }
        self.clear();
        let stream = |first: &RtpTemplate| first.clone().payload_len(50).stream().take(MEDIA).collect();
        let [outgoing, incoming]: [Vec<RtpPacket>; 2] = first.map(stream);
        let [local, remote] = first.map(|first| first.build().ssrc());
        for (out, incoming) in outgoing.iter().zip(&incoming) {
            self.write_rtp(out.clone());
            self.read(incoming.to_bytes());
            self.pass(Duration::from_millis(5));
        }
        self.pass(contract.patience());
        contract.assert_same_rtp(&format!("{what}, outgoing"), &outgoing, &self.wire_rtp(&[local]));
        contract.assert_same_rtp(&format!("{what}, incoming"), &incoming, &self.app_rtp(&[remote]));
    }
}

/// Who panics inside the chain is told with what made it.
impl Drop for Rig {
    fn drop(&mut self) {
        if self.inside && std::thread::panicking() {
            eprintln!("the chain was working on {}", self.input);
        }
    }
}

fn path(packet: &Outgoing) -> u8 {
    match packet {
        Outgoing::Rtp(packet) => packet.info().path,
        Outgoing::Rtcp(packet) => packet.info().path,
    }
}
