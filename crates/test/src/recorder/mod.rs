//! Writing down everything that passes a place in a chain.

mod interceptor;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use interceptor_core::{Fact, Stage, StreamInfo};
use interceptor_packet::{RtcpPacket, RtpPacket};

pub use self::interceptor::{Recorder, RecorderFactory};

/// What crossed the place of a [`Recorder`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Crossing {
    /// RTP of a bound stream towards the wire.
    WriteRtp(RtpPacket),
    /// RTP whose SSRC is not bound, towards the wire.
    WriteUnboundRtp(RtpPacket),
    /// RTP of a bound stream towards the application.
    ReadRtp(RtpPacket),
    /// RTP of an SSRC that no stream has announced, towards the application.
    ReadUnboundRtp(RtpPacket),
    /// RTCP towards the wire.
    WriteRtcp(RtcpPacket),
    /// RTCP towards the application.
    ReadRtcp(RtcpPacket),
    /// A local stream starts.
    BindLocal(StreamInfo),
    /// A remote stream starts.
    BindRemote(StreamInfo),
    /// A local stream is described anew, so.
    AmendLocal(StreamInfo),
    /// A remote stream is described anew, so.
    AmendRemote(StreamInfo),
    /// A local stream ends.
    UnbindLocal(StreamInfo),
    /// A remote stream ends.
    UnbindRemote(StreamInfo),
    /// Another interceptor, or the owner, has found something out.
    Fact(Fact),
    /// The chain closes.
    Close,
}

impl Crossing {
    /// The fact, if one was told.
    #[must_use]
    pub fn fact(&self) -> Option<Fact> {
        match self {
            Self::Fact(fact) => Some(*fact),
            _ => None,
        }
    }
}

/// One [`Crossing`] with when and where it happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The chain's instant.
    pub at: Instant,
    /// The connection's identity.
    pub connection: Arc<str>,
    /// The name given to the place.
    pub point: &'static str,
    /// What crossed.
    pub crossing: Crossing,
}

/// The record that any number of [`Recorder`]s write, in one order. Cheap to clone; all clones are the same
/// record.
///
/// ```
/// use interceptor_core::{Chain, ChainConfig, Registry, Stage};
/// use interceptor_core::packet::NtpTime;
/// use interceptor_test::{Clock, Recording, rtp, stream_info};
///
/// let recording = Recording::new();
/// let mut registry = Registry::new();
/// registry.add(recording.recorder("at the wire", Stage::CAPTURE));
///
/// let now = Clock::new().now();
/// let mut chain = registry.build(ChainConfig::new("a", now, NtpTime::default(), 1))?;
/// chain.bind_local(stream_info::video(1), now)?;
/// chain.write_rtp(rtp(1).seq(9).build(), now);
/// assert_eq!(recording.written_rtp(), [rtp(1).seq(9).build()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recording {
    records: Arc<Mutex<Vec<Record>>>,
}

impl Recording {
    /// An empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A factory of recorders that stand at `stage` and write into this record as `point`.
    #[must_use]
    pub fn recorder(&self, point: &'static str, stage: Stage) -> RecorderFactory {
        RecorderFactory::new(point, stage, self.clone())
    }

    /// A copy of everything so far, in order.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// Takes everything so far, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.lock())
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// All RTP of bound streams that went towards the wire.
    #[must_use]
    pub fn written_rtp(&self) -> Vec<RtpPacket> {
        self.select(|crossing| match crossing {
            Crossing::WriteRtp(packet) => Some(packet.clone()),
            _ => None,
        })
    }

    /// All RTP of bound streams that went towards the application.
    #[must_use]
    pub fn read_rtp(&self) -> Vec<RtpPacket> {
        self.select(|crossing| match crossing {
            Crossing::ReadRtp(packet) => Some(packet.clone()),
            _ => None,
        })
    }

    /// All RTCP that went towards the wire.
    #[must_use]
    pub fn written_rtcp(&self) -> Vec<RtcpPacket> {
        self.select(|crossing| match crossing {
            Crossing::WriteRtcp(packet) => Some(packet.clone()),
            _ => None,
        })
    }

    /// All RTCP that went towards the application.
    #[must_use]
    pub fn read_rtcp(&self) -> Vec<RtcpPacket> {
        self.select(|crossing| match crossing {
            Crossing::ReadRtcp(packet) => Some(packet.clone()),
            _ => None,
        })
    }

    /// All facts that were told there.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        self.select(Crossing::fact)
    }

    /// What `pick` makes of each crossing, in order, without the `None`s.
    pub fn select<T>(&self, pick: impl FnMut(&Crossing) -> Option<T>) -> Vec<T> {
        self.lock().iter().map(|record| &record.crossing).filter_map(pick).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
