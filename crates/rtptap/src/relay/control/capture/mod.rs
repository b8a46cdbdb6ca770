//! `Capture`: packets of running legs as pcapng blocks, on their way to a client.
//!
//! Each capture has an interceptor in the chains of its legs, that of `interceptor-pcap-dump`, which hands packets to a bounded queue and never waits. Its
//! thread makes blocks of them and waits for room on the way to the client; meanwhile the queue fills, and what finds no room is counted.

mod blocks;
mod collector;
mod places;
mod sink;
mod stream;
mod tap;

pub(super) use collector::CaptureCollector;
pub(super) use places::Captures;
