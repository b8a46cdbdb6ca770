//! By which message a stream is asked.

use interceptor_core::StreamInfo;

use super::requests::Ask;
use crate::Method;

/// What was negotiated, and the number of the last full intra request.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    pli: bool,
    fir: bool,
    number: u8,
    /// The outstanding request was a full intra request once: repetitions keep its number.
    numbered: bool,
    /// The owner wants the next to be one.
    by_fir: bool,
}

impl Wording {
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        (self.pli, self.fir) = (info.has_feedback("nack", "pli"), info.has_feedback("ccm", "fir"));
    }

    pub(crate) const fn prefer_fir(&mut self) {
        self.by_fir = true;
    }

    /// The next request is a new one.
    pub(crate) const fn answered(&mut self) {
        self.numbered = false;
    }

    /// The number of a full intra request, the `tries`th in a row; `None`: it is a picture loss indication. One more for a new request, the same for a
    /// repetition (RFC 5104 §4.3.1.2).
    pub(crate) fn number(&mut self, ask: Ask, tries: u32, method: Method) -> Option<u8> {
        if ask == Ask::New {
            self.numbered = false;
        }
        let wanted = match method {
            Method::Pli => false,
            Method::Fir => true,
            Method::PliThenFir { after } => tries > after,
        };
        if !self.fir || !(wanted || self.by_fir || !self.pli) {
            return None;
        }
        self.by_fir = false;
        if !std::mem::replace(&mut self.numbered, true) {
            self.number = self.number.wrapping_add(1);
        }
        Some(self.number)
    }
}
