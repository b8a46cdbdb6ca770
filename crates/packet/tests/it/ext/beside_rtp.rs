//! The bytes of typed extensions beside those of the codecs of `rtp` 0.17, where it has one.

use std::time::Duration;

use interceptor_packet::RtpPacket;
use interceptor_packet::ext::{
    AbsSendTime, AudioLevel, Camera, PlayoutDelay, TransportSequenceNumber, VideoOrientation,
};
use proptest::prelude::*;
use rtp::extension::abs_send_time_extension::AbsSendTimeExtension;
use rtp::extension::audio_level_extension::AudioLevelExtension;
use rtp::extension::playout_delay_extension::PlayoutDelayExtension;
use rtp::extension::transport_cc_extension::TransportCcExtension;
use rtp::extension::video_orientation_extension::{
    CameraDirection, VideoOrientationExtension, VideoRotation,
};

proptest! {
    #[test]
    fn both_mean_the_same(word: u32) {
        let bytes = word.to_be_bytes();
        let mut packet = RtpPacket::default();

        packet.set_extension(1, &bytes[2..]).unwrap();
        let theirs = packet.decode_extension::<TransportCcExtension>(1).unwrap().unwrap();
        prop_assert_eq!(packet.read(1), Some(TransportSequenceNumber(theirs.transport_sequence)));

        packet.set_extension(1, &bytes[1..]).unwrap();
        let theirs = packet.decode_extension::<AbsSendTimeExtension>(1).unwrap().unwrap();
        prop_assert_eq!(packet.read(1), Some(AbsSendTime::from_bits(theirs.timestamp as u32)));

        let theirs = packet.decode_extension::<PlayoutDelayExtension>(1).unwrap().unwrap();
        let delay = |units| Duration::from_millis(10 * u64::from(units));
        let ours = PlayoutDelay::new(delay(theirs.min_delay), delay(theirs.max_delay));
        prop_assert_eq!(packet.read(1), ours, "they have no order");

        packet.set_extension(1, &bytes[3..]).unwrap();
        let theirs = packet.decode_extension::<AudioLevelExtension>(1).unwrap().unwrap();
        prop_assert_eq!(packet.read(1), Some(AudioLevel::new(theirs.voice, theirs.level)));

        let theirs = packet.decode_extension::<VideoOrientationExtension>(1).unwrap().unwrap();
        let ours: VideoOrientation = packet.read(1).unwrap();
        let degrees = match theirs.rotation {
            VideoRotation::Degree0 => 0,
            VideoRotation::Degree90 => 90,
            VideoRotation::Degree180 => 180,
            VideoRotation::Degree270 => 270,
        };
        prop_assert_eq!((ours.flip, ours.rotation.degrees()), (theirs.flip, degrees));
        prop_assert_eq!(ours.camera == Camera::Back, matches!(theirs.direction, CameraDirection::Back));
    }
}
