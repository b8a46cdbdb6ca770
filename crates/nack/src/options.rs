//! What can be set, its defaults and its bounds.

use std::fmt::Debug;
use std::time::Duration;

use interceptor_core::OptionsError;

use crate::Copies;

/// When to ask for a packet that later ones have overtaken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReorderTolerance {
    /// At once, as libwebrtc does, until the stream shows reordering; then once what covers 95 % of the reordering of
    /// its last 30 s has passed, at most 10 packets and 20 ms.
    #[default]
    Adaptive,
    /// Once `packets` newer ones have come *and* `time` has gone by.
    Fixed {
        /// Newer packets to wait for, 0..=1000. 0 and 1 ask when the gap shows.
        packets: u16,
        /// Time to wait, at most [`NackOptions::max_age`].
        time: Duration,
    },
}

/// Options of [`NackFactory`](crate::NackFactory); checked when that is made.
///
/// ```
/// use interceptor_nack::{NackFactory, NackOptions};
/// let factory = NackFactory::new(NackOptions::default().with_max_requests(3))?;
/// let error = NackFactory::new(NackOptions::default().with_history_packets(1000)).unwrap_err();
/// assert_eq!(error.field, "history_packets");
/// # Ok::<(), interceptor_nack::OptionsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NackOptions {
    /// Ask for missing packets of remote streams. Default: yes.
    pub asking: bool,
    /// Answer requests for packets of local streams. Default: yes.
    pub answering: bool,
    /// The newest sequence numbers of a remote stream whose loss is tracked; a power of two, 64..=32 768.
    /// Default 1024: twice pion's, 2 s of a 4 Mbit/s video. Costs one bit each, from the first loss on.
    pub history_packets: u32,
    /// When to ask first. Default [`ReorderTolerance::Adaptive`].
    pub reorder_tolerance: ReorderTolerance,
    /// Requests for one packet, 1..=100. Default 10 (libwebrtc before July 2024; it now has 100 and no age).
    pub max_requests: u8,
    /// How often each request is sent, 8 ms apart. Default [`Copies::Adaptive`]: a few bytes of RTCP halve what stays lost where requests get lost
    /// as well. Copies count as one of [`max_requests`](Self::max_requests).
    pub request_copies: Copies,
    /// How often each answer is sent, 8 ms apart. Default [`Copies::Adaptive`], on streams with RTX: where copies of packets cost less than what else would
    /// repair as much; once while repair packets protect the stream or the path is full. Within [`max_resend_ratio`](Self::max_resend_ratio).
    pub answer_copies: Copies,
    /// What [`Copies::Adaptive`] takes for the time that a receiver waits for a packet, 10 ms..=10 s, where nobody knows it
    /// ([`PlayoutDeadline`](interceptor_core::PlayoutDeadline)). Default 200 ms: an interactive call. It ends no asking.
    pub assumed_deadline: Duration,
    /// How long a packet is asked for, 20 ms..=60 s. Default 1 s: what a sender's history holds at least.
    pub max_age: Duration,
    /// Packets of one stream that are asked for at a time, 1..=32 768; over it the log starts anew and a key frame is
    /// needed. Default 1000 (libwebrtc `kMaxNackPackets`). Each costs 40 bytes while it is missing.
    pub max_missing: usize,
    /// Consume the second copy of a packet of which one was restored by RTX or FEC, among the newest
    /// [`history_packets`](Self::history_packets) of a stream: two answers to one request, or old packets that a peer probes
    /// the path with. Default: yes, as a receiver without RTX sees each packet once. Costs one bit for each packet of the
    /// window, from the first restored packet on. Copies that the path itself makes go on.
    pub drop_restored_duplicates: bool,
    /// Send a PLI when packets are given up, if the stream negotiated `nack pli`. Default: yes; not while another interceptor of the chain asks for
    /// key frames.
    pub pli_on_give_up: bool,
    /// Packets of a local stream to keep, 1..=32 768. Default 2048: 1 s of 20 Mbit/s. Memory grows on demand.
    pub send_history_packets: u32,
    /// How long to keep a packet, 10 ms..=60 s; three round trips if those are longer. Default 1 s (libwebrtc keeps
    /// max(1 s, 3 RTT)). No packet is sent again after that; its memory may go a sixteenth of the time later, with that of others.
    pub send_history_age: Duration,
    /// Payload bytes of a local stream to keep, 1500..=1 GiB. Default 4 MiB: 1 s of 32 Mbit/s.
    pub send_history_bytes: usize,
    /// Bytes that the send histories of all local streams of a connection take, 65 536..=4 GiB: payload, headers, and what is
    /// kept of each packet beside them. Default 64 MiB: sixteen streams at
    /// [`send_history_bytes`](Self::send_history_bytes). Over it a stream that sends keeps no more than its share, all local
    /// streams alike; what others have kept goes with its age, so that for as long as that there may be twice as much.
    pub send_history_total_bytes: u64,
    /// The shortest time between two answers for one packet, 10 ms..=10 s. Default `None`: the connection's smallest
    /// round-trip time of the last 10 s ([`Rtt::min`](interceptor_core::Rtt::min)), which no sincere request undercuts, and
    /// 10 ms until that is measured.
    pub resend_cooldown: Option<Duration>,
    /// Bytes sent again for each byte of media over the last second, 0..=100. Default 1.0: loss of half the packets
    /// can still be repaired; a hostile peer doubles the bit rate at most.
    pub max_resend_ratio: f64,
    /// Packets of one stream sent again for one RTCP datagram, 1..=4096. Default 256: a NACK of 1200
    /// bytes can name over 4000, which is more than any honest loss at once.
    pub max_resend_packets: u16,
    /// Spread answers to what is asked for at once over a round trip, so that they do not fill the queue of a bottleneck.
    /// Default: yes. What 40 ms of the stream's media take leaves at once, 3000 bytes in any case, and the rest at four times the
    /// media's rate at least. Without it everything leaves at once: for a chain whose packets a pacer holds anyway.
    pub answer_spread: bool,
}

impl Default for NackOptions {
    fn default() -> Self {
        Self {
            asking: true,
            answering: true,
            history_packets: 1024,
            reorder_tolerance: ReorderTolerance::Adaptive,
            max_requests: 10,
            request_copies: Copies::Adaptive,
            answer_copies: Copies::Adaptive,
            assumed_deadline: Duration::from_millis(200),
            max_age: Duration::from_secs(1),
            max_missing: 1000,
            drop_restored_duplicates: true,
            pli_on_give_up: true,
            send_history_packets: 2048,
            send_history_age: Duration::from_secs(1),
            send_history_bytes: 4 << 20,
            send_history_total_bytes: 64 << 20,
            resend_cooldown: None,
            max_resend_ratio: 1.0,
            max_resend_packets: 256,
            answer_spread: true,
        }
    }
}

impl NackOptions {
    /// Ask for missing packets? See [`asking`](Self::asking).
    #[must_use]
    pub const fn with_asking(mut self, asking: bool) -> Self {
        self.asking = asking;
        self
    }

    /// Answer requests? See [`answering`](Self::answering).
    #[must_use]
    pub const fn with_answering(mut self, answering: bool) -> Self {
        self.answering = answering;
        self
    }

    /// The window of a remote stream, in packets. See [`history_packets`](Self::history_packets).
    #[must_use]
    pub const fn with_history_packets(mut self, history_packets: u32) -> Self {
        self.history_packets = history_packets;
        self
    }

    /// When to ask first. See [`reorder_tolerance`](Self::reorder_tolerance).
    #[must_use]
    pub const fn with_reorder_tolerance(mut self, reorder_tolerance: ReorderTolerance) -> Self {
        self.reorder_tolerance = reorder_tolerance;
        self
    }

    /// Requests for one packet. See [`max_requests`](Self::max_requests).
    #[must_use]
    pub const fn with_max_requests(mut self, max_requests: u8) -> Self {
        self.max_requests = max_requests;
        self
    }

    /// How often each request is sent. See [`request_copies`](Self::request_copies).
    #[must_use]
    pub const fn with_request_copies(mut self, request_copies: Copies) -> Self {
        self.request_copies = request_copies;
        self
    }

    /// How often each answer is sent. See [`answer_copies`](Self::answer_copies).
    #[must_use]
    pub const fn with_answer_copies(mut self, answer_copies: Copies) -> Self {
        self.answer_copies = answer_copies;
        self
    }

    /// How long a receiver is taken to wait. See [`assumed_deadline`](Self::assumed_deadline).
    #[must_use]
    pub const fn with_assumed_deadline(mut self, assumed_deadline: Duration) -> Self {
        self.assumed_deadline = assumed_deadline;
        self
    }

    /// How long a packet is asked for. See [`max_age`](Self::max_age).
    #[must_use]
    pub const fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Packets of one stream that are asked for at a time. See [`max_missing`](Self::max_missing).
    #[must_use]
    pub const fn with_max_missing(mut self, max_missing: usize) -> Self {
        self.max_missing = max_missing;
        self
    }

    /// Consume second copies of restored packets? See [`drop_restored_duplicates`](Self::drop_restored_duplicates).
    #[must_use]
    pub const fn with_drop_restored_duplicates(mut self, drop_restored_duplicates: bool) -> Self {
        self.drop_restored_duplicates = drop_restored_duplicates;
        self
    }

    /// Send a PLI when packets are given up? See [`pli_on_give_up`](Self::pli_on_give_up).
    #[must_use]
    pub const fn with_pli_on_give_up(mut self, pli_on_give_up: bool) -> Self {
        self.pli_on_give_up = pli_on_give_up;
        self
    }

    /// Packets of a local stream to keep. See [`send_history_packets`](Self::send_history_packets).
    #[must_use]
    pub const fn with_send_history_packets(mut self, send_history_packets: u32) -> Self {
        self.send_history_packets = send_history_packets;
        self
    }

    /// How long to keep a packet of a local stream. See [`send_history_age`](Self::send_history_age).
    #[must_use]
    pub const fn with_send_history_age(mut self, send_history_age: Duration) -> Self {
        self.send_history_age = send_history_age;
        self
    }

    /// Payload bytes of a local stream to keep. See [`send_history_bytes`](Self::send_history_bytes).
    #[must_use]
    pub const fn with_send_history_bytes(mut self, send_history_bytes: usize) -> Self {
        self.send_history_bytes = send_history_bytes;
        self
    }

    /// Bytes of the histories of all local streams. See [`send_history_total_bytes`](Self::send_history_total_bytes).
    #[must_use]
    pub const fn with_send_history_total_bytes(mut self, send_history_total_bytes: u64) -> Self {
        self.send_history_total_bytes = send_history_total_bytes;
        self
    }

    /// The shortest time between two answers for one packet. See [`resend_cooldown`](Self::resend_cooldown).
    #[must_use]
    pub const fn with_resend_cooldown(mut self, resend_cooldown: Option<Duration>) -> Self {
        self.resend_cooldown = resend_cooldown;
        self
    }

    /// Bytes sent again for each byte of media. See [`max_resend_ratio`](Self::max_resend_ratio).
    #[must_use]
    pub const fn with_max_resend_ratio(mut self, max_resend_ratio: f64) -> Self {
        self.max_resend_ratio = max_resend_ratio;
        self
    }

    /// Packets sent again for one RTCP datagram. See [`max_resend_packets`](Self::max_resend_packets).
    #[must_use]
    pub const fn with_max_resend_packets(mut self, max_resend_packets: u16) -> Self {
        self.max_resend_packets = max_resend_packets;
        self
    }

    /// Spread answers over a round trip? See [`answer_spread`](Self::answer_spread).
    #[must_use]
    pub const fn with_answer_spread(mut self, answer_spread: bool) -> Self {
        self.answer_spread = answer_spread;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        const MINUTE: Duration = Duration::from_secs(60);
        let window = self.history_packets;
        let pow2 = window.is_power_of_two() && (64..=32_768).contains(&window);
        ensure(pow2, "history_packets", &window, "a power of two in 64..=32768")?;
        if let ReorderTolerance::Fixed { packets, time } = self.reorder_tolerance {
            let fits = packets <= 1000 && time <= self.max_age;
            ensure(fits, "reorder_tolerance", &self.reorder_tolerance, "at most 1000 packets and max_age")?;
        }
        ensure((1..=100).contains(&self.max_requests), "max_requests", &self.max_requests, "in 1..=100")?;
        ensure(self.request_copies.is_sound(), "request_copies", &self.request_copies, "Adaptive or 1..=4")?;
        ensure(self.answer_copies.is_sound(), "answer_copies", &self.answer_copies, "Adaptive or 1..=4")?;
        let waits = (Duration::from_millis(10)..=Duration::from_secs(10)).contains(&self.assumed_deadline);
        ensure(waits, "assumed_deadline", &self.assumed_deadline, "in 10ms..=10s")?;
        let age = (Duration::from_millis(20)..=MINUTE).contains(&self.max_age);
        ensure(age, "max_age", &self.max_age, "in 20ms..=60s")?;
        let missing = (1..=32_768).contains(&self.max_missing);
        ensure(missing, "max_missing", &self.max_missing, "in 1..=32768")?;
        let kept = (1..=32_768).contains(&self.send_history_packets);
        ensure(kept, "send_history_packets", &self.send_history_packets, "in 1..=32768")?;
        let age = (Duration::from_millis(10)..=MINUTE).contains(&self.send_history_age);
        ensure(age, "send_history_age", &self.send_history_age, "in 10ms..=60s")?;
        let bytes = (1500..=1 << 30).contains(&self.send_history_bytes);
        ensure(bytes, "send_history_bytes", &self.send_history_bytes, "in 1500..=1073741824")?;
        let total = (65_536..=4 << 30).contains(&self.send_history_total_bytes);
        let range = "in 65536..=4294967296";
        ensure(total, "send_history_total_bytes", &self.send_history_total_bytes, range)?;
        let cooldown = Duration::from_millis(10)..=Duration::from_secs(10);
        let cools = self.resend_cooldown.is_none_or(|time| cooldown.contains(&time));
        ensure(cools, "resend_cooldown", &self.resend_cooldown, "None or in 10ms..=10s")?;
        let ratio = (0.0..=100.0).contains(&self.max_resend_ratio);
        ensure(ratio, "max_resend_ratio", &self.max_resend_ratio, "in 0.0..=100.0")?;
        let resend = (1..=4096).contains(&self.max_resend_packets);
        ensure(resend, "max_resend_packets", &self.max_resend_packets, "in 1..=4096")
    }
}

/// Refuses a field whose value is not `right`.
fn ensure(
    right: bool,
    field: &'static str,
    value: &dyn Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(right, "NackOptions", field, value, range)
}
