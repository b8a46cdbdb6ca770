//! What the far end says about a stream.

use std::time::Duration;

use interceptor_core::CounterCell;
use interceptor_packet::NtpTime;
use interceptor_packet::rtcp::{ReportBlock, SenderReport};

use crate::cell::OptionCell;
use crate::identity::Identity;
use crate::snapshot::{RemoteInboundRtp, RemoteOutboundRtp};
use crate::time::{Timebase, nanos, units_time};

/// A longer round trip is a lie or a clock that was set.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(60);

/// Round-trip times.
#[derive(Debug, Default)]
struct RoundTrips {
    latest: OptionCell,
    total: CounterCell,
    measurements: CounterCell,
}

impl RoundTrips {
    fn measured(&self, rtt: Option<Duration>) {
        let Some(rtt) = rtt.filter(|rtt| *rtt <= MAX_ROUND_TRIP).map(nanos) else { return };
        self.latest.set(rtt);
        self.total.add(rtt);
        self.measurements.increment();
    }

    fn latest(&self) -> Option<Duration> {
        self.latest.get().map(Duration::from_nanos)
    }

    fn total(&self) -> Duration {
        Duration::from_nanos(self.total.get())
    }
}

/// A local stream as report blocks describe it.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct ReportedByReceiver {
    reports: CounterCell,
    last_at: CounterCell,
    received: CounterCell,
    lost: CounterCell,
    /// In 256ths.
    fraction: CounterCell,
    /// In units of the stream's clock.
    jitter: CounterCell,
    round_trips: RoundTrips,
}

impl ReportedByReceiver {
    /// A report block came at `now`; `sent` packets were sent up to the highest number in it.
    pub(crate) fn report(&self, block: &ReportBlock<'_>, sent: u64, rtt: Option<Duration>, now: u64) {
        let lost = i64::from(block.cumulative_lost());
        self.reports.increment();
        self.last_at.set(now);
        let received = i64::try_from(sent).unwrap_or(i64::MAX).saturating_sub(lost);
        self.received.set(u64::try_from(received).unwrap_or(0));
        self.lost.set(lost.cast_unsigned());
        self.fraction.set(u64::from(block.fraction_lost()));
        self.jitter.set(u64::from(block.jitter()));
        self.round_trips.measured(rtt);
    }

    pub(crate) fn last_at(&self) -> u64 {
        self.last_at.get()
    }

    /// A block has come.
    pub(crate) fn is_known(&self) -> bool {
        self.reports.get() > 0
    }

    /// `None` before the first block.
    pub(crate) fn snapshot(&self, of: &Identity, time: &Timebase) -> Option<RemoteInboundRtp> {
        self.is_known().then(|| RemoteInboundRtp {
            id: format!("RI{}", of.ssrc),
            timestamp: time.wall(self.last_at.get()),
            ssrc: of.ssrc,
            kind: of.kind,
            local_id: format!("O{}", of.ssrc),
            packets_received: self.received.get(),
            packets_lost: self.lost.get().cast_signed(),
            fraction_lost: self.fraction.get() as f64 / 256.0,
            jitter: units_time(self.jitter.get() * 16, of.clock_rate),
            reports_received: self.reports.get(),
            round_trip_time: self.round_trips.latest(),
            total_round_trip_time: self.round_trips.total(),
            round_trip_time_measurements: self.round_trips.measurements.get(),
        })
    }
}

/// A remote stream as sender reports and DLRR blocks describe it.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct ReportedBySender {
    reports: CounterCell,
    last_at: CounterCell,
    packets: CounterCell,
    bytes: CounterCell,
    ntp: CounterCell,
    round_trips: RoundTrips,
}

impl ReportedBySender {
    /// An SR of the stream's own sender came at `now`.
    pub(crate) fn report(&self, report: &SenderReport<'_>, now: u64) {
        let first = self.reports.get() == 0;
        self.packets.set(continued(self.packets.get(), report.packet_count(), first));
        self.bytes.set(continued(self.bytes.get(), report.octet_count(), first));
        self.ntp.set(report.ntp().to_bits());
        self.last_at.set(now);
        self.reports.increment();
    }

    /// The sender answered our clock.
    pub(crate) fn round_trip(&self, rtt: Option<Duration>, now: u64) {
        if rtt.is_some() {
            self.last_at.set(now);
        }
        self.round_trips.measured(rtt);
    }

    pub(crate) fn last_at(&self) -> u64 {
        self.last_at.get()
    }

    /// An SR or an answer has come.
    pub(crate) fn is_known(&self) -> bool {
        self.reports.get() + self.round_trips.measurements.get() > 0
    }

    /// `None` before the first SR and the first answer.
    pub(crate) fn snapshot(&self, of: &Identity, time: &Timebase) -> Option<RemoteOutboundRtp> {
        let reports_sent = self.reports.get();
        self.is_known().then(|| RemoteOutboundRtp {
            id: format!("RO{}", of.ssrc),
            timestamp: time.wall(self.last_at.get()),
            ssrc: of.ssrc,
            kind: of.kind,
            local_id: format!("I{}", of.ssrc),
            packets_sent: self.packets.get(),
            bytes_sent: self.bytes.get(),
            remote_timestamp: (reports_sent > 0)
                .then(|| std::time::SystemTime::UNIX_EPOCH + NtpTime::from_bits(self.ntp.get()).to_unix()),
            reports_sent,
            round_trip_time: self.round_trips.latest(),
            total_round_trip_time: self.round_trips.total(),
            round_trip_time_measurements: self.round_trips.measurements.get(),
        })
    }
}

/// A 32-bit count that goes on from `total`, the short way round: forward over a wrap, back at a restart.
fn continued(total: u64, count: u32, first: bool) -> u64 {
    if first {
        return u64::from(count);
    }
    let step = count.wrapping_sub(total as u32).cast_signed();
    total.saturating_add_signed(i64::from(step))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::continued;

    #[test]
    fn counts_go_on_over_their_wrap_and_back_at_a_restart() {
        assert_eq!(continued(0, u32::MAX, true), 0xffff_ffff);
        assert_eq!(continued(0xffff_ffff, 1, false), 0x1_0000_0001);
        assert_eq!(continued(1000, 5, false), 5);
        assert_eq!(continued(3, u32::MAX, false), 0);
    }

    proptest! {
        #[test]
        fn counts_equal_the_true_total(start: u32, steps in prop::collection::vec(0u32..0x7fff_ffff, 0..40)) {
            let mut truth = u64::from(start);
            let mut total = continued(0, start, true);
            for step in steps {
                truth += u64::from(step);
                total = continued(total, truth as u32, false);
                prop_assert_eq!(total, truth);
            }
        }
    }
}
