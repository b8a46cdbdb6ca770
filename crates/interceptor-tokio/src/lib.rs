//! The async session: drives an interceptor chain over any datagram transport with tokio.

mod accept;
mod builder;
mod counters;
mod driver;
mod error;
mod fanout;
mod inbox;
mod local_stream;
mod lock;
mod options;
mod outbox;
mod pending;
mod remote_stream;
mod rtcp;
mod send;
mod session;
mod shared;
mod state;
mod traits;
mod transport;

pub use accept::IncomingStream;
pub use builder::SessionBuilder;
pub use counters::SessionCounters;
pub use error::{BindError, OptionsError, SessionError, SpawnError, TryWriteError};
pub use interceptor_core as core;
pub use interceptor_packet as packet;
pub use local_stream::LocalStream;
pub use options::SessionOptions;
pub use remote_stream::RemoteStream;
pub use rtcp::{Events, RawReceiver, RtcpReceiver, RtcpSender};
pub use session::Session;
pub use traits::{RtcpReader, RtcpWriter, RtpReader, RtpWriter};
#[cfg(feature = "udp")]
pub use transport::UdpTransport;
pub use transport::{Datagrams, Run, SendQueue, Transport, TransportReceiver, TransportSender};
