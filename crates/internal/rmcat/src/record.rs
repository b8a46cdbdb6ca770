//! What happened in a run, for metrics and plots.

use interceptor_congestion::Time;

use crate::plan::Plan;

/// What was counted is counted in spans of so many microseconds.
const SPAN_MICROS: i64 = 100_000;

/// Seconds of a span.
pub(crate) const SPAN: f64 = 0.1;

/// One run.
#[derive(Clone, Debug)]
pub struct Record {
    /// What was run.
    pub plan: Plan,
    /// Of each flow: the media flows, then those over TCP.
    pub flows: Vec<FlowRecord>,
}

/// What one flow did.
#[derive(Clone, Debug, Default)]
pub struct FlowRecord {
    spans: Vec<Span>,
    /// When a packet came out of the bottleneck, and how long it had waited there, in milliseconds.
    pub(crate) waits: Vec<(f64, f64)>,
    /// Packets that are on their way still.
    pub(crate) under_way: u64,
}

/// Data packets of one flow: what was sent was received, dropped or lost, or is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the sender.
    pub sent: u64,
    /// By the receiver.
    pub received: u64,
    /// By a full queue.
    pub dropped: u64,
    /// By chance.
    pub lost: u64,
    /// When the run ended.
    pub under_way: u64,
}

/// A tenth of a second.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    /// Packets and bytes of data that left the sender.
    pub(crate) sent: u32,
    pub(crate) sent_bytes: u32,
    /// Packets and bytes of data that came.
    pub(crate) received: u32,
    pub(crate) received_bytes: u32,
    /// Packets of data that found the queue full.
    pub(crate) dropped: u32,
    /// Packets of data that were lost by chance.
    pub(crate) lost: u32,
    /// The target at its end, in bits per second.
    pub(crate) target: u64,
}

impl Record {
    pub(crate) fn new(plan: Plan) -> Self {
        let spans = (plan.duration / SPAN).ceil() as usize + 1;
        let flow = FlowRecord { spans: vec![Span::default(); spans], ..FlowRecord::default() };
        let flows = vec![flow; plan.media.len() + plan.tcp.len()];
        Self { plan, flows }
    }

    /// The media flows.
    pub(crate) fn media(&self) -> impl Iterator<Item = &FlowRecord> {
        self.flows.iter().take(self.plan.media.len())
    }

    /// The flows over TCP.
    pub(crate) fn tcp(&self) -> impl Iterator<Item = &FlowRecord> {
        self.flows.iter().skip(self.plan.media.len())
    }

    /// The mean of what media packets waited in their bottleneck between two seconds, in milliseconds.
    #[must_use]
    pub fn mean_wait(&self, from: f64, to: f64) -> f64 {
        let waits = self.media().flat_map(|flow| &flow.waits);
        let within = waits.filter(|(second, _)| (from..to).contains(second));
        let (count, sum) = within.fold((0, 0.0), |(count, sum), (_, wait)| (count + 1, sum + wait));
        sum / f64::from(count.max(1))
    }

    /// When targets are to be noted that are so far not, the next time after `now`.
    pub(crate) fn next_span(now: Time) -> Time {
        Time::from_micros((now.micros().div_euclid(SPAN_MICROS) + 1) * SPAN_MICROS)
    }
}

impl FlowRecord {
    pub(crate) fn span(&mut self, now: Time) -> Option<&mut Span> {
        self.spans.get_mut(usize::try_from(now.micros() / SPAN_MICROS).ok()?)
    }

    /// Notes the target at the end of the span that ends at `now`.
    pub(crate) fn note_target(&mut self, now: Time, target: u64) {
        let ends = Time::from_micros(now.micros() - 1);
        if let Some(span) = self.span(ends) {
            span.target = target;
        }
    }

    /// The spans between two seconds.
    pub(crate) fn between(&self, from: f64, to: f64) -> &[Span] {
        let first = ((from / SPAN).round() as usize).min(self.spans.len());
        let end = ((to / SPAN).round() as usize).clamp(first, self.spans.len());
        self.spans.get(first..end).unwrap_or_default()
    }

    /// The mean rate of what came between two seconds, in bits per second.
    #[must_use]
    pub fn received(&self, from: f64, to: f64) -> f64 {
        let bytes: u64 = self.between(from, to).iter().map(|span| u64::from(span.received_bytes)).sum();
        bytes as f64 * 8.0 / (to - from)
    }

    /// The mean rate of what was sent between two seconds, in bits per second.
    #[must_use]
    pub fn sent(&self, from: f64, to: f64) -> f64 {
        let bytes: u64 = self.between(from, to).iter().map(|span| u64::from(span.sent_bytes)).sum();
        bytes as f64 * 8.0 / (to - from)
    }

    /// Packets that were sent, and what became of them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { under_way: self.under_way, ..Counts::default() };
        for span in &self.spans {
            counts.sent += u64::from(span.sent);
            counts.received += u64::from(span.received);
            counts.dropped += u64::from(span.dropped);
            counts.lost += u64::from(span.lost);
        }
        counts
    }

    /// The target at a second, in bits per second.
    #[must_use]
    pub fn target(&self, second: f64) -> f64 {
        self.between(second - SPAN, second).last().map_or(0.0, |span| span.target as f64)
    }
}
