//! Which RTP clock a packet's timestamp runs on.

use smallvec::SmallVec;

use super::StreamInfo;

/// The clock of each payload type of a stream: those of its codecs, and of the types that retransmit or protect them, which
/// run on the clock of what they repair (RFC 4588 §4, RFC 8627 §4). A stream may change its clock with its payload type in
/// the middle (RFC 7160).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockRates(SmallVec<[(u8, u32); 4]>);

impl ClockRates {
    /// The clocks that a stream's description names.
    #[must_use]
    pub fn of(stream: &StreamInfo) -> Self {
        let primary = stream.primary().map_or(0, |codec| codec.clock_rate);
        let media = stream.codecs.iter().map(|codec| (codec.payload_type, codec.clock_rate));
        let pairs = stream.rtx.iter().flat_map(|rtx| &rtx.payload_types);
        let rtx = pairs.map(|pair| (pair.rtx, stream.clock_rate(pair.media)));
        let red = stream.red.map(|red| (red.payload_type, stream.clock_rate(red.primary)));
        let fec = stream.fec.map(|fec| (fec.payload_type, primary));
        Self(media.chain(rtx).chain(red).chain(fec).filter(|(_, rate)| *rate != 0).collect())
    }

    /// The clock of a payload type in Hz; `None` when unknown.
    #[must_use]
    pub fn rate(&self, payload_type: u8) -> Option<u32> {
        self.0.iter().find(|(known, _)| *known == payload_type).map(|(_, rate)| *rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Codec, FecInfo, FecScheme, RedInfo};

    #[test]
    fn repair_runs_on_the_clock_of_what_it_repairs() {
        let stream = StreamInfo::new(1, 111, 48_000)
            .with_codec(Codec::new(0, 8000))
            .with_codec(Codec::new(13, 0))
            .with_rtx(2, 112)
            .with_rtx_payload_type(113, 0)
            .with_rtx_payload_type(114, 99)
            .with_red(RedInfo::new(63, 0))
            .with_fec(FecInfo::new(FecScheme::FlexFec, 49).with_ssrc(3));
        let clocks = ClockRates::of(&stream);
        let rates = [111, 0, 13, 112, 113, 114, 63, 49].map(|payload_type| clocks.rate(payload_type));
        let (opus, pcmu) = (Some(48_000), Some(8000));
        assert_eq!(rates, [opus, pcmu, None, opus, pcmu, None, pcmu, opus]);
    }
}
