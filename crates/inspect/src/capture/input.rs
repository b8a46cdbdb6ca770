//! The bytes of a capture, out of the gzip file that they may be in.

use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use super::DamageKind;

pub(super) const GZIP: &[u8] = &[0x1f, 0x8b];
/// Bytes that tell whether a file is compressed.
const PEEKED: usize = 2;
/// Packed bytes that are read at once.
const CHUNK: usize = 32 << 10;
/// Unpacked bytes at once: where the packed ones are damaged, the last of them are lost.
const STEP: usize = 4 << 10;

/// What a capture is read from.
pub(super) enum Input<R> {
    Plain(Source<R>),
    /// Boxed: it is large, and few captures are compressed. Unpacks as it is read, in 64 KiB, however much comes out.
    Gzip(Box<MultiGzDecoder<BufReader<Source<R>>>>),
}

/// A reader whose first bytes have been looked at.
#[derive(Debug)]
pub(super) struct Source<R> {
    peeked: Cursor<Vec<u8>>,
    reader: R,
    /// Bytes that it has given.
    given: u64,
    /// It has failed; kept until it is asked again.
    failure: Option<io::Error>,
    has_failed: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn open(mut reader: R) -> Self {
        let mut peeked = Vec::new();
        let mut failure = None;
        while peeked.len() < PEEKED && failure.is_none() {
            let mut byte = [0];
            match reader.read(&mut byte) {
                Ok(0) => break,
                Ok(_) => peeked.extend(byte),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => failure = Some(error),
            }
        }
        let is_gzip = peeked == GZIP;
        let source = Source { peeked: Cursor::new(peeked), reader, given: 0, failure, has_failed: false };
        if is_gzip {
            Self::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, source))))
        } else {
            Self::Plain(source)
        }
    }

    pub(super) const fn is_gzip(&self) -> bool {
        matches!(self, Self::Gzip(_))
    }

    /// Bytes of the file that have been made use of.
    pub(super) fn used(&self) -> u64 {
        match self {
            Self::Plain(source) => source.given,
            Self::Gzip(decoder) => {
                let buffered = decoder.get_ref();
                buffered.get_ref().given - buffered.buffer().len() as u64
            }
        }
    }

    /// What an error of reading says of the file, and how.
    pub(super) fn blame(&self, error: &io::Error) -> (DamageKind, String) {
        match self {
            Self::Gzip(decoder) if !decoder.get_ref().get_ref().has_failed => match error.kind() {
                ErrorKind::UnexpectedEof => {
                    (DamageKind::Truncated, "the gzip data ends too early".to_owned())
                }
                _ => (
                    DamageKind::Damaged,
                    format!("the gzip data makes no sense ({error}), it was read up to there"),
                ),
            },
            _ => (DamageKind::Unreadable, format!("reading failed ({error})")),
        }
    }
}

impl<R: Read> Read for Input<R> {
    #[inline]
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(room),
            Self::Gzip(decoder) => {
                let len = room.len().min(STEP);
                decoder.read(room.get_mut(..len).unwrap_or_default())
            }
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut len = self.peeked.read(room)?;
        if len == 0 {
            len = match self.failure.take() {
                Some(error) => Err(error),
                None => self.reader.read(room),
            }
            .inspect_err(|error| self.has_failed = error.kind() != ErrorKind::Interrupted)?;
        }
        self.given += len as u64;
        Ok(len)
    }
}

impl<R> std::fmt::Debug for Input<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Gzip(_) => "Gzip",
        })
    }
}
