//! Reads RTCP whether or not the application does.

use std::sync::{Arc, Weak};

use interceptor::{Attributes, Error, RTCPReader};
use interceptor_core::Incoming;
use interceptor_packet::RtcpPacket;

use super::Packets;
use super::convert::{from_host, to_host};
use super::copies::Sight;
use crate::connection::Connection;
use crate::inbox::Inbox;
use crate::patience::Patience;

/// What the host reads datagrams into: no compound is longer.
const LONGEST: usize = 8192;
/// What nearly every compound fits in.
const USUAL: usize = 2048;

/// What the application gets from one reader.
pub(crate) type Compound = (Packets, Attributes);

/// Reads until the reader below ends, or the connection does. Its application gets what the chain forwards.
pub(crate) async fn pump(
    connection: Weak<Connection>,
    below: Arc<dyn RTCPReader + Send + Sync>,
    number: u64,
    inbox: Arc<Inbox<Compound>>,
) {
    let Some(mut ending) = connection.upgrade().map(|connection| connection.ending()) else { return };
    tokio::select! {
        () = ending.wait() => {}
        () = read_all(connection, &*below, number, &inbox) => {}
    }
    inbox.close();
}

async fn read_all(
    connection: Weak<Connection>,
    below: &(dyn RTCPReader + Send + Sync),
    number: u64,
    inbox: &Inbox<Compound>,
) {
    let (attributes, mut buf, mut patience) = (Attributes::new(), vec![0; USUAL], Patience::default());
    loop {
        let read = below.read(&mut buf, &attributes).await;
        let Some(connection) = connection.upgrade() else { return };
        match read {
            Ok((packets, attributes)) => {
                pass(&connection, (packets, attributes), number, inbox);
                patience = Patience::default();
            }
            Err(error) => {
                if is_short_buffer(&error) {
                    buf.resize(LONGEST, 0);
                }
                if patience.bear(&connection, error).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Passes a compound through the chain, once, and gives the application what is forwarded.
fn pass(connection: &Connection, (packets, attributes): Compound, number: u64, inbox: &Inbox<Compound>) {
    let Some(compound) = from_host(&packets) else {
        let dropped = inbox.push((packets, attributes), USUAL);
        return connection.look(|state| {
            state.counters.unconverted_rtcp += 1;
            state.counters.dropped_rtcp += dropped;
        });
    };
    let bytes = compound.as_bytes().clone();
    connection.with(|state, now| {
        let forwarded = match state.copies.look(&bytes, number, now) {
            Sight::Copy { forwarded } => {
                state.counters.rtcp_copies += 1;
                forwarded.then_some(compound)
            }
            Sight::New => {
                state.chain.read_rtcp(compound, now);
                let forwarded = first_rtcp(state);
                if forwarded.is_none() {
                    state.copies.kept(&bytes);
                }
                forwarded
            }
        };
        let Some(forwarded) = forwarded else { return };
        let packets = if forwarded.as_bytes() == &bytes { packets } else { to_host(&forwarded) };
        state.counters.dropped_rtcp += inbox.push((packets, attributes), bytes.len());
    });
}

/// What the chain forwarded, or has made for this side. All else of what it has left goes where it belongs.
fn first_rtcp(state: &mut crate::state::State) -> Option<RtcpPacket> {
    let mut first = None;
    while let Some(incoming) = state.chain.poll_app() {
        match incoming {
            Incoming::Rtcp(packet) if first.is_none() => first = Some(packet),
            other => state.deliver(other),
        }
    }
    first
}

/// Was there more than the buffer holds? The host has let go of the packet.
fn is_short_buffer(error: &Error) -> bool {
    let text = error.to_string();
    matches!(error, Error::ErrShortBuffer) || text == webrtc_util::Error::ErrBufferShort.to_string()
}
