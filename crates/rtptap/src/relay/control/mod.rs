//! The control plane of a relay: the gRPC service `rtptap.v1.Relay` of `proto/rtptap/v1/relay.proto`.
//!
//! | limit | value | over it |
//! |---|---|---|
//! | connections | 32 | closed as they come |
//! | a connection's first bytes | 5 s | closed |
//! | a connection that answers no ping | 20 s and 10 s | closed |
//! | calls of a connection | 32 at a time | wait at the client |
//! | calls of a host, of all | 16, 64 at a time | RESOURCE_EXHAUSTED |
//! | `Legs`, `SetRules` | 10 s | DEADLINE_EXCEEDED |
//! | a stream on which nothing moves | 2 h | DEADLINE_EXCEEDED |
//! | bytes of a capture | 16 MiB a second, and at once | sent later |
//! | a message to the relay | 64 KiB | OUT_OF_RANGE |
//! | changes that wait | 16 | RESOURCE_EXHAUSTED |
//! | `Watch`: who does not read | nothing is kept for it | messages are left out, `skipped` |
//! | `Capture` | 4 at a time | RESOURCE_EXHAUSTED |
//! | `Capture`: who does not read | 2048 packets, 4 MiB, and 1.3 MB of blocks | packets are left out, `dropped` |
//! | stopping | 1 s for streams to end | connections are closed |
//!
//! There is no TLS and no password, as with HTTP: whoever reaches the address can change the relay.

mod answers;
mod capture;
pub mod generated;
mod incoming;
mod layer;
mod server;
mod service;
mod stopping;
mod watch;

pub(crate) use answers::millis;
pub use server::{ControlServer, RunningControl};
