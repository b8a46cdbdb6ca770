//! What can be set, and its defaults.

use std::time::Duration;

use interceptor_core::OptionsError;

use crate::{Aim, LatePolicy, Underrun};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Options of [`JitterBufferFactory`](crate::JitterBufferFactory); checked when that is made.
///
/// ```
/// use interceptor_jitter_buffer::{Aim, JitterBufferFactory, JitterBufferOptions};
/// // A recorder that would rather wait than miss anything.
/// let factory = JitterBufferFactory::new(JitterBufferOptions::default().with_aim(Aim::Smooth))?;
/// # Ok::<(), interceptor_jitter_buffer::OptionsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JitterBufferOptions {
    /// How long packets wait. Default [`Aim::Balanced`].
    pub aim: Aim,
    /// No less than this over the fastest path, 0..=10 s. Default 5 ms: what a histogram of 5 ms tells apart.
    pub min: Duration,
    /// No more than this, [`min`](Self::min)..=10 s. Default 1 s, beyond which nobody converses. No packet waits for longer, whatever
    /// its timestamp says.
    pub max: Duration,
    /// The delay until the first half second has been seen, 0..=10 s, within `min` and `max`. Default 40 ms: two packets of most
    /// codecs.
    pub start: Duration,
    /// For how long the fastest packet counts as the path, 1..=60 s. Default 10 s. A shorter one forgets the short path while it is
    /// away (libwebrtc: 2 s), a longer one takes longer to believe that the path has become a long one.
    pub base_window: Duration,
    /// How much the delay of audio falls in a second, 1 ms..=1 s. Default 20 ms: 2 % faster, which nobody hears.
    pub shrink_audio: Duration,
    /// How much that of video and all else does. Default 50 ms.
    pub shrink_video: Duration,
    /// A packet whose transit differs by more from the one before begins another timeline, if the next one agrees: 100 ms..=60 s.
    /// Default 2 s.
    pub max_jump: Duration,
    /// Packets of a stream that may wait, 16..=4096. Default 512: ten seconds of audio, half a second of 10 Mbit/s.
    pub max_packets: usize,
    /// Bytes of these, 64 KiB..=256 MiB. Default 2 MiB. Each packet counts 168 bytes more than it has on the wire.
    pub max_bytes: usize,
    /// Bytes of all streams of a connection, 64 KiB..=4 GiB. Default 64 MiB.
    pub connection_bytes: usize,
    /// What happens to a packet that comes after its time while nothing newer has left. Default [`Underrun::Wait`].
    pub underrun: Underrun,
    /// What happens to a packet that comes when a newer one has left. Default [`LatePolicy::Drop`].
    pub late: LatePolicy,
    /// Does audio pass through it? Default yes.
    pub audio: bool,
    /// Does video, and what is neither? Default yes.
    pub video: bool,
    /// Do streams without a clock rate? They are put in order, and wait for [`min`](Self::min). Default no.
    pub without_clock: bool,
    /// Do packets without payload go on? Default no: they carry padding, or were emptied by somebody.
    pub deliver_empty: bool,
    /// Is the owner told what is missing, by [`Gap`](crate::Gap)? Default no.
    pub gaps: bool,
    /// Does a gap in video ask for a key frame, by [`KeyframeNeeded`](interceptor_core::KeyframeNeeded)? Default no: `nack` does, or
    /// whoever decodes.
    pub keyframe_on_gap: bool,
    /// Where retransmissions come, is the delay such that one arrives: 1.1 round trips and 10 ms? Default yes.
    pub rtx_floor: bool,
    /// Where a sender wants its video to be played at once, does a frame leave only as a whole? At the latest when it would without
    /// that wish. Default no.
    pub frames: bool,
    /// Are streams of one source played together, by its sender reports? Default no.
    pub lip_sync: bool,
    /// The most that a stream waits for another, 0..=10 s. Default 200 ms; ITU-R BT.1359 finds 185 ms of early sound acceptable.
    pub max_sync: Duration,
}

impl Default for JitterBufferOptions {
    fn default() -> Self {
        Self {
            aim: Aim::default(),
            min: 5 * MS,
            max: SECOND,
            start: 40 * MS,
            base_window: 10 * SECOND,
            shrink_audio: 20 * MS,
            shrink_video: 50 * MS,
            max_jump: 2 * SECOND,
            max_packets: 512,
            max_bytes: 2 << 20,
            connection_bytes: 64 << 20,
            underrun: Underrun::default(),
            late: LatePolicy::default(),
            audio: true,
            video: true,
            without_clock: false,
            deliver_empty: false,
            gaps: false,
            keyframe_on_gap: false,
            rtx_floor: true,
            frames: false,
            lip_sync: false,
            max_sync: 200 * MS,
        }
    }
}

/// A chainable setter a field.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $field:ident, $type:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, value: $type) -> Self {
            self.$field = value;
            self
        }
    )*};
}

impl JitterBufferOptions {
    setters! {
        /// How long packets wait.
        with_aim: aim, Aim;
        /// The shortest delay.
        with_min: min, Duration;
        /// The longest delay.
        with_max: max, Duration;
        /// The delay to begin with.
        with_start: start, Duration;
        /// For how long the fastest packet counts as the path.
        with_base_window: base_window, Duration;
        /// How much the delay of audio falls in a second.
        with_shrink_audio: shrink_audio, Duration;
        /// How much that of video does.
        with_shrink_video: shrink_video, Duration;
        /// How far a timeline may jump.
        with_max_jump: max_jump, Duration;
        /// Packets of a stream that may wait.
        with_max_packets: max_packets, usize;
        /// Bytes of a stream that may wait.
        with_max_bytes: max_bytes, usize;
        /// Bytes of a connection that may wait.
        with_connection_bytes: connection_bytes, usize;
        /// What happens when playout has run dry.
        with_underrun: underrun, Underrun;
        /// What happens to a packet that comes when a newer one has left.
        with_late: late, LatePolicy;
        /// Does audio pass through it?
        with_audio: audio, bool;
        /// Does video, and what is neither?
        with_video: video, bool;
        /// Do streams without a clock rate?
        with_streams_without_clock: without_clock, bool;
        /// Do packets without payload go on?
        with_deliver_empty: deliver_empty, bool;
        /// Is the owner told what is missing?
        with_gaps: gaps, bool;
        /// Does a gap in video ask for a key frame?
        with_keyframe_on_gap: keyframe_on_gap, bool;
        /// Is the delay such that a retransmission arrives?
        with_rtx_floor: rtx_floor, bool;
        /// Does a frame leave only as a whole?
        with_frames: frames, bool;
        /// Are streams of one source played together?
        with_lip_sync: lip_sync, bool;
        /// The most that a stream waits for another.
        with_max_sync: max_sync, Duration;
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let most = 10 * SECOND;
        ensure(self.max <= most && !self.max.is_zero(), "max", &self.max, "in 1ns..=10s")?;
        ensure(self.min <= self.max, "min", &self.min, "in 0..=max")?;
        ensure(self.start <= most, "start", &self.start, "in 0..=10s")?;
        let right = match self.aim {
            Aim::Fixed(delay) => delay <= self.max,
            Aim::PerMille(per_mille) => (500..=999).contains(&per_mille),
            _ => true,
        };
        ensure(right, "aim", &self.aim, "fixed in 0..=max, or in 500..=999 per mille")?;
        let window = SECOND..=60 * SECOND;
        ensure(window.contains(&self.base_window), "base_window", &self.base_window, "in 1s..=60s")?;
        let shrink = MS..=SECOND;
        ensure(shrink.contains(&self.shrink_audio), "shrink_audio", &self.shrink_audio, "in 1ms..=1s")?;
        ensure(shrink.contains(&self.shrink_video), "shrink_video", &self.shrink_video, "in 1ms..=1s")?;
        let jump = 100 * MS..=60 * SECOND;
        ensure(jump.contains(&self.max_jump), "max_jump", &self.max_jump, "in 100ms..=60s")?;
        let packets = 16..=4096;
        ensure(packets.contains(&self.max_packets), "max_packets", &self.max_packets, "in 16..=4096")?;
        let bytes = 64 << 10..=256 << 20;
        ensure(bytes.contains(&self.max_bytes), "max_bytes", &self.max_bytes, "in 65536..=268435456")?;
        let (field, value) = ("connection_bytes", &self.connection_bytes);
        ensure((64 << 10..=u32::MAX as usize).contains(value), field, value, "in 65536..=4294967295")?;
        ensure(self.max_sync <= most, "max_sync", &self.max_sync, "in 0..=10s")
    }
}

fn ensure(
    right: bool,
    field: &'static str,
    value: &dyn std::fmt::Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(right, "JitterBufferOptions", field, value, range)
}
