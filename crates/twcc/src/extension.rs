//! Under which identifier, and in which form, packets carry their transport-wide number.

use interceptor_core::packet::ext::{TransportSequenceNumber, TransportSequenceNumberV2};
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_core::{ChainError, StreamInfo};

/// What a stream's description says of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbering {
    pub(crate) id: u8,
    pub(crate) form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Two bytes.
    Number,
    /// Two bytes, or four with a request for feedback.
    OnRequest,
}

/// What a packet says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Its number, and whether it asks for feedback.
    Number(u16, bool),
    Missing,
    Malformed,
}

impl Numbering {
    /// Of a stream that names either URI; the plain form if both.
    pub(crate) fn of(info: &StreamInfo) -> Option<Self> {
        let plain = info.extension_id(TransportSequenceNumber::URI);
        let on_request = || info.extension_id(TransportSequenceNumberV2::URI);
        plain
            .map(|id| Self { id, form: Form::Number })
            .or_else(|| on_request().map(|id| Self { id, form: Form::OnRequest }))
    }

    #[inline]
    pub(crate) fn read(self, packet: &RtpPacket) -> Read {
        let Some(value) = packet.extension(self.id) else { return Read::Missing };
        let number = match self.form {
            Form::Number => TransportSequenceNumber::read(value).map(|number| (number.0, false)),
            Form::OnRequest => TransportSequenceNumberV2::read(value)
                .map(|number| (number.sequence_number, number.feedback_request.is_some())),
        };
        number.map_or(Read::Malformed, |(number, request)| Read::Number(number, request))
    }
}

/// The numberings of the remote streams that are bound: of the connection, in effect, as all streams that are bundled have one
/// identifier for a URI (RFC 8843 §9.2). Several stand here only while streams are described anew one after the other.
#[derive(Debug, Default)]
pub(crate) struct Numberings {
    /// With the number of streams; the one that was named last stands last.
    named: Vec<(Numbering, u32)>,
}

impl Numberings {
    /// A stream that is bound names another identifier than those before it?
    pub(crate) fn check(&self, new: Numbering) -> Result<(), ChainError> {
        let same_uri = || self.named.iter().filter(|(named, _)| named.form == new.form);
        if same_uri().next().is_none() || same_uri().any(|(named, _)| *named == new) {
            return Ok(());
        }
        let value = format!("{} for transport-wide sequence numbers", new.id);
        let range = "the one that the connection's other remote streams have for the URI";
        Err(ChainError::InvalidStream { field: "header_extensions.id", value, range })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    pub(crate) fn add(&mut self, numbering: Numbering) {
        let before = self.named.iter().position(|(named, _)| *named == numbering);
        let streams = before.map_or(0, |at| self.named.remove(at).1);
        self.named.push((numbering, streams + 1));
    }

    pub(crate) fn remove(&mut self, numbering: Numbering) {
        if let Some((_, streams)) = self.named.iter_mut().find(|(named, _)| *named == numbering) {
            *streams = streams.saturating_sub(1);
        }
        self.named.retain(|(_, streams)| *streams > 0);
    }

    /// The number of a packet that is of no stream.
    #[inline]
    pub(crate) fn read(&self, packet: &RtpPacket) -> Option<Read> {
        let reads = self.named.iter().rev().map(|(numbering, _)| numbering.read(packet));
        reads.into_iter().find(|read| *read != Read::Missing)
    }
}
