//! Calls whose losses are known.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use interceptor_core::Registry;
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_stats::{StatsFactory, StatsHandle, StreamStats};
use interceptor_test::Clock;
use str0m_tap::call::{Call, CallPlan, ID, ssrcs};
use str0m_tap::peers::Side;

pub(crate) const MEDIA: Duration = Duration::from_secs(4);
/// 30 frames of 5 packets a second.
pub(crate) const WRITTEN: u64 = 600;

/// A call at whose end everything has settled, on ways that lose only what they are told to.
pub(crate) struct Settled {
    pub(crate) call: Call,
    pub(crate) statistics: StatsHandle,
    /// Media packets that were lost on the way from (left, right).
    pub(crate) lost: [u64; 2],
}

impl Settled {
    /// One media packet in twenty is lost, and no retransmission.
    pub(crate) fn with(registry: Registry) -> Self {
        let statistics = StatsFactory::default();
        let handle = statistics.handle();
        let options = CallPlan { loss: 0.0, ..CallPlan::default() };
        let clock = Clock::new();
        let registry = registry.with(statistics);
        let mut call = Call::connect(&options, &registry, str0m_clock(), clock.now()).unwrap();
        let lost = [Side::Left, Side::Right].map(|side| lose_one_in_twenty(&mut call, side));
        call.talk(MEDIA).unwrap();
        Self { call, statistics: handle, lost: lost.map(|lost| lost.load(Ordering::Relaxed)) }
    }

    pub(crate) fn stream(&self, side: Side) -> StreamStats {
        self.statistics.stream(ID, *ssrcs(side).0).unwrap()
    }
}

/// SRTP leaves headers as they are. None of the last packets: nobody could tell that they are missing.
fn lose_one_in_twenty(call: &mut Call, side: Side) -> Arc<AtomicU64> {
    let lost = Arc::new(AtomicU64::new(0));
    let count = lost.clone();
    let media = *ssrcs(side).0;
    call.peers().lose_if(side, move |_, datagram: &Bytes| {
        let packet = RtpPacket::parse(datagram.clone()).unwrap();
        let number = packet.sequence_number();
        let drop = packet.ssrc() == media && number % 20 == 7 && u64::from(number) < WRITTEN - 20;
        count.fetch_add(drop.into(), Ordering::Relaxed);
        drop
    });
    lost
}

/// The wall clock of str0m at the start of every [`Clock`]. str0m pairs an instant with the system's time once a process; what it
/// has made of that stands in its sender reports.
pub(crate) fn str0m_clock() -> NtpTime {
    static CLOCK: OnceLock<NtpTime> = OnceLock::new();
    *CLOCK.get_or_init(|| {
        let statistics = StatsFactory::default();
        let handle = statistics.handle();
        let options = CallPlan { loss: 0.0, ..CallPlan::default() };
        let ours = Duration::from_secs(1_000_000_000);
        let registry = Registry::new().with(statistics);
        let clock = Clock::new();
        let mut call = Call::connect(&options, &registry, NtpTime::from_unix(ours), clock.now()).unwrap();
        call.talk(Duration::from_millis(100)).unwrap();

        let report = handle.stream(ID, *ssrcs(Side::Right).0).unwrap().remote_outbound_rtp.unwrap();
        let unix = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let sent_after = unix(report.timestamp) - ours - options.delay;
        NtpTime::from_unix(unix(report.remote_timestamp.unwrap()) - sent_after)
    })
}
