//! What a session needs of whatever carries its datagrams.

#[cfg(feature = "webrtc-util")]
mod conn;
mod datagrams;
mod errors;
mod halves;
#[cfg(feature = "udp")]
mod latch;
#[cfg(feature = "udp")]
mod mux;
mod paths;
mod send_queue;
mod spare;
#[cfg(feature = "udp")]
mod udp;

#[cfg(feature = "webrtc-util")]
pub use conn::{ConnReceiver, ConnSender};
pub use datagrams::{Datagrams, Received};
pub(crate) use errors::is_passing;
pub use halves::{Transport, TransportReceiver, TransportSender};
#[cfg(feature = "udp")]
pub use latch::{Latch, LatchOptions, PeerError};
#[cfg(feature = "udp")]
pub use mux::{KeyTaken, MuxCounters, MuxError, MuxOptions, MuxReceiver, MuxSender, MuxTransport, UdpMux};
pub use paths::{PathReceivers, PathSenders, Paths};
#[cfg(feature = "srtp")]
pub(crate) use send_queue::Queued;
pub use send_queue::{Run, SendQueue};
#[cfg(feature = "udp")]
pub use udp::{BatchSocket, Copier, Message, UdpReceiver, UdpSender, UdpTransport};
