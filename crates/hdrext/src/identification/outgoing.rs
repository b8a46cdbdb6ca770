//! What the packets of a local stream say of whose they are.

use interceptor_core::packet::ext::{InlineBytes, Mid, RepairedRid, Rid};
use interceptor_core::packet::{ExtensionError, HeaderExtension, RtpPacket};
use interceptor_core::{Context, StreamInfo};

use crate::acknowledged::{Acknowledged, Shown};

/// Whose packets are identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Those of media SSRCs: MID and RID.
    Media,
    /// Those of RTX and FEC SSRCs: MID and repaired RID.
    Repair,
}

/// A local stream whose packets say whose they are.
#[derive(Debug)]
pub struct IdentifiedStream {
    /// Identifier on the wire and value.
    elements: [Option<(u8, InlineBytes)>; 2],
    /// Each is acknowledged by itself.
    sources: [Option<Source>; 2],
}

const _: () = assert!(size_of::<IdentifiedStream>() <= 200, "the documentation says so");

/// One SSRC of the stream.
#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    acknowledged: Acknowledged,
}

fn element<E: HeaderExtension<Bytes = InlineBytes>>(
    info: &StreamInfo,
    value: Option<E>,
) -> Option<(u8, InlineBytes)> {
    Some((info.extension_id(E::URI)?, value?.to_bytes()))
}

impl IdentifiedStream {
    /// `None`: there is nothing to say, or no identifier to say it with.
    pub(crate) fn of(info: &StreamInfo, role: Role) -> Option<Self> {
        let (mid, rid) = (Mid::new(&info.mid), Rid::new(&info.rid));
        let source = |ssrc| Source { ssrc, acknowledged: Acknowledged::Unsaid };
        let (rid, sources) = match role {
            Role::Media => (element(info, rid), [Some(source(info.ssrc)), None]),
            Role::Repair => {
                let rtx = info.rtx.as_ref().map(|rtx| source(rtx.ssrc));
                let fec = info.fec.and_then(|fec| fec.ssrc).map(source);
                (element(info, rid.map(RepairedRid)), [rtx, fec])
            }
        };
        let elements = [element(info, mid), rid];
        let says_something = elements.iter().any(Option::is_some) && sources.iter().any(Option::is_some);
        says_something.then_some(Self { elements, sources })
    }

    /// Do both say the same of the same SSRCs?
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let ssrcs = |stream: &Self| stream.sources.map(|source| source.map(|source| source.ssrc));
        self.elements == other.elements && ssrcs(self) == ssrcs(other)
    }

    /// The elements: identifier on the wire and length.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        self.elements.iter().flatten().map(|(id, value)| (*id, value.len() as u8))
    }

    /// `None`: the packet need not say anything.
    #[inline]
    pub(crate) fn identify(
        &mut self,
        always: bool,
        packet: &mut RtpPacket,
        cx: &Context<'_>,
    ) -> Option<Result<(), ExtensionError>> {
        let ssrc = packet.ssrc();
        let source = self.sources.iter_mut().flatten().find(|source| source.ssrc == ssrc)?;
        if source.acknowledged.is_yes() && !always {
            return None;
        }
        for (id, value) in self.elements.iter().flatten() {
            if let Err(error) = packet.set_extension(*id, value) {
                return Some(Err(error));
            }
        }
        source.acknowledged.said(packet.sequence_number(), cx);
        Some(Ok(()))
    }

    /// The peer shows what it has of an SSRC; true if it knows it from now on.
    pub(crate) fn hear(&mut self, ssrc: u32, shown: Shown, cx: &Context<'_>) -> bool {
        let source = self.sources.iter_mut().flatten().find(|source| source.ssrc == ssrc);
        source.is_some_and(|source| source.acknowledged.hear(shown, cx))
    }
}
