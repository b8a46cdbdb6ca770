//! The values that str0m has read in header extensions, as elements again.

use std::time::{Duration, SystemTime};

use interceptor_core::packet::ext::{
    AbsCaptureTime, AbsSendTime, AudioLevel, HeaderExtension, Mid, PlayoutDelay, RepairedRid, Rid,
    TransportSequenceNumber, VideoTiming,
};
use interceptor_core::packet::{NtpTime, RtpPacketBuilder};
use str0m::media::MediaTime;
use str0m::rtp::{Extension, ExtensionMap, ExtensionSerializer, ExtensionValues};

use super::WallClock;

/// Half a unit of an absolute send time, 2⁻¹⁹ s: str0m has rounded it down to a microsecond.
const HALF_UNIT: Duration = Duration::from_nanos(1_907);
/// An element has one octet of length.
const MAX_LEN: usize = 255;

/// Adds an element for each value that has an identifier.
pub(super) fn write(
    mut builder: RtpPacketBuilder,
    values: &ExtensionValues,
    map: &ExtensionMap,
    clock: WallClock,
) -> RtpPacketBuilder {
    for (id, extension) in map.iter() {
        builder = Element { builder, id }.write(extension, values, clock);
    }
    builder
}

/// Where an element is to go.
struct Element {
    builder: RtpPacketBuilder,
    id: u8,
}

impl Element {
    fn write(self, extension: &Extension, values: &ExtensionValues, clock: WallClock) -> RtpPacketBuilder {
        match extension {
            Extension::AbsoluteSendTime => {
                self.typed(values.abs_send_time.map(|at| AbsSendTime::from_ntp(clock.at(at) + HALF_UNIT)))
            }
            Extension::AbsoluteCaptureTime => self.typed(capture_time(values)),
            Extension::AudioLevel => self.typed(audio_level(values)),
            // Three octets on the wire (RFC 5450); str0m reads and writes four.
            Extension::TransmissionTimeOffset => self.bytes(values.tx_time_offs.map(u32::to_be_bytes)),
            Extension::VideoOrientation => self.bytes(values.video_orientation.map(|how| [how as u8])),
            Extension::TransportSequenceNumber => {
                self.typed(values.transport_cc.map(TransportSequenceNumber))
            }
            Extension::PlayoutDelay => self.typed(playout_delay(values)),
            Extension::VideoContentType => self.bytes(values.video_content_type.map(|what| [what])),
            Extension::VideoTiming => self.typed(video_timing(values)),
            Extension::RtpStreamId => self.typed(values.rid.and_then(|rid| Rid::new(&rid))),
            Extension::RepairedRtpStreamId => {
                self.typed(values.rid_repair.and_then(|rid| Rid::new(&rid)).map(RepairedRid))
            }
            Extension::RtpMid => self.typed(values.mid.and_then(|mid| Mid::new(&mid))),
            Extension::FrameMarking => self.bytes(values.frame_mark.map(u32::to_be_bytes)),
            Extension::UnknownUri(_, serializer) => self.own(&**serializer, values),
            _ => self.builder,
        }
    }

    fn typed(self, value: Option<impl HeaderExtension>) -> RtpPacketBuilder {
        match value {
            Some(value) => self.builder.typed_extension(self.id, &value),
            None => self.builder,
        }
    }

    fn bytes(self, value: Option<impl AsRef<[u8]>>) -> RtpPacketBuilder {
        match value {
            Some(value) => self.builder.extension(self.id, value.as_ref()),
            None => self.builder,
        }
    }

    /// An extension of the application's own, which has said how it is written.
    fn own(self, serializer: &dyn ExtensionSerializer, values: &ExtensionValues) -> RtpPacketBuilder {
        let mut buffer = [0; MAX_LEN];
        let len = serializer.write_to(&mut buffer, values);
        self.bytes(buffer.get(..len).filter(|value| !value.is_empty()))
    }
}

fn audio_level(values: &ExtensionValues) -> Option<AudioLevel> {
    Some(AudioLevel::new(values.voice_activity?, values.audio_level?.unsigned_abs()))
}

fn capture_time(values: &ExtensionValues) -> Option<AbsCaptureTime> {
    let time = values.abs_capture_time.as_ref()?;
    Some(AbsCaptureTime { timestamp: ntp(time.capture_time), clock_offset: time.clock_offset })
}

fn playout_delay(values: &ExtensionValues) -> Option<PlayoutDelay> {
    let duration = |time: MediaTime| Duration::from_micros(time.as_micros());
    PlayoutDelay::new(duration(values.play_delay_min?), duration(values.play_delay_max?))
}

fn video_timing(values: &ExtensionValues) -> Option<VideoTiming> {
    let timing = values.video_timing.as_ref()?;
    Some(VideoTiming {
        by_timer: timing.flags & 1 != 0,
        by_size: timing.flags & 2 != 0,
        encode_start: timing.encode_start,
        encode_finish: timing.encode_finish,
        packetized: timing.packetize_complete,
        pacer_exit: timing.last_left_pacer,
        network: 0,
        network2: 0,
    })
}

/// To the nanosecond; str0m has rounded it to half a microsecond when it came.
pub(super) fn ntp(time: SystemTime) -> NtpTime {
    NtpTime::from_unix(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}
