//! Learns streams from the wire and starts to forward them; hears of those that end.

use std::collections::BTreeMap;
use std::sync::Arc;

use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{IncomingStream, RtcpReceiver, SessionError};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::forward::{Forward, Watch};
use super::leg::Leg;
use super::rules::Rules;
use crate::log::Hex;

/// All streams of a relay.
pub(super) struct Router {
    source: Arc<Leg>,
    targets: Arc<[Arc<Leg>]>,
    rules: Rules,
    max_streams: usize,
    streams: BTreeMap<u32, Running>,
    tasks: JoinSet<()>,
    start: Instant,
}

struct Running {
    watch: Arc<Watch>,
    task: AbortHandle,
}

impl Router {
    pub(super) fn new(source: Arc<Leg>, targets: Arc<[Arc<Leg>]>, rules: Rules, max_streams: usize) -> Self {
        let (streams, tasks) = (BTreeMap::new(), JoinSet::new());
        Self { source, targets, rules, max_streams, streams, tasks, start: Instant::now() }
    }

    /// Until the source's session ends.
    pub(super) async fn run(mut self) -> SessionError {
        let source = Arc::clone(&self.source);
        let (_, mut rtcp): (_, RtcpReceiver) = source.session.rtcp();
        loop {
            tokio::select! {
                incoming = source.session.accept() => match incoming {
                    Ok(incoming) => self.take(incoming),
                    Err(error) => return error,
                },
                packet = rtcp.read() => match packet {
                    Ok(packet) => self.hear(&packet),
                    Err(error) => return error,
                },
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    fn take(&mut self, incoming: IncomingStream) {
        let (ssrc, payload_type) = (incoming.ssrc(), incoming.payload_type());
        if self.rules.is_rtx(payload_type) {
            // Of a stream that has not come yet, or cannot be told: not media in any case. Its packets still pass by who
            // finds out.
            incoming.reject();
            return;
        }
        if self.streams.len() >= self.max_streams {
            self.evict();
        }
        let info = self.source.stream(&self.rules.stream(ssrc, payload_type));
        tracing::info!(ssrc = %Hex(ssrc), payload_type, "stream found");
        let stream = match incoming.bind(info) {
            Ok(stream) => stream,
            Err(error) => {
                // It comes again, with what is kept of it, as long as it goes on.
                tracing::info!(ssrc = %Hex(ssrc), %error, "stream refused for now");
                return;
            }
        };
        let watch = Arc::new(Watch::new(self.start));
        let forward = Forward::new(stream, Arc::clone(&self.targets), Arc::clone(&watch));
        let task = self.tasks.spawn(forward.run());
        self.streams.insert(ssrc, Running { watch, task });
    }

    /// The stream silent longest makes room.
    fn evict(&mut self) {
        let silent = self.streams.iter().min_by_key(|(_, running)| running.watch.heard());
        let Some(ssrc) = silent.map(|(ssrc, _)| *ssrc) else { return };
        if let Some(running) = self.streams.remove(&ssrc) {
            tracing::info!(ssrc = %Hex(ssrc), "stream evicted: the one silent longest makes room");
            running.task.abort();
        }
    }

    fn hear(&self, packet: &RtcpPacket) {
        for message in packet.packets() {
            let Rtcp::Bye(bye) = message else { continue };
            for running in bye.ssrcs().filter_map(|ssrc| self.streams.get(&ssrc)) {
                running.watch.goodbye.notify_one();
            }
        }
    }
}
