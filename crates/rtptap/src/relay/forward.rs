//! One stream from the source to every target.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use interceptor_packet::{PacketInfo, RtpPacket};
use interceptor_tokio::{LocalStream, RemoteStream};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::farewell::Farewell;
use super::leg::Leg;
use crate::log::Hex;

/// Packets that are forwarded in one go.
const MAX_BATCH: usize = 64;

/// How long any stream may be silent before it makes room for another.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);

/// What a stream's task shares with who watches over all streams.
#[derive(Debug)]
pub(super) struct Watch {
    /// The source says goodbye.
    pub(super) goodbye: Notify,
    /// Another stream needs the place.
    pub(super) evicted: Notify,
    /// When its last packet came, in milliseconds after `start`.
    heard: AtomicU64,
    start: Instant,
    since: Instant,
}

impl Watch {
    pub(super) fn new(start: Instant) -> Self {
        let (goodbye, evicted, since) = (Notify::new(), Notify::new(), Instant::now());
        let watch = Self { goodbye, evicted, heard: AtomicU64::new(0), start, since };
        watch.touch(since);
        watch
    }

    /// When its last packet came.
    pub(super) fn heard(&self) -> Instant {
        self.start + Duration::from_millis(self.heard.load(Relaxed))
    }

    /// Has it been silent for as long as it had gone on before, or for `patience`, which is enough for any? Made-up streams of a
    /// few packets do not hold a place for long.
    pub(super) fn may_go(&self, patience: Duration, now: Instant) -> bool {
        let heard = self.heard();
        let age = heard.saturating_duration_since(self.since);
        now.saturating_duration_since(heard) >= age.max(LEAST_PATIENCE).min(patience)
    }

    fn touch(&self, now: Instant) {
        let since = now.saturating_duration_since(self.start).as_millis();
        self.heard.store(u64::try_from(since).unwrap_or(u64::MAX), Relaxed);
    }
}

/// A stream with its outputs.
pub(super) struct Forward {
    stream: RemoteStream,
    source: Arc<Leg>,
    outputs: Box<[Output]>,
    watch: Arc<Watch>,
    farewell: Farewell,
    /// Empty between batches: kept for its buffer.
    copies: Vec<RtpPacket>,
}

struct Output {
    leg: Arc<Leg>,
    /// None while the stream is over, or the leg has no room for it.
    stream: Option<LocalStream>,
}

impl Forward {
    pub(super) fn new(
        stream: RemoteStream,
        (source, targets): (Arc<Leg>, Arc<[Arc<Leg>]>),
        watch: Arc<Watch>,
    ) -> Self {
        let outputs = targets.iter().map(|leg| Output { leg: Arc::clone(leg), stream: None }).collect();
        let copies = Vec::with_capacity(MAX_BATCH);
        Self { stream, source, outputs, watch, farewell: Farewell::default(), copies }
    }

    /// Until the source's session ends, or another stream needs the place. A stream that said goodbye ends at the targets,
    /// too, and begins anew if it comes back.
    pub(super) async fn run(mut self) {
        let mut packets = Vec::with_capacity(MAX_BATCH);
        let watch = Arc::clone(&self.watch);
        loop {
            let end = self.farewell.due().unwrap_or_else(Instant::now);
            tokio::select! {
                read = self.stream.read_many(&mut packets, MAX_BATCH) => {
                    if read.is_err() {
                        return;
                    }
                    let now = Instant::now();
                    watch.touch(now);
                    self.forward(&mut packets, now);
                }
                () = watch.goodbye.notified() => self.farewell.say(Instant::now()),
                () = tokio::time::sleep_until(end), if self.farewell.due().is_some() => {
                    // Dropped, they say goodbye to the targets.
                    self.outputs.iter_mut().for_each(|output| output.stream = None);
                    self.farewell = Farewell::default();
                }
                () = watch.evicted.notified() => {
                    self.stream.release();
                    return;
                }
            }
        }
    }

    fn forward(&mut self, packets: &mut Vec<RtpPacket>, now: Instant) {
        let (read, ssrc) = (packets.len(), self.stream.ssrc());
        // Retransmissions that no stream could make sense of.
        packets.retain(|packet| packet.ssrc() == ssrc);
        for packet in &mut *packets {
            self.farewell.hear(packet.sequence_number(), now);
            // How it came concerns nobody beyond: not when, not how often.
            *packet.info_mut() = PacketInfo::default();
        }
        for output in &mut self.outputs {
            self.copies.extend(packets.iter().cloned());
            output.send(&self.stream, &mut self.copies);
            self.copies.clear();
        }
        let tally = &self.source.tally;
        tally.read.fetch_add(read as u64, Relaxed);
        tally.stray.fetch_add((read - packets.len()) as u64, Relaxed);
        packets.clear();
    }
}

impl Output {
    /// Never waits: a target that cannot be reached as fast as packets come must not delay the others.
    fn send(&mut self, remote: &RemoteStream, packets: &mut Vec<RtpPacket>) {
        let tally = &self.leg.tally;
        tally.given.fetch_add(packets.len() as u64, Relaxed);
        if self.stream.is_none() {
            self.stream = bind(&self.leg, remote);
        }
        let lost = match self.stream.as_ref().map(|stream| stream.try_write_all(packets)) {
            Some(Ok(_)) => &tally.full,
            // It says so once its session has ended only: the packets are the stream's own.
            Some(Err(_)) => &tally.late,
            None if self.leg.session.ended().is_some() => &tally.late,
            None => &tally.refused,
        };
        if !packets.is_empty() {
            lost.fetch_add(packets.len() as u64, Relaxed);
        }
    }
}

fn bind(leg: &Arc<Leg>, remote: &RemoteStream) -> Option<LocalStream> {
    let info = leg.stream(remote.info());
    let bound = leg.session.bind_local_stream(info.clone()).or_else(|error| {
        // Its retransmission or FEC SSRC may be another stream's own.
        tracing::info!(leg = %leg.id(), ssrc = %Hex(info.ssrc), %error, "bound without retransmission and repair streams");
        let mut plain = info;
        (plain.rtx, plain.fec) = (None, None);
        leg.session.bind_local_stream(plain)
    });
    let refused = |error: &_| tracing::warn!(leg = %leg.id(), %error, "stream not forwarded");
    bound.inspect_err(refused).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a stream that has gone on for `age` may be silent, in steps of 100 ms.
    fn held_for(age: Duration, patience: Duration) -> Duration {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let start = Instant::from_std(std::time::Instant::now());
        let watch = Watch { since: start, ..Watch::new(start) };
        watch.touch(start + age);
        let step = Duration::from_millis(100);
        (0..).map(|steps| step * steps).find(|silent| watch.may_go(patience, start + age + *silent)).unwrap()
    }

    #[test]
    fn a_stream_holds_its_place_for_as_long_as_it_had_gone_on() {
        let second = Duration::from_secs(1);
        assert_eq!(held_for(Duration::ZERO, 5 * second), second);
        assert_eq!(held_for(3 * second, 5 * second), 3 * second);
        assert_eq!(held_for(3600 * second, 5 * second), 5 * second, "the patience is enough for any");
        assert_eq!(held_for(Duration::ZERO, second / 2), second / 2);
    }
}
