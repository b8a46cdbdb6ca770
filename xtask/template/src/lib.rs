//! Counts the packets of each stream and raises an event at every milestone.
//!
//! A shape for an interceptor: what it does to which packets comes first, then an example that asserts its result.
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::packet::{NtpTime, RtpPacket};
//! use interceptor_core::{ChainConfig, Registry, StreamInfo};
//! use interceptor_new_thing::{Milestone, NewThingFactory, NewThingOptions};
//!
//! let factory = NewThingFactory::new(NewThingOptions::default().with_every(2))?;
//! let registry = Registry::new().with(factory);
//! let now = Instant::now(); // the driver's clock
//! let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! chain.bind_local(StreamInfo::new(1, 96, 90_000), now)?;
//! for seq in 0..3 {
//!     chain.write_rtp(RtpPacket::builder().ssrc(1).payload_type(96).sequence_number(seq).build()?, now);
//! }
//! let event = chain.poll_event().expect("two packets have passed");
//! assert_eq!(event.raised(), Some(&Milestone { ssrc: 1, packets: 2 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! [`Stage::APPLICATION`](interceptor_core::Stage::APPLICATION): counts what the application sends and gets, repaired
//! packets included, retransmissions and FEC left out.
//!
//! # Behaviour
//!
//! 1. It takes part in every stream, both ways. Packets pass unchanged and at once.
//! 2. A media packet counts for its stream. Retransmissions, FEC and padding do not.
//! 3. Every `every` packets of a stream it raises a [`Milestone`].
//!
//! # Options
//!
//! | [`NewThingOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `every` | 1000 | 1..=1 000 000 packets | from one milestone to the next |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it | the chain's `malformed_datagrams` | `a_malformed_datagram_does_not_count` |
//! | packet of an unknown SSRC | never reaches it | the chain's `unbound_read` | `a_packet_of_an_unknown_ssrc_does_not_count` |
//! | duplicate, packet out of order | counts like any other | [`NewThing::counted`] | `a_duplicate_counts_like_any_other` |
//!
//! # Memory, timers, counters
//!
//! A stream takes 16 bytes. There is no timer. [`NewThing::counted`] tells the sum over all streams;
//! [`Chain::with_streams`](interceptor_core::Chain::with_streams) lends a stream's [`StreamCount`].

mod factory;
mod interceptor;
mod options;

pub use factory::NewThingFactory;
pub use interceptor::{Milestone, NewThing, StreamCount};
pub use interceptor_core::OptionsError;
pub use options::NewThingOptions;
