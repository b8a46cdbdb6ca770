//! Streams of one source are played together: the sender reports say which of their packets belong together (RFC 3550 §6.4.1).

use std::hash::{DefaultHasher, Hash, Hasher};

use interceptor_core::packet::rtcp::{Rtcp, SenderReport};
use interceptor_core::packet::{NtpTime, RtcpPacket};
use interceptor_core::{Context, Streams};

use crate::JitterBuffer;
use crate::nanos::nanos;
use crate::stream::BufferedStream;

/// Streams are put side by side no more often than this.
const INTERVAL: i64 = 500_000_000;

impl JitterBuffer {
    /// Reports and names may have come.
    pub(crate) fn hear_rtcp(
        &mut self,
        streams: &mut Streams<'_, Self>,
        packet: &RtcpPacket,
        cx: &Context<'_>,
    ) {
        for part in packet.packets() {
            match part {
                Rtcp::SenderReport(report) => note_report(streams, &report),
                Rtcp::Sdes(sdes) => sdes.cnames().for_each(|(ssrc, name)| note_name(streams, ssrc, name)),
                _ => {}
            }
        }
        let now = cx.elapsed_nanos() as i64;
        if now >= self.aligns_at {
            self.aligns_at = now.saturating_add(INTERVAL);
            self.align(streams);
        }
    }

    /// Each stream waits for the latest of its source.
    fn align(&self, streams: &mut Streams<'_, Self>) {
        let mut all: Vec<(u64, i64)> =
            streams.iter_remotes().filter_map(|(_, stream)| stream.lag()).collect();
        all.sort_unstable();
        let most = nanos(self.options.max_sync);
        for (_, stream) in streams.remotes() {
            let behind = stream.lag().map_or(0, |(name, lag)| {
                // The last of its name lags most.
                let end = all.partition_point(|(other, _)| *other <= name);
                let latest = all.get(end.wrapping_sub(1)).map_or(lag, |(_, latest)| *latest);
                latest.saturating_sub(lag)
            });
            stream.schedule.target.sync = behind.clamp(0, most);
        }
    }
}

impl BufferedStream {
    /// The source, and how long after its sender's clock the stream is played, but for what it waits for others. The clocks may be
    /// years apart: only differences count.
    fn lag(&self) -> Option<(u64, i64)> {
        let (ntp, timestamp) = self.source.report?;
        Some((self.source.name?, self.schedule.playout_of(timestamp)?.saturating_sub(ntp)))
    }

    /// Its timestamps go on elsewhere: the last report is about others.
    #[cold]
    pub(crate) fn forget_report(&mut self) {
        self.source.report = None;
    }
}

fn note_report(streams: &mut Streams<'_, JitterBuffer>, report: &SenderReport<'_>) {
    // A sender without a wall clock says 0.
    if let Some(stream) = media(streams, report.ssrc()).filter(|_| report.ntp() != NtpTime::default()) {
        stream.source.report = Some((wall_nanos(report.ntp()), report.rtp_timestamp()));
    }
}

fn note_name(streams: &mut Streams<'_, JitterBuffer>, ssrc: u32, name: &[u8]) {
    if let Some(stream) = media(streams, ssrc) {
        // The same in every process: nothing depends on which names collide but how long their owner's streams wait.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        stream.source.name = Some(hasher.finish());
    }
}

/// The stream with this media SSRC; not one that is named for its repair.
fn media<'a>(streams: &'a mut Streams<'_, JitterBuffer>, ssrc: u32) -> Option<&'a mut BufferedStream> {
    streams.remote(ssrc).filter(|stream| stream.ssrc == ssrc)
}

/// Nanoseconds since 1900, which 63 bits hold.
const fn wall_nanos(ntp: NtpTime) -> i64 {
    ((ntp.0 as u128 * 1_000_000_000) >> 32) as i64
}
