//! Reader of Opus in Ogg (RFC 7845), with packet durations from the Opus table of contents (RFC 6716 §3.1).

use std::io::Cursor;

use bytes::Bytes;
use ogg::PacketReader;

use super::{Frame, Kind, SampleError, Track};

pub(super) fn read(file: &Bytes) -> Result<Track, SampleError> {
    let mut packets = PacketReader::new(Cursor::new(file));
    read_headers(&mut packets)?;

    let mut frames = Vec::new();
    let mut ticks = 0;
    while let Some(packet) = packets.read_packet()? {
        let data = Bytes::from(packet.data);
        let samples = samples(&data).ok_or(SampleError::Opus("a packet is malformed"))?;
        frames.push(Frame { ticks, data });
        ticks += u64::from(samples);
    }
    if frames.is_empty() {
        return Err(SampleError::Empty);
    }
    Ok(Track { kind: Kind::Audio, frames, length_ticks: ticks })
}

/// RFC 7845 §3: an identification packet, then a comment packet, then audio.
fn read_headers(packets: &mut PacketReader<Cursor<&Bytes>>) -> Result<(), SampleError> {
    for signature in [b"OpusHead", b"OpusTags"] {
        let header = packets.read_packet()?.ok_or(SampleError::Opus("a header packet is missing"))?;
        if !header.data.starts_with(signature) {
            return Err(SampleError::Opus("a header packet has the wrong signature"));
        }
    }
    Ok(())
}

/// Samples at 48 kHz that a packet decodes to; nothing for a packet that breaks RFC 6716 §3.4's length rules.
fn samples(packet: &[u8]) -> Option<u32> {
    let toc = *packet.first()?;
    let config = toc >> 3;
    let per_frame = match config {
        0..=11 => [480, 960, 1920, 2880].get(usize::from(config % 4)),
        12..=15 => [480, 960].get(usize::from(config % 2)),
        _ => [120, 240, 480, 960].get(usize::from(config % 4)),
    }?;
    let frames = match toc & 0b11 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    let samples = per_frame * frames;
    (1..=5760).contains(&samples).then_some(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_follow_the_table_of_contents() {
        assert_eq!(samples(&[0 << 3]), Some(480));
        assert_eq!(samples(&[3 << 3]), Some(2880));
        assert_eq!(samples(&[13 << 3]), Some(960));
        assert_eq!(samples(&[16 << 3]), Some(120));
        assert_eq!(samples(&[31 << 3]), Some(960));
        assert_eq!(samples(&[31 << 3 | 1]), Some(1920));
        assert_eq!(samples(&[31 << 3 | 3, 6]), Some(5760));
    }

    #[test]
    fn malformed_packets_have_no_duration() {
        for packet in [&[][..], &[31 << 3 | 3], &[31 << 3 | 3, 0], &[31 << 3 | 3, 7]] {
            assert_eq!(samples(packet), None, "{packet:?}");
        }
    }

    #[test]
    fn files_of_another_kind_are_refused() {
        let text = Bytes::from_static(b"not an ogg file, but long enough to be looked at");
        for file in [text, Bytes::new()] {
            assert!(matches!(read(&file).unwrap_err(), SampleError::Ogg(_)));
        }
        let mut vorbis = Vec::new();
        let mut writer = ogg::PacketWriter::new(&mut vorbis);
        let end = ogg::PacketWriteEndInfo::EndStream;
        writer.write_packet(&b"\x01vorbis"[..], 1, end, 0).unwrap();
        assert!(matches!(read(&vorbis.into()).unwrap_err(), SampleError::Opus(_)));
    }
}
