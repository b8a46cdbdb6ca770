//! Learns streams from the wire and starts to forward them; hears of those that end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{IncomingStream, RtcpReceiver, SessionError};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::RelayOptions;
use super::forward::{Forward, Watch};
use super::leg::Leg;
use super::pace::Pace;
use super::rules::Rules;
use super::turns;
use crate::log::Hex;

/// All streams of a relay.
pub(super) struct Router {
    source: Arc<Leg>,
    targets: Arc<[Arc<Leg>]>,
    rules: Rules,
    max_streams: usize,
    /// How long a stream that has gone on for as long is silent before it has to make room for another.
    patience: Duration,
    pace: Pace,
    streams: BTreeMap<u32, Arc<Watch>>,
    /// Streams that begin go there, into the one task.
    beginning: UnboundedSender<Forward>,
    task: JoinSet<()>,
    start: Instant,
}

impl Router {
    pub(super) fn new(source: Arc<Leg>, targets: Arc<[Arc<Leg>]>, options: &RelayOptions) -> Self {
        let (start, (beginning, coming)) = (Instant::now(), unbounded_channel());
        let mut task = JoinSet::new();
        task.spawn(turns::run(coming, Arc::clone(&targets)));
        Self {
            source,
            targets,
            rules: Rules::new(options.streams.clone()),
            max_streams: options.max_streams,
            patience: options.takeover,
            pace: Pace::new(options.new_streams, start),
            streams: BTreeMap::new(),
            beginning,
            task,
            start,
        }
    }

    /// Until the source's session ends, and everything that it had is forwarded.
    pub(super) async fn run(mut self) -> SessionError {
        let source = Arc::clone(&self.source);
        let (_, mut rtcp): (_, RtcpReceiver) = source.session.rtcp();
        let end = loop {
            tokio::select! {
                incoming = source.session.accept() => match incoming {
                    Ok(incoming) => self.take(incoming),
                    Err(error) => break error,
                },
                packet = rtcp.read() => match packet {
                    Ok(packet) => self.hear(&packet),
                    Err(error) => break error,
                },
                // It ends with this one only, unless it has panicked.
                _ = self.task.join_next() => return SessionError::TaskEnded,
            }
        };
        drop(self.beginning);
        while self.task.join_next().await.is_some() {}
        end
    }

    /// An SSRC that has proven to be a stream's. One that is refused is offered again, with what is kept of it, as long as it
    /// goes on.
    fn take(&mut self, incoming: IncomingStream) {
        let (ssrc, payload_type) = (incoming.ssrc(), incoming.payload_type());
        if self.rules.is_repair(payload_type) {
            // Of a stream that has not come yet, or cannot be told: not media in any case. Its packets still pass by who
            // finds out.
            incoming.reject();
            return;
        }
        let now = Instant::now();
        let silent = if self.streams.len() < self.max_streams { None } else { self.silent_longest(now) };
        let room = self.streams.len() < self.max_streams || silent.is_some();
        if !room || !self.pace.take(now) {
            self.source.tally.streams_refused.fetch_add(1, Relaxed);
            tracing::info!(ssrc = %Hex(ssrc), payload_type, room, "stream refused for now");
            return;
        }
        if let Some(silent) = silent {
            self.evict(silent);
        }
        let info = self.source.stream(&self.rules.stream(ssrc, payload_type));
        let stream = match incoming.bind(info) {
            Ok(stream) => stream,
            Err(error) => {
                self.source.tally.streams_refused.fetch_add(1, Relaxed);
                tracing::info!(ssrc = %Hex(ssrc), %error, "stream refused for now");
                return;
            }
        };
        tracing::info!(ssrc = %Hex(ssrc), payload_type, "stream found");
        self.source.tally.streams_found.fetch_add(1, Relaxed);
        let watch = Arc::new(Watch::new(self.start));
        let legs = (Arc::clone(&self.source), Arc::clone(&self.targets));
        // Should the task have ended, so does this one.
        let _ended = self.beginning.send(Forward::new(stream, legs, Arc::clone(&watch)));
        self.streams.insert(ssrc, watch);
    }

    /// The stream silent longest of those that may make room for a younger one.
    fn silent_longest(&self, now: Instant) -> Option<u32> {
        let over = self.streams.iter().filter(|(_, watch)| watch.may_go(self.patience, now));
        over.min_by_key(|(_, watch)| watch.heard()).map(|(ssrc, _)| *ssrc)
    }

    fn evict(&mut self, ssrc: u32) {
        if let Some(watch) = self.streams.remove(&ssrc) {
            tracing::info!(ssrc = %Hex(ssrc), "stream evicted: the one silent longest makes room");
            self.source.tally.streams_evicted.fetch_add(1, Relaxed);
            watch.evicted.notify_one();
        }
    }

    fn hear(&self, packet: &RtcpPacket) {
        for message in packet.packets() {
            let Rtcp::Bye(bye) = message else { continue };
            for watch in bye.ssrcs().filter_map(|ssrc| self.streams.get(&ssrc)) {
                watch.goodbye.notify_one();
            }
        }
    }
}
