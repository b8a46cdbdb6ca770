//! Tests of whole chains, and what they share with the fuzz targets: a chain under attack, and the attacks.
//!
//! An attack is a series of choices. A [`Draw`] makes them: from a seed in the tests, from the fuzzer's bytes in the
//! fuzz targets, so both attack alike. A [`Victim`] is a chain with the default interceptors and streams in both
//! directions that checks after every step what must hold whatever a peer sends:
//!
//! - no hook panics or fails, no timer spins;
//! - every datagram reaches the application once, unchanged, unless it is a padding probe of an RTX stream, a packet on it of
//!   a type that nobody has named, or a second copy of a packet of which one was restored: those are counted;
//! - everything that leaves is well-formed and no longer than the MTU;
//! - what is sent again stays within the media sent, and feedback within what the peer has sent (see [`Ledger`]).
//!
//! [`repair`] measures what repairs a lossy path; its example writes `docs/repair.md`.
//!
//! [`fuzz`] has the bodies of the fuzz targets in `crates/internal/fuzz`, as functions that tests replay the corpus with.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "what does not hold ends the test"
)]

mod arrivals;
mod attack;
mod draw;
pub mod fuzz;
mod ledger;
pub mod repair;
mod streams;
mod victim;

pub use attack::Peer;
pub use draw::{Chance, Draw, Script};
pub use ledger::{Ledger, Totals};
pub use streams::{LOCAL, MEDIA_PAYLOAD, REMOTE, default_registry, rfc3550_registry, rtx_ssrc, streams};
pub use victim::Victim;
