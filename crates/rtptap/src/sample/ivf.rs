//! Reader of IVF, the 32-byte-header container that VP8 tools write.

use bytes::{Buf, Bytes};

use super::{Frame, Kind, SampleError, Track};

const FILE_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 12;
const LARGEST_TIMESTAMP: u64 = u32::MAX as u64;

pub(super) fn read(file: &Bytes) -> Result<Track, SampleError> {
    let mut rest = file.clone();
    let (rate, scale) = read_header(&mut rest)?;
    let to_ticks = |pts: u64| pts * scale * u64::from(Kind::Video.clock_rate()) / rate;

    let mut frames = Vec::new();
    let mut end = 0;
    while rest.has_remaining() {
        let (pts, data) = read_frame(&mut rest, frames.len())?;
        end = pts + 1;
        frames.push(Frame { ticks: to_ticks(pts), data });
    }
    let length_ticks = to_ticks(end);
    if frames.is_empty() {
        return Err(SampleError::Empty);
    }
    if !frames.is_sorted_by(|a, b| a.ticks < b.ticks) || frames.last().is_none_or(|f| f.ticks >= length_ticks)
    {
        return Err(SampleError::Ivf("frame timestamps do not rise"));
    }
    Ok(Track { kind: Kind::Video, frames, length_ticks })
}

/// Time base as (rate, scale): a timestamp of `n` is due `n × scale / rate` seconds after the start.
fn read_header(file: &mut Bytes) -> Result<(u64, u64), SampleError> {
    if file.len() < FILE_HEADER_BYTES {
        return Err(SampleError::Ivf("shorter than its header"));
    }
    let mut header = file.split_to(FILE_HEADER_BYTES);
    if header.split_to(4) != "DKIF" {
        return Err(SampleError::Ivf("no DKIF signature"));
    }
    header.advance(2);
    let header_bytes = usize::from(header.get_u16_le());
    if header.split_to(4) != "VP80" {
        return Err(SampleError::Ivf("the codec is not VP80"));
    }
    header.advance(4);
    let rate = u64::from(header.get_u32_le());
    let scale = u64::from(header.get_u32_le());
    if rate == 0 || scale == 0 || rate > 1_000_000 || scale > 10_000 {
        return Err(SampleError::Ivf("no usable time base"));
    }
    let extra = header_bytes.saturating_sub(FILE_HEADER_BYTES);
    if extra > file.len() {
        return Err(SampleError::Ivf("shorter than its header"));
    }
    file.advance(extra);
    Ok((rate, scale))
}

fn read_frame(rest: &mut Bytes, index: usize) -> Result<(u64, Bytes), SampleError> {
    let cut = |needed, left| SampleError::IvfTruncated { index, needed, left };
    if rest.len() < FRAME_HEADER_BYTES {
        return Err(cut(FRAME_HEADER_BYTES, rest.len()));
    }
    let size = rest.get_u32_le() as usize;
    let pts = rest.get_u64_le();
    if size > rest.len() {
        return Err(cut(size, rest.len()));
    }
    if pts > LARGEST_TIMESTAMP {
        return Err(SampleError::Ivf("a frame timestamp is out of range"));
    }
    Ok((pts, rest.split_to(size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(frames: &[(u64, &[u8])]) -> Vec<u8> {
        let mut out = b"DKIF\0\0\x20\0VP80\x40\x01\xb4\x00".to_vec();
        out.extend_from_slice(&25_u32.to_le_bytes());
        out.extend_from_slice(&1_u32.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        for (pts, data) in frames {
            out.extend_from_slice(&(data.len() as u32).to_le_bytes());
            out.extend_from_slice(&pts.to_le_bytes());
            out.extend_from_slice(data);
        }
        out
    }

    #[test]
    fn timestamps_follow_the_time_base() {
        let track = read(&file(&[(0, b"key"), (1, b"a"), (3, b"b")]).into()).unwrap();
        let ticks: Vec<u64> = track.frames.iter().map(|f| f.ticks).collect();
        assert_eq!(ticks, [0, 3600, 10_800]);
        assert_eq!(track.length_ticks, 14_400);
        assert_eq!(track.frames[2].data, "b");
    }

    #[test]
    fn a_cut_file_is_named_with_the_frame_that_is_cut() {
        let whole = file(&[(0, b"key"), (1, b"abcdef")]);
        for (len, expect) in [(whole.len() - 1, (1, 6, 5)), (32 + 15 + 11, (1, 12, 11)), (32 + 4, (0, 12, 4))]
        {
            let error = read(&Bytes::copy_from_slice(&whole[..len])).unwrap_err();
            let SampleError::IvfTruncated { index, needed, left } = error else { panic!("{error}") };
            assert_eq!((index, needed, left), expect);
        }
    }

    #[test]
    fn foreign_and_damaged_files_are_refused() {
        let refused = |edit: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = file(&[(0, b"key"), (1, b"a")]);
            edit(&mut bytes);
            read(&bytes.into()).unwrap_err().to_string()
        };
        assert!(refused(&|b| b[0] = b'X').contains("signature"));
        assert!(refused(&|b| b[11] = b'9').contains("VP80"));
        assert!(refused(&|b| b[16..20].fill(0)).contains("time base"));
        assert!(refused(&|b| b.truncate(20)).contains("header"));
        assert!(refused(&|b| b[6] = 0xff).contains("header"));
        assert!(refused(&|b| b[32 + 15 + 4] = 0).contains("do not rise"));
        assert!(refused(&|b| b[32 + 4 + 7] = 1).contains("out of range"));
        assert!(refused(&|b| b.truncate(32)).contains("no frames"));
    }
}
