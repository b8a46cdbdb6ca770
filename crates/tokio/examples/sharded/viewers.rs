//! The viewers of one core: a port, a session for each, and one task that sends to all.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use interceptor_core::StreamInfo;
use interceptor_tokio::{LatchOptions, LocalStream, MuxOptions, Session, UdpMux};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::Receiver;

use crate::crossing::Batch;
use crate::{Result, registry};

/// What the viewers of all cores were sent.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) packets: AtomicU64,
    /// Packets for which a viewer's session had no room.
    pub(crate) no_room: AtomicU64,
}

/// Sessions that never leave the runtime on which they were made.
pub(crate) struct Viewers {
    /// They live as long as their sessions do.
    sessions: Vec<Session>,
    streams: Vec<LocalStream>,
}

impl Viewers {
    /// Must run on the core whose viewers they are: a session's task stays where it was spawned.
    pub(crate) async fn join(info: &StreamInfo, peers: &[SocketAddr]) -> Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        // Signalling says who a viewer is and where: nobody has to be asked.
        let nobody = |_: &Bytes, _: SocketAddr| None::<usize>;
        let mux = UdpMux::new(socket, MuxOptions::default(), nobody)?;
        let registry = registry();
        let mut viewers = Self { sessions: Vec::new(), streams: Vec::new() };
        for (number, peer) in peers.iter().enumerate() {
            let transport = mux.transport(number, LatchOptions::default().with_told(true))?;
            let latch = transport.latch();
            let session =
                Session::builder(&registry, format!("viewer-{peer}")).transport(transport).spawn()?;
            latch.set_peer(*peer)?;
            viewers.streams.push(session.bind_local_stream(info.clone())?);
            viewers.sessions.push(session);
        }
        Ok(viewers)
    }

    /// Sends whatever comes to every viewer, until nothing can come any more.
    pub(crate) async fn serve(self, mut batches: Receiver<Batch>, sent: Arc<Sent>) -> Result {
        let mut packets = Vec::new();
        while let Some(batch) = batches.recv().await {
            for stream in &self.streams {
                packets.clone_from(&batch);
                // Whoever has no room loses these packets, and nobody waits for it.
                sent.packets.fetch_add(stream.try_write_all(&mut packets)? as u64, Relaxed);
                sent.no_room.fetch_add(packets.len() as u64, Relaxed);
            }
        }
        drop(self.streams);
        for session in self.sessions {
            session.close().await?;
        }
        Ok(())
    }
}
