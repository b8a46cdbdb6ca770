//! Interceptors that break a rule of living together: exactly the check of that rule fails, and names it.

use std::time::Instant;

use interceptor_core::packet::{Origin, RtcpPacket, RtpPacket};
use interceptor_core::{
    Amend, BuildContext, BuildError, Context, Error, Fact, Factory, Flow, Interceptor, KeyframeNeeded,
    Result, Stage, StreamInfo, Streams,
};
use interceptor_test::Contract;

use super::breaches::{Check, complaint};

/// One way to break a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    GivesUpWhenOthersPanic,
    AsksForNowForEver,
    AddsUpHugeTimes,
    AnswersEveryFact,
    LosesWhileFeedbackIsMissing,
    SpeaksAtEveryAmendment,
    TakesNothingBack,
    ClosesWithStreamsOnly,
    LooksAtTheChainsCounters,
    OverwritesOrigins,
}

/// What fails for each fault, and what it says.
const FAULTS: [(Fault, &str, &str); 10] = [
    (
        Fault::GivesUpWhenOthersPanic,
        "goes_on_beside_one_that_panics",
        "beside a neighbour that panics (Rtp, companion below), step 18: what leaves for the wire, number 1",
    ),
    (Fault::AsksForNowForEver, "does_not_make_its_driver_spin", "it makes its driver spin"),
    (Fault::AddsUpHugeTimes, "takes_facts_in_every_state", "overflow when adding duration to instant"),
    (
        Fault::AnswersEveryFact,
        "does_not_answer_facts_for_ever",
        "answers facts with facts until the chain cuts it off",
    ),
    (
        Fault::LosesWhileFeedbackIsMissing,
        "takes_amendments_in_the_middle_of_traffic",
        "amended in the middle of traffic (Feedback, there), incoming",
    ),
    (
        Fault::SpeaksAtEveryAmendment,
        "takes_amendments_in_the_middle_of_traffic",
        "an amendment that changes nothing, step 0",
    ),
    (
        Fault::TakesNothingBack,
        "goes_on_after_a_refused_amendment",
        "after a refused amendment (Rtx), incoming",
    ),
    (Fault::ClosesWithStreamsOnly, "joins_and_leaves_a_running_chain", "removed from a running chain"),
    (Fault::LooksAtTheChainsCounters, "behaves_the_same_in_a_nested_chain", "nested, step 6"),
    (Fault::OverwritesOrigins, "keeps_the_origin_of_what_passes", "the origins of outgoing packets"),
];

/// The checks of living together.
const CHECKS: [(&str, Check); 9] = [
    ("goes_on_beside_one_that_panics", Contract::goes_on_beside_one_that_panics),
    ("does_not_make_its_driver_spin", Contract::does_not_make_its_driver_spin),
    ("takes_facts_in_every_state", Contract::takes_facts_in_every_state),
    ("does_not_answer_facts_for_ever", Contract::does_not_answer_facts_for_ever),
    ("takes_amendments_in_the_middle_of_traffic", Contract::takes_amendments_in_the_middle_of_traffic),
    ("goes_on_after_a_refused_amendment", Contract::goes_on_after_a_refused_amendment),
    ("joins_and_leaves_a_running_chain", Contract::joins_and_leaves_a_running_chain),
    ("behaves_the_same_in_a_nested_chain", Contract::behaves_the_same_in_a_nested_chain),
    ("keeps_the_origin_of_what_passes", Contract::keeps_the_origin_of_what_passes),
];

#[test]
fn each_fault_fails_the_check_of_its_rule_and_no_other() {
    for (fault, rule, says) in FAULTS {
        for (name, check) in CHECKS {
            match complaint(&Contract::of(fault), check) {
                Some(said) if name == rule => assert!(said.contains(says), "{fault:?}: {said}"),
                Some(said) => panic!("{fault:?} fails {name} as well: {said}"),
                None => assert_ne!(name, rule, "{fault:?} is not found"),
            }
        }
    }
}

#[test]
fn who_has_no_fault_passes_all() {
    for (name, check) in CHECKS {
        assert_eq!(complaint(&Contract::of(Fault::None), check), None, "{name}");
    }
}

impl Factory for Fault {
    type Interceptor = Faulty;

    fn name(&self) -> &'static str {
        "faulty"
    }

    fn stage(&self) -> Stage {
        Stage::NACK
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Faulty, BuildError> {
        Ok(Faulty { fault: *self, streams: 0, last: None, loses: false, latest: None })
    }
}

struct Faulty {
    fault: Fault,
    /// Ever bound.
    streams: u32,
    /// The last description that a stream was amended to, and when.
    last: Option<(Instant, StreamInfo)>,
    /// Incoming packets.
    loses: bool,
    latest: Option<Instant>,
}

impl Faulty {
    fn amended(&mut self, old: &StreamInfo, new: &StreamInfo, cx: &mut Context<'_>) -> Result<Amend> {
        match self.fault {
            Fault::LosesWhileFeedbackIsMissing => self.loses = new.feedback.is_empty(),
            Fault::SpeaksAtEveryAmendment => {
                cx.send_rtcp(RtcpPacket::builder().bye(&[new.ssrc], "").build()?)
            }
            Fault::TakesNothingBack => {
                let back = |(at, to): &(Instant, StreamInfo)| *at == cx.now() && to == old;
                self.loses |= self.last.as_ref().is_some_and(back);
                self.last = Some((cx.now(), new.clone()));
            }
            _ => {}
        }
        Ok(Amend::Keep)
    }
}

impl Interceptor for Faulty {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        self.streams += 1;
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.amended(old, new, cx)
    }

    fn amend_remote(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.amended(old, new, cx)
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        match self.fault {
            Fault::GivesUpWhenOthersPanic if cx.counters().panics > 0 => return Ok(Flow::Consumed),
            Fault::LooksAtTheChainsCounters if cx.counters().malformed_datagrams > 0 => {
                return Ok(Flow::Consumed);
            }
            Fault::AsksForNowForEver => cx.wake_at(cx.now()),
            Fault::OverwritesOrigins => packet.info_mut().origin = Origin::Media,
            _ => {}
        }
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, (): &mut (), _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        Ok(if self.loses { Flow::Consumed } else { Flow::Forward })
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if self.fault == Fault::AsksForNowForEver {
            cx.wake_at(cx.now());
        }
        Ok(())
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        match (self.fault, fact) {
            (Fault::AddsUpHugeTimes, Fact::PlayoutDeadline(deadline)) => {
                self.latest = Some(cx.now() + deadline.delay);
            }
            (Fault::AnswersEveryFact, _) => cx.publish(KeyframeNeeded { ssrc: 1 }),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        let nothing_left = self.streams > 0 && streams.local_count() == 0;
        if self.fault == Fault::ClosesWithStreamsOnly && nothing_left {
            return Err(Error::msg("what should I close?"));
        }
        Ok(())
    }
}
