//! Test kit for interceptors: everything that a test needs to run without sleeping, sockets or luck.
//!
//! Time is a [`Clock`] that a test moves, the network is a [`Link`] that draws its chances from a seed, and two whole
//! chains joined by links are a [`Pair`]. The same inputs, instants and seed give the same bytes.
//!
//! # A test over a bad network
//!
//! ```
//! use interceptor_core::Registry;
//! use interceptor_test::{Jitter, LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};
//! use std::time::Duration;
//!
//! let ms = Duration::from_millis;
//! let link = LinkOptions::default()
//!     .with_delay(ms(50))
//!     .with_jitter(Jitter::uniform(ms(10)))
//!     .with_loss(Loss::burst(0.05, 3.0));
//! let registry = Registry::new(); // .with(the factory under test)
//! let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_seed(7).with_links(link))?;
//!
//! pair.bind(Side::A, stream_info::video(0x1122_3344))?;
//! pair.feed(Side::A, rtp(0x1122_3344).payload_len(1200).stream().every(ms(5)).take(1000));
//! pair.run_for(Duration::from_secs(10));
//!
//! let lost = pair.link(Side::A).counters().lost as usize;
//! assert!((20..100).contains(&lost));
//! assert_eq!(pair.received_rtp(Side::B).count(), 1000 - lost);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is in it
//!
//! | item | what for |
//! |---|---|
//! | [`Clock`] | instants that a test decides; all clocks of a process share one base |
//! | [`Link`], [`LinkOptions`] | one direction of a network: loss (random, bursts, Gilbert–Elliott, a list, outages, a predicate), delay and its steps, jitter, stalls, reordering, duplication, rate and its queue, capacity steps, ECN marks by a threshold or a ramp, how long each packet waited |
//! | [`Pair`], [`PairOptions`] | two chains joined by two links, run to an instant or until quiet |
//! | [`rtp()`], [`stream_info`], [`hex()`] | packets, streams of packets, negotiated streams, byte vectors |
//! | [`Recording`] | a record of everything that crosses any place of any chain |
//! | [`Script`], [`MockFactory`] | calls expected in one order, and an interceptor whose hooks play them |
//! | `StreamScript`, `ScriptedStream` (feature `streams`) | calls expected of a stream of messages in one order, and a `Stream` and `Sink` that plays them |
//! | `UdpLink`, `UdpLinkOptions` (feature `udp`) | a link each way between real sockets, as a network that translates addresses: for programs that neither know it nor share a clock with it |
//! | [`check_interceptor!`], [`Contract`] | the contract suite: a test of everything that each interceptor keeps to |
//! | [`check_chain!`], [`ChainContract`] | the chain's side of it: a test of everything that a chain promises |
//! | [`hostile_datagrams`] | some 10 000 malformed and absurd datagrams |
//! | [`every_fact`] | one of each kind of fact that interceptors tell each other |
//!
//! # The way of a packet through a link
//!
//! 1. A full queue drops it ([`queue_limit`](LinkOptions::queue_limit)); a deep one marks it
//!    ([`mark_above`](LinkOptions::mark_above), RFC 3168), or the likelier the deeper ([`mark_ramp`](LinkOptions::mark_ramp), RFC 9332).
//! 2. It waits for its turn and is sent at the [`capacity`](LinkOptions::capacity) of the time; rounding never adds up.
//! 3. It is lost, or a copy of it is made; a lost packet has used capacity.
//! 4. It travels for the delay of the time at which it was offered ([`delay_steps`](LinkOptions::delay_steps)), scattered by jitter and held
//!    back by [`stalls`](LinkOptions::stalls). Without [`jitter_reorders`](LinkOptions::jitter_reorders) it never
//!    overtakes the one before; one that is held back ([`reorder`](LinkOptions::reorder)) is overtaken.
//!
//! [`Link::pop_delivery`] tells how long a packet waited. Flows that share a bottleneck and have delays of their own are several links: one
//! with the capacity and no delay, and behind it one for each flow, into which goes what comes out of the first, at the instant it does.
//!
//! Each impairment draws from a generator of its own: more jitter does not change which packets are lost, and polling more
//! often changes nothing. All options can change while packets are in the link ([`Link::reconfigure`]).
//!
//! # The contract suite
//!
//! `check_interceptor!(factory)` makes these tests; what an interceptor does on purpose is declared on its [`Contract`]. A
//! failure names the interceptor, the rule, and the packet that brought it about.
//!
//! | test | what must hold |
//! |---|---|
//! | `takes_part_in_streams` | it takes part in some of [`with_streams`](Contract::with_streams), or is declared [`without_streams`](Contract::without_streams); otherwise every test that binds streams fails, as it would be of nothing |
//! | `passes_everything_on_unchanged` | media of every shape, RTCP and foreign datagrams pass byte by byte, in order, at once |
//! | `places_what_it_emits_where_it_stands` | on a lossy link, what it emits crosses only the places that it should, and in bounded numbers |
//! | `forgets_streams_that_end` | no state is left, the SSRC can be bound again |
//! | `survives_unbinding_in_every_state` | streams end with packets missing, asked for, late, and timers set |
//! | `closes_once` | closing works in any state and twice; nothing leaves afterwards |
//! | `takes_late_and_repeated_timeouts` | a timer an hour late, and a thousand calls at one instant |
//! | `keeps_going_while_the_clock_stands_still` | thousands of packets at one instant |
//! | `keeps_going_when_the_clock_goes_back` | instants and arrival times go back; timers stay in reach |
//! | `keeps_going_over_wraps_and_restarts` | a whole lap of sequence numbers, the timestamp's wrap, streams that start anew; no noise without loss |
//! | `serves_ten_thousand_streams` | 10 000 each way, and 10 000 strangers |
//! | `survives_hostile_datagrams` | no panic and no error, whatever a peer sends |
//! | `repeats_itself_for_the_same_seed` | the same bytes at the same instants |
//! | `goes_on_beside_one_that_panics` | a neighbour panics in a hook, in `handle_error` or in a destructor: what the interceptor does is the same, byte for byte |
//! | `does_not_make_its_driver_spin` | beside neighbours that wake it all the time, and left alone: few timeouts at an instant and in a millisecond |
//! | `takes_facts_in_every_state` | every fact, with nothing in it and with too much, about streams that it knows and does not: no harm |
//! | `does_not_answer_facts_for_ever` | what it publishes is heard on both sides; a neighbour that says everything again makes no storm |
//! | `takes_amendments_in_the_middle_of_traffic` | RTX, codecs, identifiers and feedback change with packets missing: none is lost; what changes nothing changes nothing |
//! | `goes_on_after_a_refused_amendment` | a neighbour refuses a change: streams, headroom and media are as before |
//! | `joins_and_leaves_a_running_chain` | inserted and removed in any state: no state, timer or headroom is left |
//! | `behaves_the_same_in_a_nested_chain` | the same bytes, instants, events and counters inside another chain |
//! | `keeps_the_origin_of_what_passes` | what somebody said about a packet's origin stays |
//! | `allocates_nothing_per_packet` | no allocation a packet after warm-up; ignored without `allocations: measure` |
//! | `keeps_nothing_of_streams_that_ended` | no memory is left; ignored without `allocations: measure` |
//!
//! `check_chain!(Chain::new)` makes these, for whoever changes the chain or stands something in front of one:
//!
//! | test | what must hold |
//! |---|---|
//! | `keeps_panics_inside` | a panic, in a hook or in `handle_error` after a hook, a timeout or a fact has failed, costs no packet; who panics is bypassed and named |
//! | `survives_destructors_that_panic` | at the end of a stream, at the removal, at the close and after it |
//! | `never_makes_its_driver_spin` | one that asks for the present instant, two that wake each other: they wait a little |
//! | `wakes_whom_it_was_asked_to` | the earliest instant counts, once |
//! | `tells_facts_once_to_everybody_else` | each kind: from the wire up, never to its publisher, one event |
//! | `cuts_off_a_storm_of_facts` | at the limit, counted |
//! | `places_what_a_refused_interceptor_has_emitted` | it passes those below and nobody above |
//! | `keeps_the_origin_that_was_set` | both ways, sent and delivered |
//! | `takes_a_refused_amendment_back` | who knew learns the way back, who left is back, SSRCs are free |
//! | `behaves_the_same_when_nested` | wire, application, events, counters, timeouts, facts known and heard |
//! | `counts_what_fails_in_a_nested_chain` | errors and panics, in the outer chain's counters and events |
//! | `hands_on_at_once_what_a_nested_chain_does_meanwhile` | while its owner works on it |

mod clock;
mod contract;
mod corpus;
mod datagram;
mod hex;
mod link;
mod mock;
mod pair;
mod recorder;
mod rtp;
mod script;
#[cfg(feature = "streams")]
mod scripted_stream;
pub mod stream_info;
#[cfg(feature = "udp")]
mod udp_link;

pub use self::clock::Clock;
pub use self::contract::{Allocations, ChainContract, Contract, MeasureAllocations, every_fact};
pub use self::corpus::hostile_datagrams;
pub use self::datagram::Datagram;
pub use self::hex::hex;
pub use self::link::{
    Capacity, Delivery, Duplicate, Hold, Jitter, Link, LinkCounters, LinkOptions, Loss, MarkRamp, Message,
    QueueDepth, Reorder, Stalls,
};
pub use self::mock::{Hook, HookFn, Mock, MockFactory};
pub use self::pair::{Pair, PairError, PairOptions, Received, Sent, Side};
pub use self::recorder::{Crossing, Record, Recorder, RecorderFactory, Recording};
pub use self::rtp::{RtpStream, RtpTemplate, rtp};
pub use self::script::{Script, Turn};
#[cfg(feature = "streams")]
pub use self::scripted_stream::{ScriptedStream, StreamScript};
#[cfg(feature = "udp")]
pub use self::udp_link::{UdpLink, UdpLinkOptions};
