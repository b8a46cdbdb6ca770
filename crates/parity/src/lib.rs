//! Sums of RTP packets: what repair packets are made of, and what comes back of them.
//!
//! A repair packet is the sum (XOR) of the packets that it protects. This crate makes such sums ([`Sum`]) and gets out of
//! them what was lost ([`Decoder`]), whatever the header says in which it is written: those are the business of
//! [`interceptor_packet::fec`]. It knows no streams' descriptions, no clock and no sockets.
//!
//! ```
//! use std::time::Duration;
//! use interceptor_packet::RtpPacket;
//! use interceptor_packet::fec::{Mask, Pattern, Span};
//! use interceptor_parity::{Decoder, DecoderLimits, MutableExtensions, Repair, Scope, Sum, Zeroing};
//!
//! let zeroing = || Zeroing::new(&MutableExtensions::Libwebrtc, []);
//! let packet = |seq| RtpPacket::builder().ssrc(1).sequence_number(seq).payload(vec![seq as u8; 9]).build();
//! let (mut sum, mut zeros) = (Sum::default(), zeroing());
//! for seq in 0..5 {
//!     sum.add(&zeros.summand(&packet(seq)?));
//! }
//! let fields = sum.fields();
//! let body = sum.take(0, |_, _| Ok::<_, std::convert::Infallible>(()))?;
//!
//! let mut decoder = Decoder::new(DecoderLimits::default());
//! decoder.add_stream(1, 90_000, zeroing());
//! for seq in [0, 1, 3, 4] {
//!     decoder.media(&packet(seq)?, Duration::ZERO);
//! }
//! let protected = [(1, Span { base: 0, pattern: Pattern::Mask(Mask::first(5)) })];
//! decoder.repair(Repair { fields, body, scope: Scope::Packet }, &protected, Duration::ZERO);
//! assert_eq!(decoder.pop_recovered(), Some(packet(2)?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Behaviour
//!
//! 1. [`Zeroing`] makes a [`Summand`] of a packet: what counts of it. Header extensions that somebody writes after the sum was
//!    made count as zeros, at both ends alike.
//! 2. A sum is a running one: no packet is kept for it, and it stands in the buffer that the repair packet leaves in.
//! 3. The decoder keeps the last packets of each stream, by reference, and the repairs that wait. Nothing is computed until a
//!    repair lacks just one packet: without losses there is no work.
//! 4. What comes back may make other repairs lack just one: so until there is no more. Where only several repairs together say
//!    what is missing, they are solved as linear equations over GF(2): once for each repair that comes.
//! 5. What comes back is believed only if it can be: no longer than the sum, zeros behind its end, and a packet.
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a length beyond the sum, bytes that do not cancel, no packet | nothing of it is believed | `inconsistent` | `a_repair_that_contradicts_what_has_come_is_dropped` |
//! | a repair of nothing, or of a stream twice; of what is out of reach | never waits | `malformed`, `expired` | `what_is_out_of_reach_never_waits` |
//! | repairs without end | the oldest go, by number and by bytes | `discarded`, `used` | `repairs_that_wait_are_bounded_in_number_and_in_bytes` |
//! | a repair whose packets never come | waits for so long as it may | `expired` | `repairs_expire` |
//! | giants | packets are kept up to their bytes; what needs those that went expires | `expired` | `packets_are_bounded_in_bytes` |
//!
//! # Memory
//!
//! What [`DecoderLimits`] says: packets and their bytes by stream, waiting repairs and their bytes. The oldest go.

mod decoder;
mod mutable;
mod sum;
mod summand;
mod xor;
mod zeroing;

pub use decoder::{Arrived, Decoded, Decoder, DecoderLimits, DecoderTally, Repair, Scope};
pub use mutable::MutableExtensions;
pub use sum::Sum;
pub use summand::Summand;
pub use zeroing::Zeroing;
