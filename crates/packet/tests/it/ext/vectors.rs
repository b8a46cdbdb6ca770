//! The bytes of each extension, four ways: parsed, by its accessors, written over what was there before, and emitted again.

use std::fmt::Debug;
use std::time::Duration;

use interceptor_packet::ext::{
    AbsCaptureTime, AbsSendTime, AudioLevel, Camera, FeedbackRequest, HeaderExtension, InlineBytes, Mid,
    MixerLevels, PlayoutDelay, RepairedRid, Rid, Rotation, TransmissionOffset, TransportSequenceNumber,
    TransportSequenceNumberV2, VideoOrientation, VideoTiming,
};
use interceptor_packet::{NtpTime, RtpPacket};

use crate::hex::hex;

const ID: u8 = 3;

/// All ways but the accessors, which are the caller's.
#[track_caller]
fn check<E: HeaderExtension + Debug + PartialEq>(wire: &str, value: &E) {
    let wire = hex(wire);
    assert_eq!(E::read(&wire).as_ref(), Some(value));
    assert_eq!(value.to_bytes().as_ref(), wire);
    assert!(wire.len() <= E::MAX_LEN);

    for dirty_len in [wire.len(), 1, 16, 40] {
        let mut packet = RtpPacket::builder().extension(2, &[7]).extension(ID, &vec![0xff; dirty_len]);
        packet = packet.extension(4, &[8, 9]).payload(&b"media"[..]);
        let mut packet = packet.build().unwrap();
        let header_len = packet.header_len();
        packet.write(ID, value).unwrap();
        assert_eq!(packet.read::<E>(ID).as_ref(), Some(value));
        let all = [(2, &[7][..]), (ID, &wire[..]), (4, &[8, 9][..])];
        assert!(packet.extensions().eq(all), "{packet:?}");
        assert_eq!(packet.payload(), b"media");
        assert!(dirty_len != wire.len() || packet.header_len() == header_len, "in place");
    }

    let bytes = RtpPacket::builder().extension(ID, &wire).build().unwrap().to_bytes();
    let mut packet = RtpPacket::parse(bytes.clone()).unwrap();
    let again = packet.read::<E>(ID).unwrap();
    packet.write(ID, &again).unwrap();
    assert_eq!(packet.to_bytes(), bytes);
}

/// Bytes that are no value of the type.
#[track_caller]
fn refuses<E: HeaderExtension + Debug + PartialEq>(wires: &[&str]) {
    for wire in wires {
        assert_eq!(E::read(&hex(wire)), None, "{wire}");
    }
}

#[test]
fn transport_wide_sequence_number() {
    check("ffff", &TransportSequenceNumber(65_535));
    check("1234", &TransportSequenceNumber(0x1234));
    refuses::<TransportSequenceNumber>(&["", "12", "123456", "12348001"]);
    assert_eq!(
        TransportSequenceNumber::URI,
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    );
}

#[test]
fn transport_wide_sequence_number_that_asks_for_feedback() {
    let of =
        |sequence_number, feedback_request| TransportSequenceNumberV2 { sequence_number, feedback_request };
    let asks = |timestamps, packets| FeedbackRequest::new(timestamps, packets);
    check("1234", &of(0x1234, None));
    check("12348001", &of(0x1234, asks(true, 1)));
    check("ffff7fff", &of(65_535, asks(false, 32_767)));
    let request = TransportSequenceNumberV2::read(&hex("12348102")).unwrap().feedback_request.unwrap();
    assert_eq!((request.include_timestamps(), request.packets()), (true, 0x102));
    assert_eq!([0, 32_768].map(|packets| asks(true, packets)), [None; 2]);
    refuses::<TransportSequenceNumberV2>(&["", "12", "123480", "1234800101"]);
}

#[test]
fn a_request_about_no_packets_is_none_and_keeps_the_size() {
    let silent = TransportSequenceNumberV2 { sequence_number: 0x1234, feedback_request: None };
    assert_eq!(silent.to_fixed_bytes(), *hex("12340000"));
    for wire in ["12340000", "12348000"] {
        assert_eq!(TransportSequenceNumberV2::read(&hex(wire)), Some(silent));
    }
    let asks = TransportSequenceNumberV2 { feedback_request: FeedbackRequest::new(true, 5), ..silent };
    assert_eq!(asks.to_fixed_bytes(), *asks.to_bytes());
}

#[test]
fn absolute_send_time() {
    check("000000", &AbsSendTime::default());
    check("050000", &AbsSendTime::from_bits(0x05_0000));
    check("ffffff", &AbsSendTime::from_bits(0xffff_ffff));
    assert_eq!(AbsSendTime::read(&hex("3b3ab3")).unwrap().to_bits(), 0x3b_3ab3);
    refuses::<AbsSendTime>(&["", "0500", "05000000"]);
}

#[test]
fn transmission_time_offset() {
    let offset = |units| TransmissionOffset::new(units).unwrap();
    check("000000", &offset(0));
    check("000708", &offset(1800));
    check("ffffff", &offset(-1));
    check("7fffff", &offset(8_388_607));
    check("800000", &offset(-8_388_608));
    assert_eq!(TransmissionOffset::read(&hex("fff8f8")).unwrap().units(), -1800);
    assert_eq!((offset(1800).sent(u32::MAX), offset(-3).sent(1)), (1799, 0xffff_fffe));
    assert_eq!([8_388_608, -8_388_609, i32::MIN].map(TransmissionOffset::new), [None; 3]);
    refuses::<TransmissionOffset>(&["", "0007", "00070800"]);
}

#[test]
fn media_identification() {
    let mid = |tag| Mid::new(tag).unwrap();
    check("30", &mid("0"));
    check("617564696f", &mid("audio"));
    check("30313233343536373839616263646566", &mid("0123456789abcdef"));
    let token = mid("!#$%&'*+-.^_`{|}");
    assert_eq!((token.as_str(), token.to_string()), ("!#$%&'*+-.^_`{|}", "!#$%&'*+-.^_`{|}".to_owned()));
    assert_eq!(
        (format!("{:?}", mid("1")), format!("[{:>3}]", mid("1"))),
        ("Mid(\"1\")".to_owned(), "[  1]".to_owned())
    );
    for tag in
        ["", "0123456789abcdefg", "a b", "a\"", "a,b", "(a)", "a/b", "a:b", "[a]", "\u{e9}", "a\0", "\u{7f}"]
    {
        assert_eq!(Mid::new(tag), None, "{tag}");
    }
    refuses::<Mid>(&["", "00", "6100", "ff"]);
}

#[test]
fn stream_identifiers() {
    let rid = |id| Rid::new(id).unwrap();
    check("68", &rid("h"));
    check("416231", &rid("Ab1"));
    check("416231", &RepairedRid(rid("Ab1")));
    check("30313233343536373839616263646566", &rid("0123456789abcdef"));
    assert_eq!((rid("hi").as_str(), rid("hi").to_string()), ("hi", "hi".to_owned()));
    assert_eq!(format!("{:?}", RepairedRid(rid("hi"))), "RepairedRid(Rid(\"hi\"))");
    for id in ["", "0123456789abcdefg", "a-b", "a_b", "a b", "\u{e9}", "a\0"] {
        assert_eq!(Rid::new(id), None, "{id}");
    }
    refuses::<RepairedRid>(&["", "2d", "00"]);
    assert_eq!(Rid::URI, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
    assert_eq!(RepairedRid::URI, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id");
}

#[test]
fn audio_level() {
    check("7f", &AudioLevel::default());
    check("83", &AudioLevel::new(true, 3));
    check("00", &AudioLevel::new(false, 0));
    check("ff", &AudioLevel::new(true, 200));
    let level = AudioLevel::read(&hex("9e")).unwrap();
    assert_eq!((level.voice(), level.level()), (true, 30));
    refuses::<AudioLevel>(&["", "8300"]);
}

#[test]
fn mixer_levels() {
    let levels = |levels: &[u8]| MixerLevels::new(levels).unwrap();
    check("00", &levels(&[0]));
    check("1e7f05", &levels(&[30, 127, 5]));
    check("010101010101010101010101010101", &levels(&[1; 15]));
    let read = MixerLevels::read(&hex("9eff05")).unwrap();
    assert!(read.len() == 3 && read.iter().eq([30, 127, 5]), "the reserved bits are ignored");
    assert_eq!(levels(&[128, 255]), levels(&[127, 127]));
    assert_eq!([&[][..], &[1; 16]].map(MixerLevels::new), [None; 2]);
    refuses::<MixerLevels>(&["", "01010101010101010101010101010101"]);
}

#[test]
fn video_orientation() {
    let of = |camera, flip, rotation| VideoOrientation { camera, flip, rotation };
    check("00", &VideoOrientation::default());
    check("01", &of(Camera::Front, false, Rotation::Clockwise90));
    check("06", &of(Camera::Front, true, Rotation::Clockwise180));
    check("0b", &of(Camera::Back, false, Rotation::Clockwise270));
    check("0f", &of(Camera::Back, true, Rotation::Clockwise270));
    let finer = VideoOrientation::read(&hex("f9")).unwrap();
    assert_eq!(finer, of(Camera::Back, false, Rotation::Clockwise90), "the finer form's bits are ignored");
    let rotations = [Rotation::None, Rotation::Clockwise90, Rotation::Clockwise180, Rotation::Clockwise270];
    assert_eq!(rotations.map(Rotation::degrees), [0, 90, 180, 270]);
    refuses::<VideoOrientation>(&["", "0001"]);
}

#[test]
fn playout_delay() {
    let delay = |min, max| PlayoutDelay::new(Duration::from_millis(min), Duration::from_millis(max));
    check("000000", &PlayoutDelay::default());
    check("00a014", &delay(100, 200).unwrap());
    check("000fff", &delay(0, 40_950).unwrap());
    check("ffffff", &delay(40_950, 40_950).unwrap());
    let read = PlayoutDelay::read(&hex("123456")).unwrap();
    assert_eq!((read.min(), read.max()), (Duration::from_millis(2910), Duration::from_millis(11_100)));
    assert_eq!(delay(109, 209), delay(100, 200), "rounded down");
    assert_eq!(delay(0, 40_959).unwrap().max(), PlayoutDelay::MAX);
    assert_eq!([delay(101, 100), delay(0, 40_960), delay(u64::MAX, u64::MAX)], [None; 3]);
    refuses::<PlayoutDelay>(&["", "00a0", "00a01400", "00a009", "fff000"]);
}

#[test]
fn absolute_capture_time() {
    let timestamp = NtpTime(0xe8fe_6f80_1f9a_dd37);
    check("e8fe6f801f9add37", &AbsCaptureTime { timestamp, clock_offset: None });
    check("e8fe6f801f9add37 0000000000000000", &AbsCaptureTime { timestamp, clock_offset: Some(0) });
    // A second and a half behind.
    let behind = AbsCaptureTime { timestamp, clock_offset: Some(-0x1_8000_0000) };
    check("e8fe6f801f9add37 fffffffe80000000", &behind);
    assert_eq!(behind.on_sender_clock(), Some(timestamp + Duration::from_millis(1500)));
    let ahead = AbsCaptureTime { clock_offset: Some(0x1_8000_0000), ..behind };
    assert_eq!(ahead.on_sender_clock(), Some(timestamp - Duration::from_millis(1500)));
    let far = AbsCaptureTime { timestamp: NtpTime(0), clock_offset: Some(i64::MIN) };
    assert_eq!(far.on_sender_clock(), Some(NtpTime(1 << 63)));
    assert_eq!(AbsCaptureTime::default().on_sender_clock(), None);
    refuses::<AbsCaptureTime>(&[
        "",
        "e8fe6f801f9add",
        "e8fe6f801f9add3700",
        "e8fe6f801f9add37000000000000000000",
    ]);
}

#[test]
fn video_timing() {
    check("00000000000000000000000000", &VideoTiming::default());
    // Chromium's, of a key frame.
    let timing = VideoTiming {
        by_timer: true,
        by_size: true,
        encode_start: 8,
        encode_finish: 14,
        packetized: 23,
        pacer_exit: 57,
        network: 0,
        network2: 0,
    };
    check("03 0008 000e 0017 0039 0000 0000", &timing);
    check(
        "02 0001 0002 0003 0004 0005 ffff",
        &VideoTiming {
            by_timer: false,
            encode_start: 1,
            encode_finish: 2,
            packetized: 3,
            pacer_exit: 4,
            network: 5,
            network2: 65_535,
            ..timing
        },
    );
    let reserved = VideoTiming::read(&hex("fe 0008 000e 0017 0039 0000 0000"));
    assert_eq!(reserved, Some(VideoTiming { by_timer: false, ..timing }), "flags without a meaning");
    // All flags: invalid. Twelve bytes: a form without flags that libwebrtc last sent in 2017.
    let refused = ["", "ff 0008 000e 0017 0039 0000 0000", "0008 000e 0017 0039 0000 0000"];
    refuses::<VideoTiming>(&refused);
}

#[test]
fn an_element_of_the_two_byte_form_is_read_and_written_as_well() {
    let block = "10000003 03020005 c8056175 64696f00";
    let mut packet = RtpPacket::parse(hex(&format!("90600001 00000002 00000003 {block} 99"))).unwrap();
    assert_eq!(packet.read(200), Mid::new("audio"));
    packet.write(3, &TransportSequenceNumber(6)).unwrap();
    packet.write(200, &Mid::new("video").unwrap()).unwrap();
    let block = "10000003 03020006 c8057669 64656f00";
    assert_eq!(packet.to_bytes(), hex(&format!("90600001 00000002 00000003 {block} 99")));
}

#[test]
fn inline_bytes_hold_up_to_sixteen() {
    assert_eq!(&*InlineBytes::new(&[7; 16]).unwrap(), [7; 16]);
    assert_eq!(InlineBytes::new(&[7; 17]), None);
    assert_eq!(format!("{:?}", InlineBytes::new(&[1, 2]).unwrap()), "[1, 2]");
    assert_eq!(InlineBytes::new(&[]), Some(InlineBytes::default()));
}
