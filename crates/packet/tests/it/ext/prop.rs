//! What is written is read, and no bytes make a panic.

use std::fmt::Debug;
use std::time::Duration;

use interceptor_packet::ext::{
    AbsCaptureTime, AbsSendTime, AudioLevel, FeedbackRequest, HeaderExtension, Mid, MixerLevels,
    PlayoutDelay, RepairedRid, Rid, TransmissionOffset, TransportSequenceNumber, TransportSequenceNumberV2,
    VideoOrientation, VideoTiming,
};
use interceptor_packet::{NtpTime, RtpPacket};
use proptest::prelude::*;

/// Through a packet that has other elements, in both forms.
fn comes_back<E: HeaderExtension + Debug + PartialEq>(value: &E) -> Result<(), TestCaseError> {
    prop_assert!(value.to_bytes().as_ref().len() <= E::MAX_LEN);
    for first in [&[1][..], &[1; 20]] {
        let mut packet = RtpPacket::builder().extension(1, first).payload(&b"x"[..]).build().unwrap();
        packet.write(2, value).unwrap();
        prop_assert!(packet.read::<E>(2).as_ref() == Some(value), "{packet:?}");
        let parsed = RtpPacket::parse(packet.to_bytes()).unwrap();
        prop_assert!(parsed.read::<E>(2).as_ref() == Some(value), "{parsed:?}");
        prop_assert_eq!(parsed.extension(1), Some(first));
    }
    Ok(())
}

/// Whatever bytes read as, comes back from what it is written as.
fn any_bytes<E: HeaderExtension + Debug + PartialEq>(bytes: &[u8]) -> Result<(), TestCaseError> {
    let packet = RtpPacket::builder().extension(2, bytes).build().unwrap();
    let read = packet.read::<E>(2);
    prop_assert!(read == E::read(bytes), "{read:?}");
    read.map_or(Ok(()), |value| comes_back(&value))
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let names = "[0-9A-Za-z_.-]{0,18}".prop_map(String::into_bytes);
    prop_oneof![prop::collection::vec(any::<u8>(), 0..20), prop::collection::vec(any::<u8>(), 0..256), names]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn arbitrary_bytes_are_read_without_a_panic_and_come_back(bytes in bytes()) {
        any_bytes::<TransportSequenceNumber>(&bytes)?;
        any_bytes::<TransportSequenceNumberV2>(&bytes)?;
        any_bytes::<AbsSendTime>(&bytes)?;
        any_bytes::<TransmissionOffset>(&bytes)?;
        any_bytes::<Mid>(&bytes)?;
        any_bytes::<Rid>(&bytes)?;
        any_bytes::<RepairedRid>(&bytes)?;
        any_bytes::<AudioLevel>(&bytes)?;
        any_bytes::<MixerLevels>(&bytes)?;
        any_bytes::<VideoOrientation>(&bytes)?;
        any_bytes::<PlayoutDelay>(&bytes)?;
        any_bytes::<AbsCaptureTime>(&bytes)?;
        any_bytes::<VideoTiming>(&bytes)?;
    }

    #[test]
    fn values_come_back(
        word: u32,
        sequence_number: u16,
        voice: bool,
        level: u8,
        levels in prop::collection::vec(any::<u8>(), 0..20),
        delays in (0_u64..50_000, 0_u64..50_000),
        (ntp, clock_offset) in any::<(u64, Option<i64>)>(),
        name in "[ -~]{0,18}",
    ) {
        comes_back(&TransportSequenceNumber(sequence_number))?;
        let feedback_request = FeedbackRequest::new(voice, word as u16);
        comes_back(&TransportSequenceNumberV2 { sequence_number, feedback_request })?;
        comes_back(&AbsSendTime::from_bits(word))?;
        TransmissionOffset::new(word.cast_signed() >> 7).map_or(Ok(()), |offset| comes_back(&offset))?;
        comes_back(&AudioLevel::new(voice, level))?;
        MixerLevels::new(&levels).map_or(Ok(()), |levels| comes_back(&levels))?;
        let (min, max) = (Duration::from_millis(delays.0), Duration::from_millis(delays.1));
        PlayoutDelay::new(min, max).map_or(Ok(()), |delay| comes_back(&delay))?;
        comes_back(&AbsCaptureTime { timestamp: NtpTime(ntp), clock_offset })?;
        Mid::new(&name).map_or(Ok(()), |mid| comes_back(&mid))?;
        Rid::new(&name).map_or(Ok(()), |rid| comes_back(&rid))?;
        prop_assert!(Mid::new(&name).is_none_or(|mid| mid.as_str() == name));
        prop_assert!(Rid::new(&name).is_none_or(|rid| rid.as_str() == name));
    }
}
