//! A remote stream whose arrivals are reported: each of its SSRCs has numbers of its own.

use interceptor_core::{StreamInfo, StreamKey};

use crate::Rfc8888Options;
use crate::arrivals::Arrivals;

/// A remote stream whose arrivals are reported.
#[derive(Debug)]
pub struct ReportedStream {
    pub(crate) key: StreamKey,
    /// Is it among those that wait for the next report?
    pub(crate) queued: bool,
    pub(crate) sources: Vec<Source>,
}

/// One of its SSRCs: media, RTX or FEC.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) ssrc: u32,
    pub(crate) arrivals: Arrivals,
}

const _: () = assert!(size_of::<Source>() <= 160, "the documentation says so");

impl ReportedStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey, options: &Rfc8888Options) -> Self {
        let source = |ssrc| Source { ssrc, arrivals: Arrivals::new(options) };
        Self { key, queued: false, sources: info.ssrcs().map(source).collect() }
    }

    /// The stream has other RTX or FEC SSRCs now; those that stay keep what they have. Gives what the others had to tell.
    pub(crate) fn describe(&mut self, info: &StreamInfo, options: &Rfc8888Options) -> u64 {
        let gone = self.sources.extract_if(.., |source| info.ssrcs().all(|ssrc| ssrc != source.ssrc));
        let forgotten = gone.map(|source| source.arrivals.waiting()).sum();
        for ssrc in info.ssrcs() {
            if self.sources.iter().all(|source| source.ssrc != ssrc) {
                self.sources.push(Source { ssrc, arrivals: Arrivals::new(options) });
            }
        }
        forgotten
    }

    #[inline]
    pub(crate) fn source(&mut self, ssrc: u32) -> Option<&mut Source> {
        self.sources.iter_mut().find(|source| source.ssrc == ssrc)
    }

    /// Packets that wait for the next report.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.sources.iter().map(|source| source.arrivals.waiting()).sum()
    }
}
