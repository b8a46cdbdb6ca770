//! Interceptors that break the contract in one way each; the check for it must fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Error, Factory, Flow, Interceptor, Result, Stage, StreamInfo, Streams,
};
use interceptor_test::{Contract, rtp};

/// One way to break the contract.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Breach {
    None,
    ChangesWrites,
    SwallowsReads,
    SwapsWrites,
    DropsPadding,
    SwallowsRtcp,
    Storms,
    FailsOnBye,
    PanicsOnShortRtcp,
    PanicsAfterUnbind,
    LosesAtWrap,
    DrawsAmbientChance,
    ForgetsAfterManyStreams,
    TimerOutOfReach,
    FailsToClose,
    KeepsStreams,
    Allocates,
    LosesInStandstill,
    TakesNoPart,
}

impl Factory for Breach {
    type Interceptor = Broken;

    fn name(&self) -> &'static str {
        "broken"
    }

    fn stage(&self) -> Stage {
        Stage::NACK
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Broken, BuildError> {
        Ok(Broken {
            breach: *self,
            held: None,
            unbound: false,
            streams: 0,
            kept: Vec::new(),
            last: None,
            last_seq: 0,
        })
    }
}

pub(super) struct Broken {
    breach: Breach,
    held: Option<RtpPacket>,
    unbound: bool,
    streams: u32,
    kept: Vec<StreamInfo>,
    last: Option<std::time::Instant>,
    last_seq: u16,
}

impl Interceptor for Broken {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        if self.breach == Breach::TakesNoPart {
            return Ok(None);
        }
        self.streams += 1;
        if self.breach == Breach::KeepsStreams {
            self.kept.push(stream.clone());
        }
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok((self.breach != Breach::TakesNoPart).then_some(()))
    }

    fn unbind_local(&mut self, _: &StreamInfo, (): (), cx: &mut Context<'_>) {
        self.unbound = true;
        cx.wake_at(cx.now() + Duration::from_millis(1));
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let stood_still = self.last.replace(cx.now()) == Some(cx.now());
        let last_seq = std::mem::replace(&mut self.last_seq, packet.sequence_number());
        match self.breach {
            Breach::ChangesWrites if packet.marker() => packet.set_payload_type(1),
            Breach::DropsPadding => packet.set_padding(0),
            Breach::SwapsWrites => {
                if let Some(held) = self.held.take() {
                    cx.send_rtp(held);
                } else {
                    self.held = Some(packet.take());
                    return Ok(Flow::Consumed);
                }
            }
            Breach::Storms => (0..10).for_each(|_| cx.send_rtcp(RtcpPacket::default())),
            Breach::LosesAtWrap if last_seq == u16::MAX && packet.sequence_number() == 0 => {
                return Ok(Flow::Consumed);
            }
            Breach::DrawsAmbientChance => {
                let anywhere = std::ptr::from_ref(&*Box::new(0_u64)) as usize;
                let time = std::hash::RandomState::new();
                let drawn = std::hash::BuildHasher::hash_one(&time, anywhere) as u16;
                cx.send_rtp(rtp(9).seq(drawn).build());
            }
            Breach::ForgetsAfterManyStreams if self.streams > 1000 => return Ok(Flow::Consumed),
            Breach::TimerOutOfReach => cx.wake_at(cx.now() + Duration::from_secs(365 * 24 * 3600)),
            Breach::Allocates => drop(std::hint::black_box(vec![0_u8; 10])),
            Breach::LosesInStandstill if stood_still => {
                packet.set_timestamp(packet.timestamp().wrapping_add(1));
            }
            _ => (),
        }
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        let swallow = self.breach == Breach::SwallowsReads && packet.sequence_number() == 37;
        Ok(if swallow { Flow::Consumed } else { Flow::Forward })
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        let bytes = packet.as_bytes();
        match self.breach {
            Breach::SwallowsRtcp if bytes.get(1) == Some(&206) => Ok(Flow::Consumed),
            Breach::FailsOnBye if bytes.get(1) == Some(&203) => Err(Error::msg("a peer made me fail")),
            Breach::PanicsOnShortRtcp => {
                assert!(bytes.len() >= 8, "out of bounds");
                Ok(Flow::Forward)
            }
            _ => Ok(Flow::Forward),
        }
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        assert!(self.breach != Breach::PanicsAfterUnbind || !self.unbound, "the stream is gone");
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        if self.breach == Breach::FailsToClose { Err(Error::msg("stays open")) } else { Ok(()) }
    }
}

pub(super) type Check = fn(&Contract);

/// Does this check fail for an interceptor with this breach?
fn catches(breach: Breach, check: Check) -> bool {
    complaint(&Contract::of(breach).with_allocations(super::measure), check).is_some()
}

/// What a check says of the interceptor. `None`: it keeps to the rule.
pub(super) fn complaint(contract: &Contract, check: Check) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| check(contract))).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
}

#[test]
fn each_breach_is_caught_by_its_check() {
    let cases: [(&str, Breach, Check); 17] = [
        ("changed bytes", Breach::ChangesWrites, Contract::passes_everything_on_unchanged),
        ("a lost packet", Breach::SwallowsReads, Contract::passes_everything_on_unchanged),
        ("wrong order", Breach::SwapsWrites, Contract::passes_everything_on_unchanged),
        ("lost padding", Breach::DropsPadding, Contract::passes_everything_on_unchanged),
        ("lost RTCP", Breach::SwallowsRtcp, Contract::passes_everything_on_unchanged),
        ("too many packets", Breach::Storms, Contract::places_what_it_emits_where_it_stands),
        ("too many packets", Breach::Storms, Contract::keeps_going_over_wraps_and_restarts),
        ("an error by a peer", Breach::FailsOnBye, Contract::survives_hostile_datagrams),
        ("a panic by a peer", Breach::PanicsOnShortRtcp, Contract::survives_hostile_datagrams),
        (
            "a timer of a stream that is gone",
            Breach::PanicsAfterUnbind,
            Contract::survives_unbinding_in_every_state,
        ),
        ("a loss at the wrap", Breach::LosesAtWrap, Contract::keeps_going_over_wraps_and_restarts),
        ("ambient randomness", Breach::DrawsAmbientChance, Contract::repeats_itself_for_the_same_seed),
        ("too many streams", Breach::ForgetsAfterManyStreams, Contract::serves_ten_thousand_streams),
        ("a timer out of reach", Breach::TimerOutOfReach, Contract::keeps_going_when_the_clock_goes_back),
        ("a failing close", Breach::FailsToClose, Contract::closes_once),
        ("a leak", Breach::KeepsStreams, Contract::keeps_nothing_of_streams_that_ended),
        ("an allocation", Breach::Allocates, Contract::allocates_nothing_per_packet),
    ];
    for (what, breach, check) in cases {
        assert!(catches(breach, check), "{what} is not caught");
        assert!(!catches(Breach::None, check), "{what} is seen where there is none");
    }
}

#[test]
fn who_takes_part_in_no_stream_fails_every_check_that_binds_any() {
    let checks: [Check; 4] = [
        Contract::takes_part_in_streams,
        Contract::passes_everything_on_unchanged,
        Contract::survives_hostile_datagrams,
        Contract::repeats_itself_for_the_same_seed,
    ];
    for check in checks {
        let said = complaint(&Contract::of(Breach::TakesNoPart), check).unwrap_or_default();
        assert!(said.contains("`broken` took part in no stream"), "{said}");
        assert!(said.contains("with_streams"), "{said}");
    }
    let declared = || Contract::of(Breach::TakesNoPart).without_streams();
    declared().takes_part_in_streams();
    declared().passes_everything_on_unchanged();
    let wrongly = Contract::of(Breach::None).without_streams();
    let said = complaint(&wrongly, Contract::takes_part_in_streams).unwrap_or_default();
    assert!(said.contains("takes part in some"), "{said}");
}

#[test]
fn the_first_error_is_told_with_its_interceptor_and_its_packet() {
    let said = complaint(&Contract::of(Breach::FailsOnBye), Contract::survives_hostile_datagrams);
    let said = said.unwrap_or_default();
    assert!(said.contains("`broken`: a peer made me fail"), "{said}");
    let packet = said.lines().find(|line| line.contains("at incoming")).unwrap_or_default();
    assert!(packet.contains("BYE"), "{said}");
}

#[test]
fn memory_that_nobody_counts_is_not_checked_and_not_passed() {
    let checks: [Check; 2] =
        [Contract::allocates_nothing_per_packet, Contract::keeps_nothing_of_streams_that_ended];
    for check in checks {
        let said = complaint(&Contract::of(Breach::None), check).unwrap_or_default();
        assert!(said.contains("with_allocations"), "{said}");
    }
}

#[test]
fn a_clock_that_stands_still_is_checked() {
    assert!(catches(Breach::LosesInStandstill, Contract::keeps_going_while_the_clock_stands_still));
    assert!(!catches(Breach::None, Contract::keeps_going_while_the_clock_stands_still));
}

#[test]
fn what_is_declared_is_allowed() {
    let swaps = || Contract::of(Breach::None).holds_for(Duration::from_millis(20));
    swaps().passes_everything_on_unchanged();
    Contract::of(Breach::None).adds_header_extensions().passes_everything_on_unchanged();
}
