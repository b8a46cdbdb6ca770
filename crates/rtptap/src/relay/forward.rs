//! One stream from the source to every target.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use interceptor_packet::{PacketInfo, RtpPacket};
use interceptor_tokio::{LocalStream, RemoteStream, SessionError, TryWriteError};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::leg::Leg;
use crate::log::Hex;

/// How long a stream that said goodbye is still forwarded: its last packets may be under way, or asked for again.
const LINGER: Duration = Duration::from_secs(1);

/// Packets that are forwarded in one go.
const MAX_BATCH: usize = 64;

/// What a stream's task shares with who watches over all streams.
#[derive(Debug)]
pub(super) struct Watch {
    /// The source says goodbye.
    pub(super) goodbye: Notify,
    /// When its last packet came, in milliseconds after `start`.
    heard: AtomicU64,
    start: Instant,
}

impl Watch {
    pub(super) fn new(start: Instant) -> Self {
        let watch = Self { goodbye: Notify::new(), heard: AtomicU64::new(0), start };
        watch.touch();
        watch
    }

    pub(super) fn heard(&self) -> u64 {
        self.heard.load(Relaxed)
    }

    fn touch(&self) {
        let since = self.start.elapsed().as_millis();
        self.heard.store(u64::try_from(since).unwrap_or(u64::MAX), Relaxed);
    }
}

/// A stream with its outputs.
pub(super) struct Forward {
    stream: RemoteStream,
    targets: Arc<[Arc<Leg>]>,
    /// Empty while the stream is over.
    outputs: Vec<Output>,
    watch: Arc<Watch>,
}

struct Output {
    leg: Arc<Leg>,
    stream: LocalStream,
}

impl Forward {
    pub(super) const fn new(stream: RemoteStream, targets: Arc<[Arc<Leg>]>, watch: Arc<Watch>) -> Self {
        Self { stream, targets, outputs: Vec::new(), watch }
    }

    /// Until the source's session ends. A stream that said goodbye ends at the targets, too, and begins anew if it comes
    /// back.
    pub(super) async fn run(mut self) {
        let mut packets = Vec::with_capacity(MAX_BATCH);
        let mut over: Option<Instant> = None;
        let watch = Arc::clone(&self.watch);
        loop {
            let end = over.unwrap_or_else(Instant::now);
            tokio::select! {
                read = self.stream.read_many(&mut packets, MAX_BATCH) => {
                    if read.is_err() {
                        return;
                    }
                    watch.touch();
                    self.forward(&mut packets);
                }
                () = watch.goodbye.notified() => over = Some(Instant::now() + LINGER),
                () = tokio::time::sleep_until(end), if over.is_some() => {
                    // Dropped, they say goodbye to the targets.
                    self.outputs.clear();
                    over = None;
                }
            }
        }
    }

    fn forward(&mut self, packets: &mut Vec<RtpPacket>) {
        if self.outputs.is_empty() {
            self.outputs = self.targets.iter().filter_map(|leg| self.bind(leg)).collect();
        }
        for mut packet in packets.drain(..) {
            // Retransmissions that no stream could make sense of.
            if packet.ssrc() != self.stream.ssrc() {
                continue;
            }
            // How it came concerns nobody beyond: not when, not how often.
            *packet.info_mut() = PacketInfo::default();
            for output in &self.outputs {
                output.send(packet.clone());
            }
        }
    }

    fn bind(&self, leg: &Arc<Leg>) -> Option<Output> {
        let info = leg.stream(self.stream.info());
        let bound = leg.session.bind_local_stream(info.clone()).or_else(|error| {
            // Its retransmission SSRC may be another stream's own.
            tracing::info!(leg = %leg.id(), ssrc = %Hex(info.ssrc), %error, "bound without retransmission stream");
            let mut plain = info;
            plain.rtx = None;
            leg.session.bind_local_stream(plain)
        });
        match bound {
            Ok(stream) => Some(Output { leg: Arc::clone(leg), stream }),
            Err(error) => {
                let ssrc = self.stream.ssrc();
                tracing::warn!(leg = %leg.id(), ssrc = %Hex(ssrc), %error, "stream not forwarded");
                None
            }
        }
    }
}

impl Output {
    /// Never waits: a target that cannot be reached as fast as packets come must not delay the others.
    fn send(&self, packet: RtpPacket) {
        match self.stream.try_write(packet) {
            Ok(()) | Err(TryWriteError::Session(SessionError::Closed)) => {}
            Err(_) => _ = self.leg.dropped.fetch_add(1, Relaxed),
        }
    }
}
