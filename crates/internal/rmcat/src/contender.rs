//! Who takes part: what makes the controllers of a run.

use std::fmt;
use std::time::Duration;

use anyhow::Result;
use interceptor_congestion::{
    Adaptive, AdaptiveOptions, Controller, Decision, Feedback, RateLimits, Reason, Scream, ScreamOptions,
    Time,
};
use interceptor_core::packet::Ecn;
use interceptor_core::{LinkCondition, LinkState};

/// Makes a controller for each flow of a run.
pub trait Contender: Send + Sync {
    /// As in the tables.
    fn name(&self) -> &str;

    /// A controller for one flow.
    ///
    /// # Errors
    /// A set-up that there is no controller for.
    fn controller(&self, setup: &Setup) -> Result<Box<dyn Controller>>;
}

/// A contender of a name and a function.
pub struct Named<F>(pub &'static str, pub F);

impl<F: Fn(&Setup) -> Box<dyn Controller> + Send + Sync> Contender for Named<F> {
    fn name(&self) -> &str {
        self.0
    }

    fn controller(&self, setup: &Setup) -> Result<Box<dyn Controller>> {
        Ok((self.1)(setup))
    }
}

impl<F> fmt::Debug for Named<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Named").field(&self.0).finish_non_exhaustive()
    }
}

/// What a controller begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The target to start with, in bits per second.
    pub start: u64,
    /// Between what the target has to stay.
    pub limits: RateLimits,
    /// The path sets ECN marks early (RFC 9331) and the receiver tells of them.
    pub l4s: bool,
}

/// [`Adaptive`], as it is by default.
#[derive(Clone, Copy, Debug)]
pub struct Ours;

impl Contender for Ours {
    fn name(&self) -> &str {
        "Adaptive"
    }

    fn controller(&self, setup: &Setup) -> Result<Box<dyn Controller>> {
        let RateLimits { min, max } = setup.limits;
        let options = AdaptiveOptions::default().with_start(setup.start).with_min(min).with_max(max);
        Ok(Box::new(Adaptive::new(options)?))
    }
}

/// [`Scream`], with L4S where the path has it.
#[derive(Clone, Copy, Debug)]
pub struct OurScream;

impl Contender for OurScream {
    fn name(&self) -> &str {
        "Scream"
    }

    fn controller(&self, setup: &Setup) -> Result<Box<dyn Controller>> {
        let RateLimits { min, max } = setup.limits;
        let options = ScreamOptions::default().with_start(setup.start).with_min(min).with_max(max);
        Ok(Box::new(Scream::new(options.with_l4s(setup.l4s))?))
    }
}

/// Sends at one rate whatever happens: what the simulator itself is tested with.
#[derive(Clone, Copy, Debug)]
pub struct FixedRate {
    /// Bits per second.
    pub bits_per_second: u64,
}

impl Contender for FixedRate {
    fn name(&self) -> &str {
        "fixed rate"
    }

    fn controller(&self, _setup: &Setup) -> Result<Box<dyn Controller>> {
        Ok(Box::new(*self))
    }
}

impl Controller for FixedRate {
    fn on_feedback(&mut self, _now: Time, _feedback: &Feedback<'_>) {}

    fn on_limits(&mut self, _now: Time, _limits: RateLimits) {}

    fn decision(&self) -> Decision {
        Decision {
            target: self.bits_per_second,
            pacing: self.bits_per_second * 11 / 10,
            padding: 0,
            window: None,
            burst: Duration::from_millis(1),
            ect: Ecn::NotEct,
            link: LinkState {
                rtt: Duration::ZERO,
                queue: Duration::ZERO,
                loss_ppm: 0,
                state: LinkCondition::Clear,
            },
            reason: Reason::Start,
        }
    }
}
