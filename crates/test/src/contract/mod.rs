//! What every interceptor keeps to, as checks that run against any factory.

#![expect(clippy::expect_used, clippy::panic, reason = "a check that fails ends the test")]

mod chain;
mod checks;
mod companion;
mod every_fact;
mod macros;
mod rig;
mod seen;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_core::{
    BuildContext, BuildError, Chain, ChainConfig, ChainError, Factory, Need, Registry, Stage, StreamInfo,
};
use interceptor_packet::RtpPacket;

pub use self::chain::ChainContract;
pub use self::every_fact::every_fact;

use crate::{PairOptions, Recording, Side, stream_info};

/// The contract that every interceptor keeps to, with the factory of the interceptor under test.
///
/// [`check_interceptor!`](crate::check_interceptor) makes a test of each check. The checks are methods, so
/// that they can be run by hand as well; each panics if the interceptor breaks the contract. They use a chain
/// that holds the interceptor at its default stage and does not catch panics.
pub struct Contract {
    /// With the place below and above the interceptor recorded, if there is a record.
    registry: MakeRegistry,
    /// Adds the interceptor to a running chain.
    insert: Insert,
    name: &'static str,
    stage: Stage,
    streams: fn(u32) -> StreamInfo,
    takes_part: bool,
    holds_for: Option<Duration>,
    adds_header_extensions: bool,
    sends_copies: bool,
    measure: Option<MeasureAllocations>,
}

type MakeRegistry = Box<dyn Fn(Option<&Recording>) -> Registry>;
type Insert = Box<dyn Fn(&mut Chain, Instant) -> Result<(), ChainError>>;

/// How the names of interceptors begin that a check puts beside the one under test.
const COMPANION: &str = "companion";

/// Runs a closure and says what it allocated; see [`Contract::with_allocations`].
pub type MeasureAllocations = fn(&mut dyn FnMut()) -> Allocations;

/// What a closure allocated on its thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    /// Calls of the allocator that allocated or reallocated.
    pub count: u64,
    /// Bytes allocated and not freed again; negative if more was freed.
    pub bytes_kept: i64,
}

impl Contract {
    /// The contract for what `factory` builds.
    #[must_use]
    pub fn of<F: Factory>(factory: F) -> Self {
        let factory = Arc::new(factory);
        let (name, stage, inserted) = (factory.name(), factory.stage(), Arc::clone(&factory));
        let registry = move |recording: Option<&Recording>| {
            let mut registry = Registry::new();
            registry.add(Shared(Arc::clone(&factory)));
            if let Some(recording) = recording {
                registry.add(recording.recorder(BELOW, stage.below()));
                registry.add(recording.recorder(ABOVE, stage.above()));
            }
            registry
        };
        Self {
            registry: Box::new(registry),
            insert: Box::new(move |chain, now| chain.insert_with(&Shared(Arc::clone(&inserted)), now)),
            name,
            stage,
            takes_part: true,
            streams: |ssrc| stream_info::video_with_rtx(ssrc, ssrc + RTX_OFFSET),
            holds_for: None,
            adds_header_extensions: false,
            sends_copies: false,
            measure: None,
        }
    }

    /// The streams to bind, by media SSRC (below 100 000). Default: [`stream_info::video_with_rtx`] with the
    /// RTX SSRC 1 000 000 higher. An interceptor that takes part in none of them fails every check: it would be one of
    /// nothing.
    #[must_use]
    pub fn with_streams(mut self, streams: fn(u32) -> StreamInfo) -> Self {
        self.streams = streams;
        self
    }

    /// The interceptor takes part in no stream on purpose: RTCP, facts or the packets of unbound SSRCs are all that it is
    /// about. Default: it takes part in some of [`with_streams`](Self::with_streams).
    #[must_use]
    pub fn without_streams(mut self) -> Self {
        self.takes_part = false;
        self
    }

    /// The interceptor may hold media back for this time, as a pacer or a jitter buffer does. Default:
    /// packets leave in the call that brought them.
    #[must_use]
    pub fn holds_for(mut self, time: Duration) -> Self {
        self.holds_for = Some(time);
        self
    }

    /// The interceptor may change the header extensions of outgoing packets. Default: packets leave byte by
    /// byte as they came.
    #[must_use]
    pub fn adds_header_extensions(mut self) -> Self {
        self.adds_header_extensions = true;
        self
    }

    /// The interceptor sends copies over other paths ([`PacketInfo::path`](interceptor_core::packet::PacketInfo::path)): the checks look at
    /// what leaves by path 0. Default: all that leaves is looked at.
    #[must_use]
    pub fn sends_copies(mut self) -> Self {
        self.sends_copies = true;
        self
    }

    /// How the checks of memory count: that a packet costs no allocation after warm-up, and that streams that end leave
    /// nothing behind. `measure` runs a closure under a counting allocator of your choice, such as the crate
    /// `allocation-counter`. In [`check_interceptor!`](crate::check_interceptor) it is `allocations: measure`.
    ///
    /// ```
    /// use interceptor_core::Stage;
    /// use interceptor_test::{Allocations, Contract, Recording};
    ///
    /// fn measure(run: &mut dyn FnMut()) -> Allocations {
    ///     let info = allocation_counter::measure(run);
    ///     Allocations { count: info.count_total, bytes_kept: info.bytes_current }
    /// }
    ///
    /// let recorder = Recording::new().recorder("recorder", Stage::CAPTURE);
    /// let contract = Contract::of(recorder).with_allocations(measure);
    /// let check = std::panic::AssertUnwindSafe(|| contract.keeps_nothing_of_streams_that_ended());
    /// assert!(std::panic::catch_unwind(check).is_err(), "a recorder keeps all that it saw");
    /// ```
    #[must_use]
    pub fn with_allocations(mut self, measure: MeasureAllocations) -> Self {
        self.measure = Some(measure);
        self
    }

    /// Applies what the second argument of [`check_interceptor!`](crate::check_interceptor) declares.
    #[must_use]
    pub fn with(self, configure: impl FnOnce(Self) -> Self) -> Self {
        configure(self)
    }

    fn chain(&self, seed: u64) -> Chain {
        self.chain_with(config(seed))
    }

    /// A chain with nothing but the interceptor.
    fn chain_with(&self, config: ChainConfig) -> Chain {
        (self.registry)(None).build(config).expect("the factory builds")
    }

    /// The interceptor takes part in streams that are bound, unless it is declared to take part in none.
    fn assert_takes_part(&self, chain: &Chain) {
        let parts = parts(chain);
        if !self.takes_part {
            assert_eq!(parts, 0, "`{}` is declared `without_streams`, and takes part in some", self.name);
            return;
        }
        assert!(
            parts > 0,
            "`{}` took part in no stream, so nothing of it would be checked: give streams that it is about with \
             `with_streams`{}. If there are none, declare `without_streams`.",
            self.name,
            self.needs(),
        );
    }

    /// What its factory says that it needs, in words.
    fn needs(&self) -> String {
        let needs = (self.registry)(None).needs();
        let needs: Vec<String> = needs.iter().map(Need::to_string).collect();
        if needs.is_empty() { String::new() } else { format!(" (it needs {})", needs.join(", ")) }
    }

    fn stream(&self, ssrc: u32) -> StreamInfo {
        (self.streams)(ssrc)
    }

    /// How long to wait until everything that was held back has left.
    fn patience(&self) -> Duration {
        self.holds_for.unwrap_or_default() + Duration::from_millis(100)
    }

    /// Both lists hold the same packets in the same order, as far as the interceptor may not change them.
    fn assert_same_rtp(&self, what: &str, expected: &[RtpPacket], actual: &[RtpPacket]) {
        let bytes =
            |packets: &[RtpPacket]| packets.iter().map(|packet| self.comparable(packet)).collect::<Vec<_>>();
        assert_same(what, &bytes(expected), &bytes(actual));
    }

    /// The packet's bytes, without header extensions if those may change.
    fn comparable(&self, packet: &RtpPacket) -> Vec<u8> {
        if !self.adds_header_extensions {
            return packet.to_bytes().to_vec();
        }
        let [header, payload] = packet.as_slices();
        let csrcs = packet.csrcs().count();
        let mut bytes: Vec<u8> = header.iter().take(12 + 4 * csrcs).copied().collect();
        if let Some(first) = bytes.first_mut() {
            *first &= !EXTENSION_BIT;
        }
        bytes.extend_from_slice(payload);
        bytes
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract")
            .field("registry", &(self.registry)(None))
            .field("holds_for", &self.holds_for)
            .field("adds_header_extensions", &self.adds_header_extensions)
            .field("measures_allocations", &self.measure.is_some())
            .finish_non_exhaustive()
    }
}

const BELOW: &str = "companion below";
const ABOVE: &str = "companion above";
const RTX_OFFSET: u32 = 1_000_000;
const EXTENSION_BIT: u8 = 0b0001_0000;

/// The configuration of the chains that checks use.
fn config(seed: u64) -> ChainConfig {
    PairOptions::default().with_seed(seed).config(Side::A)
}

/// In how many streams the interceptor under test takes part. A nested chain takes part where one of its own does.
fn parts(chain: &Chain) -> usize {
    if let Some(inner) = chain.get::<Chain>() {
        return parts(inner);
    }
    let layout = chain.layout();
    let tested = layout.rows().iter().filter(|row| !row.name.starts_with(COMPANION));
    tested.map(|row| row.local_streams + row.remote_streams).sum()
}

/// The same items in the same order; says where they begin to differ.
fn assert_same<T: AsRef<[u8]>>(what: &str, expected: &[T], actual: &[T]) {
    let differs = expected.iter().zip(actual).position(|(a, b)| a.as_ref() != b.as_ref());
    if let Some(at) = differs {
        let show =
            |list: &[T]| list.get(at).map(|item| format!("{:02x?}", item.as_ref())).unwrap_or_default();
        panic!("{what}: packet {at} differs\n  expected: {}\n    actual: {}", show(expected), show(actual));
    }
    assert_eq!(actual.len(), expected.len(), "{what}: the number of packets differs");
}

/// One factory in several registries.
struct Shared<F>(Arc<F>);

impl<F: Factory> Factory for Shared<F> {
    type Interceptor = F::Interceptor;

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn stage(&self) -> Stage {
        self.0.stage()
    }

    fn needs(&self) -> Vec<Need> {
        self.0.needs()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<F::Interceptor, BuildError> {
        self.0.build(cx)
    }
}
