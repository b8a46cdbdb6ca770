//! What a [`StreamInfo`] may say: checked when a stream is bound or amended, so that no interceptor has to.

use std::fmt::Display;

use super::StreamInfo;
use crate::ChainError;

/// The largest RTP payload type (RFC 3550 §5.1: seven bits).
const MAX_PAYLOAD_TYPE: u8 = 127;

/// Copies of one stream; more paths nobody has.
const MAX_DUPLICATES: usize = 7;

impl StreamInfo {
    /// Is this a stream that can be? [`Chain`](crate::Chain) asks at every bind and amendment.
    ///
    /// # Errors
    /// [`ChainError::InvalidStream`] names the first field that cannot be so, its value and what it may be.
    pub fn check(&self) -> Result<(), ChainError> {
        self.check_payload_types()?;
        self.check_ssrcs()?;
        self.check_header_extensions()?;
        match self.bitrate {
            Some(range) if range.min > range.max => invalid("bitrate.min", range.min, "at most bitrate.max"),
            _ => Ok(()),
        }
    }

    fn check_payload_types(&self) -> Result<(), ChainError> {
        let pairs = || self.rtx.iter().flat_map(|rtx| &rtx.payload_types);
        let named = self.codecs.iter().map(|codec| ("codecs.payload_type", codec.payload_type));
        let named =
            named.chain(pairs().flat_map(|pair| {
                [("rtx.payload_types.rtx", pair.rtx), ("rtx.payload_types.media", pair.media)]
            }));
        let named = named.chain(self.fec.map(|fec| ("fec.payload_type", fec.payload_type)));
        let mut named = named.chain(
            self.red
                .into_iter()
                .flat_map(|red| [("red.payload_type", red.payload_type), ("red.primary", red.primary)]),
        );
        if let Some((field, value)) = named.find(|(_, value)| *value > MAX_PAYLOAD_TYPE) {
            return invalid(field, value, "in 0..=127");
        }
        if let Some(pair) = pairs().find(|pair| pair.rtx == pair.media) {
            return invalid("rtx.payload_types.rtx", pair.rtx, "another one than the media's");
        }
        if let Some(red) = self.red.filter(|red| red.payload_type == red.primary) {
            return invalid("red.payload_type", red.payload_type, "another one than the primary's");
        }
        match twice(self.codecs.iter().map(|codec| codec.payload_type)) {
            Some(payload_type) => invalid("codecs.payload_type", payload_type, "each only once"),
            None => Ok(()),
        }
    }

    fn check_ssrcs(&self) -> Result<(), ChainError> {
        let hex = |ssrc| format!("{ssrc:#010x}");
        if let Some(rtx) = self.rtx.as_ref().filter(|rtx| rtx.ssrc == self.ssrc) {
            return invalid("rtx.ssrc", hex(rtx.ssrc), "another one than the media's");
        }
        let fec = self.fec.and_then(|fec| fec.ssrc);
        if let Some(fec) =
            fec.filter(|fec| *fec == self.ssrc || self.rtx.as_ref().is_some_and(|rtx| rtx.ssrc == *fec))
        {
            return invalid("fec.ssrc", hex(fec), "another one than those of media and RTX");
        }
        if self.duplicates.len() > MAX_DUPLICATES {
            return invalid("duplicates", format!("{} SSRCs", self.duplicates.len()), "at most 7");
        }
        let others = |at| self.ssrcs().take(self.ssrcs().count() - self.duplicates.len() + at);
        let twice =
            self.duplicates.iter().enumerate().find(|(at, ssrc)| others(*at).any(|other| other == **ssrc));
        match twice {
            Some((_, ssrc)) => {
                invalid("duplicates", hex(*ssrc), "each only once, and none of the stream's others")
            }
            None => Ok(()),
        }
    }

    fn check_header_extensions(&self) -> Result<(), ChainError> {
        let ids = || self.header_extensions.iter().map(|extension| extension.id);
        if ids().any(|id| id == 0) {
            return invalid("header_extensions.id", 0, "in 1..=255");
        }
        match twice(ids()) {
            Some(id) => invalid("header_extensions.id", id, "each only once"),
            None => Ok(()),
        }
    }
}

/// The first value that comes a second time.
fn twice(values: impl Iterator<Item = u8>) -> Option<u8> {
    let mut seen = [false; 256];
    values
        .into_iter()
        .find(|value| seen.get_mut(usize::from(*value)).is_some_and(|seen| std::mem::replace(seen, true)))
}

fn invalid(field: &'static str, value: impl Display, range: &'static str) -> Result<(), ChainError> {
    Err(ChainError::InvalidStream { field, value: value.to_string(), range })
}
