//! The embedded sample survives packetising, depacketising and looping.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rtp::codecs::opus::OpusPacket;
use rtp::codecs::vp8::Vp8Packet;
use rtp::packetizer::Depacketizer;
use rtptap::sample::{Kind, MediaPacket, MediaSource, MediaSourceOptions, SampleError, Track};

fn packets(kind: Kind, loops: u64, options: MediaSourceOptions) -> (Track, Vec<MediaPacket>) {
    let track = match kind {
        Kind::Audio => Track::embedded_audio(),
        Kind::Video => Track::embedded_video(),
    }
    .unwrap();
    let end = track.time_of(track.length_ticks * loops);
    let source = MediaSource::new(options).unwrap();
    let packets = source.take_while(|p| p.send_at < end + Duration::from_secs(1));
    (track.clone(), packets.filter(|p| p.kind == kind && p.send_at < end).collect())
}

#[test]
fn the_embedded_files_are_what_their_readme_says() {
    let video = Track::embedded_video().unwrap();
    assert_eq!(video.frames.len(), 150);
    assert_eq!(video.time_of(video.length_ticks), Duration::from_secs(5));
    let is_key = |frame: &Bytes| frame[0] & 1 == 0;
    let keys: Vec<usize> = (0..150).filter(|&i| is_key(&video.frames[i].data)).collect();
    assert_eq!(keys, [0], "RFC 6386 §9.1: bit 0 of a key frame is 0");
    assert!(video.frames.iter().all(|f| f.data[0] & 0x10 != 0), "RFC 6386 §9.1: every frame is shown");
    assert_eq!(video.frames[0].data[3..6], [0x9d, 0x01, 0x2a]);
    assert_eq!(video.frames[0].data[6..10], [64, 1, 180, 0], "320x180");

    let audio = Track::embedded_audio().unwrap();
    assert_eq!(audio.frames.len(), 251);
    assert!(audio.frames.iter().enumerate().all(|(i, f)| f.ticks == i as u64 * 960), "20 ms each");
    let bits = |t: &Track| t.frames.iter().map(|f| f.data.len() * 8).sum::<usize>() / 5000;
    assert!((32..=48).contains(&bits(&audio)), "{} kbit/s", bits(&audio));
    assert!((250..=350).contains(&bits(&video)), "{} kbit/s", bits(&video));
}

#[test]
fn depacketised_video_is_the_sample_frame_for_frame() {
    let (track, packets) = packets(Kind::Video, 2, MediaSourceOptions::default());
    let mut frames = Vec::new();
    let mut open = BytesMut::new();
    for packet in &packets {
        let mut header = Vp8Packet::default();
        let data = header.depacketize(&packet.payload).unwrap();
        assert_eq!(header.s == 1, packet.first_of_frame);
        assert_eq!(packet.first_of_frame, open.is_empty());
        assert_eq!(usize::from(header.picture_id), frames.len(), "picture ids go on over the loop");
        assert!(packet.payload.len() <= 1200);
        open.extend_from_slice(&data);
        if packet.marker {
            frames.push(open.split().freeze());
        }
    }
    let twice: Vec<&Bytes> = track.frames.iter().chain(&track.frames).map(|f| &f.data).collect();
    assert!(frames.iter().eq(twice.into_iter()));
    assert!(packets.len() > frames.len(), "some frames take more than one packet");
}

#[test]
fn depacketised_audio_is_the_sample_frame_for_frame() {
    let (track, packets) = packets(Kind::Audio, 2, MediaSourceOptions::default());
    let frames: Vec<Bytes> = packets.iter().map(|p| OpusPacket.depacketize(&p.payload).unwrap()).collect();
    let twice: Vec<Bytes> = track.frames.iter().chain(&track.frames).map(|f| f.data.clone()).collect();
    assert_eq!(frames, twice);
    assert!(packets.iter().all(|p| p.first_of_frame));
    let marked: Vec<usize> = (0..packets.len()).filter(|&i| packets[i].marker).collect();
    assert_eq!(marked, [0], "one talk spurt, so one marker");
}

#[test]
fn timestamps_and_send_times_go_on_over_loops_and_the_wrap() {
    let first = u32::MAX - 100_000;
    for (kind, ticks, nanos) in [(Kind::Audio, 960, 20_000_000), (Kind::Video, 3000, 33_333_333)] {
        let (_, packets) = packets(kind, 3, MediaSourceOptions::default().with_timestamps(first, first));
        let frames: Vec<&MediaPacket> = packets.iter().filter(|p| p.first_of_frame).collect();
        assert_eq!(frames[0].timestamp, first);
        for (i, pair) in frames.windows(2).enumerate() {
            assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), ticks, "{kind:?} frame {i}");
            let step = (pair[1].send_at - pair[0].send_at).as_nanos() as i64;
            assert!((step - nanos).abs() <= 1, "{kind:?} frame {i}: {step} ns");
        }
        for packet in &packets {
            let frame = frames.iter().rfind(|f| f.send_at <= packet.send_at).unwrap();
            assert_eq!((packet.timestamp, packet.send_at), (frame.timestamp, frame.send_at));
        }
    }
}

#[test]
fn packets_come_in_sending_order_and_frames_in_one_piece() {
    let source = MediaSource::new(MediaSourceOptions::default()).unwrap();
    let packets: Vec<MediaPacket> = source.take(5000).collect();
    assert!(packets.is_sorted_by_key(|p| p.send_at));
    for pair in packets.windows(2) {
        if pair[0].kind == Kind::Video && !pair[0].marker {
            assert_eq!((pair[1].kind, pair[1].first_of_frame), (Kind::Video, false));
        }
    }
}

#[test]
fn small_packets_carry_the_same_frames() {
    let (track, packets) = packets(Kind::Video, 1, MediaSourceOptions::default().with_max_payload(100));
    let bytes: usize =
        packets.iter().map(|p| Vp8Packet::default().depacketize(&p.payload).unwrap().len()).sum();
    assert_eq!(bytes, track.frames.iter().map(|f| f.data.len()).sum::<usize>());
    assert!(packets.iter().all(|p| p.payload.len() <= 100));
}

#[test]
fn an_impossible_payload_size_is_refused_with_its_range() {
    for value in [0, 15, 65_001] {
        let error = MediaSource::new(MediaSourceOptions::default().with_max_payload(value)).unwrap_err();
        assert!(matches!(error, SampleError::MaxPayload { value: v } if v == value));
        assert!(error.to_string().contains("16..=65000"));
    }
}

#[test]
fn a_damaged_ogg_file_is_an_error_not_a_short_track() {
    let file = include_bytes!("../../sample/arpeggio.opus");
    for at in [30, 300, file.len() - 10] {
        let mut damaged = file.to_vec();
        damaged[at] ^= 0x55;
        assert!(Track::from_ogg_opus(&damaged.into()).is_err(), "byte {at}");
    }
}
