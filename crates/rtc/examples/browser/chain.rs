//! The chain of a call: what repairs it, what paces it and what counts.

use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use interceptor_congestion::{CongestionFactory, CongestionOptions};
use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Event, Fact, Registry};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_pacer::PacerFactory;
use interceptor_report::ReportFactory;
use interceptor_rtc::{ChainHandle, Codecs, Configured, Delivery, Setup, configure};
use interceptor_rtx::RtxFactory;
use interceptor_stats::{ConnectionStats, StatsFactory, StatsHandle};
use interceptor_twcc::TwccFactory;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::transport::RTCDtlsRole;

use crate::ledger::{ReaderFactory, SharedLedger};
use crate::peer::codecs;

/// The chain in a peer connection, as its owner has it.
#[derive(Debug)]
pub(crate) struct OurChain {
    id: String,
    handle: ChainHandle,
    statistics: StatsHandle,
    nack: NackFactory,
    repairs: bool,
}

/// With the longest delay that the page offers, both ways, there is time to ask twice.
pub(crate) const REPAIR_AGE: Duration = Duration::from_secs(2);
/// What comes back is as fast as what was sent, and that begins at once; congestion control takes it from there.
const START_BITRATE: u64 = 2_000_000;
/// A browser sends no picture of this size faster.
const MAX_BITRATE: u64 = 4_000_000;

impl OurChain {
    /// A chain, and what the stack needs to have it.
    pub(crate) fn new(id: &str, seed: u64, now: Instant, ledger: SharedLedger) -> Result<(Self, Configured)> {
        let nack = NackOptions::default().with_max_age(REPAIR_AGE).with_send_history_age(REPAIR_AGE);
        let nack = NackFactory::new(nack)?;
        let congestion =
            CongestionOptions::default().with_start_bitrate(START_BITRATE).with_max_bitrate(MAX_BITRATE);
        let statistics = StatsFactory::default();
        let handle = statistics.handle();
        let registry = Registry::new()
            .with(statistics)
            .with(ReaderFactory(ledger))
            .with(TwccFactory::default())
            .with(CongestionFactory::new(congestion)?)
            .with(PacerFactory::default())
            .with(ReportFactory::default())
            .with(RtxFactory::default())
            .with(nack.clone());
        let config = ChainConfig::new(id, now, wall_clock()?, seed);
        let settings = SettingEngineBuilder::new().with_answering_dtls_role(RTCDtlsRole::Server);
        let setup = Setup::default()
            .with_codecs(Codecs::These(codecs()))
            .with_settings(settings)
            .with_rtcp_to_application(Delivery::KeyframeRequests);
        let configured = configure(&registry, config, setup)?;
        let chain = Self {
            id: id.to_owned(),
            handle: configured.handle.clone(),
            statistics: handle,
            nack,
            repairs: true,
        };
        Ok((chain, configured))
    }

    /// Takes out of the chain what asks and answers, or puts it back. All else stays as it is.
    pub(crate) fn set_repair(&mut self, on: bool, now: Instant) -> Result<()> {
        let changed = self.handle.with_chain(|chain| match (self.repairs, on) {
            (false, true) => chain.insert_with(&self.nack, now),
            (true, false) => chain.remove("nack", now).map(|_| ()),
            _ => Ok(()),
        });
        self.repairs = on;
        // A chain that is gone repairs nothing either way.
        changed.unwrap_or(Ok(()))?;
        Ok(())
    }

    pub(crate) const fn repairs(&self) -> bool {
        self.repairs
    }

    /// Has an interceptor had to drop a frame since it was asked last?
    pub(crate) fn wants_key_frame(&self) -> bool {
        let events = std::iter::from_fn(|| self.handle.poll_event());
        events.filter(|event| matches!(event, Event::Fact(Fact::KeyframeRequested(_)))).count() > 0
    }

    /// Lets goodbyes leave before the connection closes.
    pub(crate) fn say_goodbye(&self, now: Instant) {
        self.handle.say_goodbye(now);
    }

    pub(crate) fn statistics(&self) -> Option<ConnectionStats> {
        self.statistics.connection(&self.id)
    }
}

#[expect(clippy::disallowed_methods, reason = "the example is a shell: a chain is told the time")]
fn wall_clock() -> Result<NtpTime> {
    Ok(NtpTime::from_unix(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?))
}
