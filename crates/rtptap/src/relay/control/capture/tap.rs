//! A capture's interceptors in the chains of its legs; gone when it is dropped.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::Stage;
use interceptor_pcap_dump::{PcapDumpFactory, PcapDumpOptions};
use tokio::sync::{Notify, mpsc};
use tonic::Status;

use super::Captures;
use super::blocks::{Blocks, LegCount};
use super::sink::{LegSink, Shared};
use crate::relay::RelayHandle;
use crate::relay::control::generated::{CaptureResponse, CaptureStart};
use crate::relay::dump::endpoints;
use crate::relay::leg::Leg;

/// Above the capture into files, which finds its own interceptor first.
const STAGE: Stage = Stage(Stage::CAPTURE.0 - 1);

/// Packets that wait for the thread: a fifth of a second of 10 000 a second.
const QUEUE_PACKETS: usize = 2048;

/// The same in bytes.
const QUEUE_BYTES: usize = 4 << 20;

/// How late a packet may be sent on, so that several share a message.
const FLUSH: Duration = Duration::from_millis(50);

/// Captures as long as it lives.
pub(super) struct Tap {
    /// What its interceptors are called.
    name: &'static str,
    legs: Vec<Arc<Leg>>,
}

/// What a capture is made of.
pub(super) struct Parts {
    pub(super) tap: Tap,
    /// The head of the section.
    pub(super) head: CaptureResponse,
    pub(super) full: Arc<Notify>,
}

impl Tap {
    /// Begins to capture these legs into `messages`.
    pub(super) fn begin(
        captures: &Arc<Captures>,
        relay: &RelayHandle,
        start: &CaptureStart,
        messages: mpsc::Sender<CaptureResponse>,
    ) -> Result<Parts, Status> {
        let legs = legs(relay, &start.legs)?;
        let full = Arc::new(Notify::new());
        let blocks = Blocks::new(legs.iter().map(|leg| &**leg.id())).map_err(|error| failed(&error))?;
        let most = Captures::most();
        let place = captures.take().ok_or_else(|| {
            Status::resource_exhausted(format!("{most} captures are under way; end one of them"))
        })?;
        let name = place.name();
        let section = Shared::new(place, blocks, messages, start.max_packets, Arc::clone(&full));
        let factory = factory(&legs, &section, start.headers_only)?;
        section.count_with(factory.handle());
        let head = section.head();
        let tap = Self { name, legs };
        for leg in &tap.legs {
            tap.insert(leg, &factory)?;
        }
        Ok(Parts { tap, head, full })
    }

    fn insert(&self, leg: &Leg, factory: &PcapDumpFactory) -> Result<(), Status> {
        let mut capture = factory.attach(leg.id().as_ref()).map_err(|error| failed(&error))?;
        let known = capture.set_endpoints(endpoints(leg.local, leg.peers.media()));
        known.map_err(|error| failed(&error))?;
        let insert = leg.session.with_chain(|chain, now| chain.insert(self.name, STAGE, capture, now));
        insert.map_err(|error| failed(&error))
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        for leg in &self.legs {
            // It does not wait: what is queued is written by the capture's thread. A leg that has closed has removed it.
            let removed = leg.session.with_chain(|chain, now| chain.remove(self.name, now));
            if let Err(error) = removed {
                tracing::debug!(leg = %leg.id(), %error, "a capture for a client did not end well");
            }
        }
    }
}

/// All of them if none is named.
fn legs(relay: &RelayHandle, names: &[String]) -> Result<Vec<Arc<Leg>>, Status> {
    let all = || relay.0.legs().map(Arc::clone);
    for name in names {
        if !all().any(|leg| **leg.id() == **name) {
            let name: String = name.chars().take(64).flat_map(char::escape_debug).collect();
            return Err(Status::not_found(format!("there is no leg \"{name}\"")));
        }
    }
    Ok(all().filter(|leg| names.is_empty() || names.iter().any(|name| **leg.id() == **name)).collect())
}

fn factory(legs: &[Arc<Leg>], section: &Shared, headers_only: bool) -> Result<PcapDumpFactory, Status> {
    let known: Vec<_> = (0_u32..)
        .zip(legs)
        .map(|(number, leg)| (Arc::clone(leg.id()), number, Arc::clone(&leg.peers)))
        .collect();
    let section = section.clone();
    let options = PcapDumpOptions::default()
        .with_queue_packets(QUEUE_PACKETS)
        .with_queue_bytes(QUEUE_BYTES)
        .with_flush_interval(FLUSH)
        .with_close_timeout(Duration::ZERO)
        .with_headers_only(headers_only)
        .with_sink(move |connection| {
            let leg = known.iter().find(|(id, ..)| **id == *connection);
            let (_, number, peers) = leg.ok_or(std::io::ErrorKind::NotFound)?;
            let (section, peers, counts) = (section.clone(), Arc::clone(peers), [LegCount::default(); 2]);
            Ok(LegSink { section, number: *number, peers, counts })
        });
    PcapDumpFactory::new(options).map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> Status {
    Status::internal(format!("cannot capture: {error}"))
}
