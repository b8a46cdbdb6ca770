//! Endless, timed RTP payloads of the embedded media.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use rtp::codecs::opus::OpusPayloader;
use rtp::codecs::vp8::Vp8Payloader;
use rtp::packetizer::Payloader;

use super::{Kind, SampleError, Track};

/// Room for the VP8 payload descriptor and some payload below; a UDP datagram above.
const MAX_PAYLOAD_RANGE: RangeInclusive<usize> = 16..=65_000;

/// What a [`MediaSource`] makes of the sample.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MediaSourceOptions {
    /// Largest RTP payload in bytes, 16..=65 000. Default 1200, which with RTP, UDP and IP headers stays below the
    /// 1280 bytes that every IPv6 path carries. Smaller means more packets a video frame. An Opus frame is never split.
    pub max_payload: usize,
    /// RTP timestamp of the first audio packet; any value. Default 0.
    pub audio_timestamp: u32,
    /// RTP timestamp of the first video packet; any value. Default 0.
    pub video_timestamp: u32,
}

impl Default for MediaSourceOptions {
    fn default() -> Self {
        Self { max_payload: 1200, audio_timestamp: 0, video_timestamp: 0 }
    }
}

impl MediaSourceOptions {
    /// Sets [`Self::max_payload`].
    #[must_use]
    pub fn with_max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes;
        self
    }

    /// Sets both first timestamps.
    #[must_use]
    pub fn with_timestamps(mut self, audio: u32, video: u32) -> Self {
        self.audio_timestamp = audio;
        self.video_timestamp = video;
        self
    }
}

/// One RTP payload and all that its header needs, except SSRC, payload type and sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaPacket {
    /// When to send it, since the start of the source.
    pub send_at: Duration,
    /// Audio or video.
    pub kind: Kind,
    /// RTP timestamp, the same for all packets of a frame.
    pub timestamp: u32,
    /// Video: the frame's last packet (RFC 7741 §4.1). Audio: the first packet of all, where the talk spurt begins
    /// (RFC 3551 §4.1).
    pub marker: bool,
    /// Whether this is the first packet of its frame.
    pub first_of_frame: bool,
    /// The payload, RTP payload header included.
    pub payload: Bytes,
}

/// The sample's packets in sending order, for ever.
///
/// Audio has one packet every 20 ms, video one frame every 33.3 ms whose packets share one `send_at`. When the sample
/// ends it starts over with its key frame; timestamps, picture ids and send times go on without a step. The iterator
/// never ends: take what is due.
///
/// ```
/// use std::time::Duration;
/// use rtptap::sample::{Kind, MediaSource};
///
/// let second: Vec<_> = MediaSource::new(Default::default())?.take_while(|p| p.send_at < Duration::from_secs(1)).collect();
/// assert_eq!(second.iter().filter(|p| p.kind == Kind::Audio).count(), 50);
/// assert_eq!(second.iter().filter(|p| p.kind == Kind::Video && p.marker).count(), 30);
/// # Ok::<(), rtptap::sample::SampleError>(())
/// ```
#[derive(Debug)]
pub struct MediaSource {
    audio: Player,
    video: Player,
}

impl MediaSource {
    /// Reads and packetises the embedded sample.
    ///
    /// # Errors
    /// [`SampleError::MaxPayload`] when `max_payload` is out of its range; the rest cannot happen with the embedded files.
    pub fn new(options: MediaSourceOptions) -> Result<Self, SampleError> {
        let (audio, video) = (Track::embedded_audio()?, Track::embedded_video()?);
        Self::from_tracks(audio, video, options)
    }

    /// Packetises other tracks of the same kinds.
    ///
    /// # Errors
    /// [`SampleError::MaxPayload`] when `max_payload` is out of its range, [`SampleError::Empty`] when a track has no
    /// frames or an empty one.
    pub fn from_tracks(audio: Track, video: Track, options: MediaSourceOptions) -> Result<Self, SampleError> {
        let mut vp8 = Vp8Payloader::default();
        vp8.enable_picture_id = true;
        Ok(Self {
            audio: Player::new(audio, Box::new(OpusPayloader), options.audio_timestamp, options)?,
            video: Player::new(video, Box::new(vp8), options.video_timestamp, options)?,
        })
    }
}

impl Iterator for MediaSource {
    type Item = MediaPacket;

    fn next(&mut self) -> Option<MediaPacket> {
        if self.audio.due() <= self.video.due() { self.audio.next() } else { self.video.next() }
    }
}

/// One track, looped.
#[derive(Debug)]
struct Player {
    track: Track,
    payloader: Box<dyn Payloader + Send + Sync>,
    first_timestamp: u32,
    max_payload: usize,
    next_frame: usize,
    loop_start_ticks: u64,
    ready: VecDeque<MediaPacket>,
}

impl Player {
    fn new(
        track: Track,
        payloader: Box<dyn Payloader + Send + Sync>,
        first_timestamp: u32,
        options: MediaSourceOptions,
    ) -> Result<Self, SampleError> {
        if track.frames.is_empty()
            || track.length_ticks == 0
            || track.frames.iter().any(|f| f.data.is_empty())
        {
            return Err(SampleError::Empty);
        }
        let max_payload = options.max_payload;
        if !MAX_PAYLOAD_RANGE.contains(&max_payload) {
            return Err(SampleError::MaxPayload { value: max_payload });
        }
        let ready = VecDeque::new();
        Ok(Self { track, payloader, first_timestamp, max_payload, next_frame: 0, loop_start_ticks: 0, ready })
    }

    /// When the next packet is to be sent.
    fn due(&mut self) -> Option<Duration> {
        if self.ready.is_empty() {
            self.packetise_next_frame();
        }
        self.ready.front().map(|packet| packet.send_at)
    }

    fn next(&mut self) -> Option<MediaPacket> {
        self.ready.pop_front()
    }

    fn packetise_next_frame(&mut self) {
        let Some(frame) = self.track.frames.get(self.next_frame) else { return };
        let ticks = self.loop_start_ticks + frame.ticks;
        let first_of_all = ticks == 0;
        let payloads = self.payloader.payload(self.max_payload, &frame.data).unwrap_or_default();
        let last = payloads.len().saturating_sub(1);
        let kind = self.track.kind;
        let send_at = self.track.time_of(ticks);
        let timestamp = self.first_timestamp.wrapping_add(ticks as u32);
        self.ready.extend(payloads.into_iter().enumerate().map(|(i, payload)| MediaPacket {
            send_at,
            kind,
            timestamp,
            marker: match kind {
                Kind::Audio => first_of_all,
                Kind::Video => i == last,
            },
            first_of_frame: i == 0,
            payload,
        }));
        self.next_frame += 1;
        if self.next_frame == self.track.frames.len() {
            self.next_frame = 0;
            self.loop_start_ticks += self.track.length_ticks;
        }
    }
}
