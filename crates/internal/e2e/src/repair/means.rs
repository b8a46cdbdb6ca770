//! What is measured against each other.

use interceptor_core::{FecInfo, FecScheme, OptionsError, Registry, StreamInfo};
use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};
use interceptor_nack::{Copies, NackFactory, NackOptions};
use interceptor_packet::repair::FecDecoder;
use interceptor_rtx::RtxFactory;
use interceptor_test::stream_info;

use super::Cell;

/// The SSRC of the media; RTX and FEC have those behind it.
pub(super) const MEDIA: u32 = 1;
const RTX: u32 = 2;
const FEC: u32 = 3;

/// Packets of a frame.
pub(super) const FRAME: u32 = 5;

/// A way to repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Means {
    /// NACK and RTX, each request and each answer once.
    Nack,
    /// FlexFEC alone, as the plan says.
    Fec,
    /// NACK, RTX and FlexFEC, as the plan says.
    Both,
    /// NACK, RTX, and FlexFEC as libwebrtc's table has it.
    Libwebrtc,
}

impl Means {
    /// In the order of the table.
    pub const ALL: [Self; 4] = [Self::Nack, Self::Fec, Self::Both, Self::Libwebrtc];

    /// What stands above its column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nack => "NACK",
            Self::Fec => "FEC",
            Self::Both => "both",
            Self::Libwebrtc => "libwebrtc's",
        }
    }

    /// What is negotiated.
    pub(super) fn stream(self) -> StreamInfo {
        let fec = FecInfo::new(FecScheme::FlexFec03, 115).with_ssrc(FEC);
        match self {
            Self::Nack => stream_info::video_with_rtx(MEDIA, RTX),
            Self::Fec => stream_info::bare(MEDIA).with_mime_type("video/VP8").with_fec(fec),
            Self::Both | Self::Libwebrtc => stream_info::video_with_rtx(MEDIA, RTX).with_fec(fec),
        }
    }

    /// The chain of both ends.
    ///
    /// # Errors
    /// None of these options is out of its range.
    pub(super) fn registry(self, cell: &Cell) -> Result<Registry, OptionsError> {
        let once =
            NackOptions::default().with_request_copies(Copies::Fixed(1)).with_answer_copies(Copies::Fixed(1));
        let planned = NackOptions::default().with_assumed_deadline(cell.slack());
        let protection = ProtectionOptions::default().with_deadline(cell.slack());
        let adaptive = protection.clone().with_receiver(FecDecoder::Elimination);
        let table = |code| protection.with_code(code).with_max_overhead_percent(100);
        let mut registry = Registry::new().with(RtxFactory::default());
        let (nack, protection) = match self {
            Self::Nack => (once, None),
            Self::Fec | Self::Both => (planned, Some(adaptive)),
            Self::Libwebrtc => (once, libwebrtc(cell.loss).map(table)),
        };
        registry.add(NackFactory::new(nack)?);
        if let Some(protection) = protection {
            registry.add(FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))?);
        }
        Ok(registry)
    }
}

/// Losses, and the part of all packets that is FEC then, in 255ths: points of libwebrtc's `kFecRateTable` for 1.5 Mbit/s of 720p at 30 frames a second, and
/// at least a fifth of all wherever anything is lost (`media_opt_util`). Between them straight lines are taken.
const RATES: [(f64, f64); 4] = [(0.0, 51.0), (0.05, 51.0), (0.1, 74.0), (0.2, 124.0)];

/// What libwebrtc would protect a frame of five packets with: at this rate each frame is a block of its own. Its masks are tables; the nearest of our codes
/// stands for them, and our receiver eliminates, which theirs does not.
fn libwebrtc(loss: f64) -> Option<Code> {
    let [(mut from, mut low), ..] = RATES;
    let mut rate = low;
    for (to, high) in RATES {
        if loss <= to {
            rate = if to > from { low + (high - low) * (loss - from) / (to - from) } else { high };
            break;
        }
        (from, low) = (to, high);
    }
    // Of all packets; of the media it is more.
    let of_media = 255.0 * rate / (255.0 - rate);
    let repairs = ((f64::from(FRAME) * of_media + 128.0) / 256.0) as u8;
    let n = FRAME as u8;
    match repairs {
        0 => None,
        f if f < n => Some(Code::Interleaved { n, f }),
        f => Some(Code::Dense { n, f }),
    }
}
