//! What happened to a stream in one step of time.

use interceptor_inspect::StreamSummary;

/// A step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::inspect) struct Point {
    pub(in crate::inspect) packets: u64,
    /// RTP packets with their headers.
    pub(in crate::inspect) bytes: u64,
    /// Least and most delay in ms, compared with the first packet.
    pub(in crate::inspect) transit: Option<(f64, f64)>,
    /// The most that the jitter was, in ms.
    pub(in crate::inspect) jitter: Option<f64>,
    /// At the end of the step.
    pub(in crate::inspect) losses: Option<Losses>,
}

/// What a stream had lost from its beginning on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::inspect) struct Losses {
    pub(in crate::inspect) expected: u64,
    /// On the path.
    pub(in crate::inspect) lost: u64,
    /// And not back.
    pub(in crate::inspect) missing: u64,
}

impl Losses {
    pub(super) fn of(stream: &StreamSummary) -> Self {
        let lost = u64::try_from(stream.lost).unwrap_or(0);
        let (lost, missing) = stream.repair.map_or((lost, lost), |repair| (repair.lost, repair.missing));
        Self { expected: stream.expected, lost, missing }
    }
}

impl Point {
    pub(super) fn arrived(&mut self, transit: f64, jitter: f64) {
        let (least, most) = self.transit.unwrap_or((transit, transit));
        self.transit = Some((least.min(transit), most.max(transit)));
        self.jitter = Some(self.jitter.map_or(jitter, |most| most.max(jitter)));
    }

    /// One or two steps as one.
    pub(super) fn joined(steps: &[Self]) -> Self {
        let mut whole = Self::default();
        for step in steps {
            whole.packets += step.packets;
            whole.bytes += step.bytes;
            for (transit, jitter) in step.transit.iter().zip(&step.jitter) {
                whole.arrived(transit.0, *jitter);
                whole.arrived(transit.1, *jitter);
            }
            whole.losses = step.losses.or(whole.losses);
        }
        whole
    }
}
