//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// How a key frame is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// A picture loss indication (RFC 4585 §6.3.1); a full intra request where only `ccm fir` was negotiated.
    Pli,
    /// A full intra request (RFC 5104 §4.3.1); a picture loss indication where only `nack pli` was negotiated.
    Fir,
    /// Picture loss indications, and full intra requests when so many have not been answered, where both were negotiated: some encoders take
    /// one for a hint and the other for an order.
    #[non_exhaustive]
    PliThenFir {
        /// Indications before, 1..=100.
        after: u32,
    },
}

impl Method {
    /// [`PliThenFir`](Self::PliThenFir) after three indications.
    #[must_use]
    pub const fn pli_then_fir() -> Self {
        Self::PliThenFir { after: 3 }
    }
}

/// How a key frame is known when it comes.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum KeyframeDetect {
    /// By the codec of its payload type, in RED or not: VP8, VP9, H.264, H.265 and AV1. Of others nothing is known, as with [`Never`](Self::Never).
    ByMime,
    /// Not at all: the payload is encrypted end to end.
    Never,
    /// By this: does a key frame begin with this payload?
    Custom(fn(&[u8]) -> bool),
}

/// Options of [`KeyframeFactory`](crate::KeyframeFactory); checked when that is made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyframeOptions {
    /// Ask for key frames of remote streams? Default: yes.
    pub asking: bool,
    /// Make of a peer's requests for local streams one for the owner? Default: yes.
    pub answering: bool,
    /// Ask when the first packet of a stream is none of a key frame. Default: yes; a stream that is joined in the middle shows nothing before.
    pub on_bind: bool,
    /// Ask when somebody publishes [`KeyframeNeeded`](interceptor_core::KeyframeNeeded): NACK, a jitter buffer, the owner. Default: yes.
    pub on_fact: bool,
    /// Ask so often, needed or not, 100 ms..=1 h. Default: never; each key frame is as large as many others. pion and rtc-interceptor: 3 s.
    pub interval: Option<Duration>,
    /// Ask when no frame has ended for so long although something else came, 100 ms..=1 min. Default 3 s (libwebrtc `kMaxWaitForFrame`).
    pub on_silence: Option<Duration>,
    /// From one request of a stream to the next, at least, 0..=1 min. Default 500 ms, as ion-sfu and LiveKit have it; longer is kinder to the
    /// sender's rate, and later for who joins just after a request.
    pub min_interval: Duration,
    /// The longest pause before a request that is not answered is repeated, 100 ms..=10 min. Default 3 s.
    pub max_repeat: Duration,
    /// Requests in a row without an answer before they become rare, 1..=1000. Default 10.
    pub max_unanswered: u32,
    /// How rare: 1 s..=1 h. Default 10 s; and only while anything at all comes from the peer.
    pub unanswered_interval: Duration,
    /// How to ask. Default [`Method::Pli`].
    pub method: Method,
    /// How a key frame is known. Default [`KeyframeDetect::ByMime`].
    pub detect: KeyframeDetect,
    /// Where key frames cannot be known: how long a request is outstanding, 0..=1 min. Default 1 s; shorter asks more often than is answered.
    pub assume_answered: Duration,
    /// The peer's requests for a local stream within so long are one for the owner, 0..=1 min. Default 500 ms, as forwarders throttle.
    pub coalesce: Duration,
    /// Take the peer's requests out of its RTCP, so that the application does not see them? Default: no.
    pub consume: bool,
    /// How long a full intra request with the same number is a repetition, 0..=1 min. Default 2 s: longer than any repeats.
    pub fir_memory: Duration,
    /// Senders of full intra requests that are remembered of a local stream, 1..=1024. Default 16; each takes 16 bytes.
    pub fir_senders: u16,
}

impl Default for KeyframeOptions {
    fn default() -> Self {
        Self {
            asking: true,
            answering: true,
            on_bind: true,
            on_fact: true,
            interval: None,
            on_silence: Some(Duration::from_secs(3)),
            min_interval: Duration::from_millis(500),
            max_repeat: Duration::from_secs(3),
            max_unanswered: 10,
            unanswered_interval: Duration::from_secs(10),
            method: Method::Pli,
            detect: KeyframeDetect::ByMime,
            assume_answered: Duration::from_secs(1),
            coalesce: Duration::from_millis(500),
            consume: false,
            fir_memory: Duration::from_secs(2),
            fir_senders: 16,
        }
    }
}

/// A method for each option, named as the field.
macro_rules! setters {
    ($($(#[$doc:meta])* $set:ident: $field:ident, $type:ty;)*) => {
        impl KeyframeOptions {$(
            $(#[$doc])*
            #[must_use]
            pub const fn $set(mut self, $field: $type) -> Self {
                self.$field = $field;
                self
            }
        )*}
    };
}

setters! {
    /// Ask for key frames of remote streams? See [`asking`](Self::asking).
    with_asking: asking, bool;
    /// Listen to requests for local streams? See [`answering`](Self::answering).
    with_answering: answering, bool;
    /// Ask when a stream begins in the middle? See [`on_bind`](Self::on_bind).
    with_on_bind: on_bind, bool;
    /// Ask when a key frame is said to be needed? See [`on_fact`](Self::on_fact).
    with_on_fact: on_fact, bool;
    /// Ask so often in any case; `None`: do not. See [`interval`](Self::interval).
    with_interval: interval, Option<Duration>;
    /// Ask after so long without a frame; `None`: do not. See [`on_silence`](Self::on_silence).
    with_on_silence: on_silence, Option<Duration>;
    /// From one request to the next. See [`min_interval`](Self::min_interval).
    with_min_interval: min_interval, Duration;
    /// The longest pause before a repetition. See [`max_repeat`](Self::max_repeat).
    with_max_repeat: max_repeat, Duration;
    /// Requests before they become rare. See [`max_unanswered`](Self::max_unanswered).
    with_max_unanswered: max_unanswered, u32;
    /// How rare. See [`unanswered_interval`](Self::unanswered_interval).
    with_unanswered_interval: unanswered_interval, Duration;
    /// How to ask. See [`method`](Self::method).
    with_method: method, Method;
    /// How a key frame is known. See [`detect`](Self::detect).
    with_detect: detect, KeyframeDetect;
    /// How long a request is outstanding where key frames are not known. See [`assume_answered`](Self::assume_answered).
    with_assume_answered: assume_answered, Duration;
    /// Requests within so long are one. See [`coalesce`](Self::coalesce).
    with_coalesce: coalesce, Duration;
    /// Take the peer's requests out? See [`consume`](Self::consume).
    with_consume: consume, bool;
    /// How long a number is a repetition. See [`fir_memory`](Self::fir_memory).
    with_fir_memory: fir_memory, Duration;
    /// Senders that are remembered. See [`fir_senders`](Self::fir_senders).
    with_fir_senders: fir_senders, u16;
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl KeyframeOptions {
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let within = |field, value: Duration, min: Duration, max: Duration, range| {
            OptionsError::unless((min..=max).contains(&value), "KeyframeOptions", field, value, range)
        };
        let minute = ms(60_000);
        if let Some(interval) = self.interval {
            within("interval", interval, ms(100), 60 * minute, "None or in 100ms..=1h")?;
        }
        if let Some(silence) = self.on_silence {
            within("on_silence", silence, ms(100), minute, "None or in 100ms..=1min")?;
        }
        within("min_interval", self.min_interval, ms(0), minute, "in 0..=1min")?;
        within("max_repeat", self.max_repeat, ms(100), 10 * minute, "in 100ms..=10min")?;
        within("unanswered_interval", self.unanswered_interval, ms(1000), 60 * minute, "in 1s..=1h")?;
        within("assume_answered", self.assume_answered, ms(0), minute, "in 0..=1min")?;
        within("coalesce", self.coalesce, ms(0), minute, "in 0..=1min")?;
        within("fir_memory", self.fir_memory, ms(0), minute, "in 0..=1min")?;
        let count = |field, value: u32, max, range| {
            OptionsError::unless((1..=max).contains(&value), "KeyframeOptions", field, value, range)
        };
        count("max_unanswered", self.max_unanswered, 1000, "in 1..=1000")?;
        count("fir_senders", self.fir_senders.into(), 1024, "in 1..=1024")?;
        if let Method::PliThenFir { after } = self.method {
            count("method", after, 100, "after 1..=100 indications")?;
        }
        Ok(())
    }
}
