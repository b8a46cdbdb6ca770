//! The answer, section by section.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use interceptor_core::StreamInfo;
use sdp_types::{Attribute, Media, Origin, Session, Time};

use super::{Answer, AnswerError, Answered, Endpoint, LocalSource, Refusal, RefusalReason, mirror};
use crate::{Description, MediaStreams, Section, write};

/// What ICE will place (RFC 8840 §4.1.1).
const PLACEHOLDER_PORT: u16 = 9;

/// The address beside it.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

pub(super) fn answer(answer: &Answer<'_>) -> Result<Answered, AnswerError> {
    if answer.offer.sections().is_empty() {
        return Err(AnswerError::NoSections);
    }
    answer.check()?;
    let mut writer = Writer { answer, sections: Vec::new(), answered: Agreed::default() };
    for section in answer.offer.sections() {
        let media = match writer.accept(section) {
            Ok(accepted) => writer.accepted(section, &accepted)?,
            Err(reason) => writer.refused(section, reason),
        };
        writer.sections.push(media);
    }
    writer.finish()
}

struct Writer<'a> {
    answer: &'a Answer<'a>,
    sections: Vec<Media>,
    answered: Agreed,
}

#[derive(Default)]
struct Agreed {
    sections: Vec<Section>,
    remote: Vec<MediaStreams>,
    local: Vec<StreamInfo>,
    refused: Vec<Refusal>,
    unsent: Vec<u32>,
}

impl Writer<'_> {
    fn accept(&self, offered: &Section) -> Result<Section, RefusalReason> {
        if offered.is_rejected() {
            return Err(RefusalReason::Stopped);
        }
        if !offered.is_rtp() {
            return Err(RefusalReason::NotRtp);
        }
        if offered.is_secure() && !offered.is_dtls() {
            return Err(RefusalReason::Keys);
        }
        if self.answer.refused.iter().any(|which| which.is(offered)) {
            return Err(RefusalReason::Unwanted);
        }
        self.answer.wanted.accept(offered).ok_or(RefusalReason::NoCommonCodec)
    }

    fn accepted(&mut self, offered: &Section, accepted: &Section) -> Result<Media, AnswerError> {
        let takes = offered.direction.has_send() && !self.answer.unread.iter().any(|which| which.is(offered));
        let streams = self.streams(offered, accepted);
        let mut ours = mirror::mirrored(accepted, takes, !streams.is_empty());
        let endpoint = self.endpoint(offered);
        ours.port = endpoint.address.map_or(PLACEHOLDER_PORT, |address| address.port());
        ours.address = Some(endpoint.address.map_or(NOWHERE, |address| address.ip()));
        ours.connectivity = endpoint.connectivity(offered)?;
        if self.answer.receiver_rtt {
            let rtt = offered.rtcp_xr.iter().filter(|format| format.starts_with("rcvr-rtt"));
            ours.rtcp_xr.extend(rtt.cloned());
        }
        for (source, stream) in &streams {
            source.announce(stream, &self.answer.cname, &mut ours);
        }
        keep_sent_layers(&mut ours, &streams);
        if takes {
            self.answered.remote.push(MediaStreams::sent_by(accepted));
        }
        self.answered.local.extend(streams.into_iter().map(|(_, stream)| stream));
        let mut media = write::media(&ours);
        media.attributes.push(Attribute::new(ours.direction.as_str()));
        if !ours.connectivity.candidates.is_empty() {
            media.attributes.push(Attribute::new("end-of-candidates"));
        }
        self.answered.sections.push(ours);
        Ok(media)
    }

    /// The sources of a section that the offer takes.
    fn streams(&mut self, offered: &Section, accepted: &Section) -> Vec<(LocalSource, StreamInfo)> {
        // Parameters are those of who receives: of what we send, the offer's.
        let mut taken = accepted.clone();
        for format in &mut taken.formats {
            if let Some(theirs) = offered.format(format.number) {
                format.fmtp.clone_from(&theirs.fmtp);
            }
        }
        let takers = MediaStreams::taken_by(&taken);
        let mut streams = Vec::new();
        for (_, source) in self.answer.sources.iter().filter(|(which, _)| which.is(offered)) {
            match source.stream(&takers).filter(|_| offered.direction.has_recv()) {
                Some(stream) => streams.push((source.clone(), stream)),
                None => self.answered.unsent.push(source.ssrc),
            }
        }
        streams
    }

    fn endpoint(&self, offered: &Section) -> &Endpoint {
        let own = self.answer.endpoints.iter().find(|(which, _)| which.is(offered));
        own.map_or(&self.answer.endpoint, |(_, endpoint)| endpoint)
    }

    /// Port 0, and of the formats what was offered: the line must have one (RFC 3264 §6).
    fn refused(&mut self, offered: &Section, reason: RefusalReason) -> Media {
        let sources = self.answer.sources.iter().filter(|(which, _)| which.is(offered));
        self.answered.unsent.extend(sources.map(|(_, source)| source.ssrc));
        let (section, mid) = (offered.index, offered.mid.clone());
        self.answered.refused.push(Refusal { section, mid: mid.clone(), reason });
        // Of RTP those that can be: a lenient reader has passed over others.
        let numbers = offered.formats.iter().filter(|format| format.listed);
        let numbers: Vec<_> = numbers.map(|format| format.number.to_string()).collect();
        let numbers = if numbers.is_empty() { "0".to_owned() } else { numbers.join(" ") };
        let numbers = offered.is_rtp().then_some(numbers);
        let offered = self.answer.offer.session().medias.get(offered.index);
        let mid = Some(mid).filter(|mid| !mid.is_empty());
        Media {
            media: offered.map_or_else(String::new, |media| media.media.clone()),
            port: 0,
            num_ports: None,
            proto: offered.map_or_else(String::new, |media| media.proto.clone()),
            fmt: numbers.or_else(|| offered.map(|media| media.fmt.clone())).unwrap_or_default(),
            media_title: None,
            connections: vec![write::connection(NOWHERE)],
            bandwidths: Vec::new(),
            key: None,
            attributes: mid.map(|mid| Attribute::with_value("mid", mid)).into_iter().collect(),
        }
    }

    fn finish(self) -> Result<Answered, AnswerError> {
        let Answer { offer, endpoint, id, version, .. } = self.answer;
        let address = endpoint.address.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
        let mut session = Session::new(Origin::with_ip_addr(id, *version, address), "-");
        session.times.push(Time::new(0, 0));
        let ice = self.answered.sections.iter().any(|section| !section.connectivity.ufrag.is_empty());
        if ice && endpoint.ice_lite {
            session.attributes.push(Attribute::new("ice-lite"));
        }
        let accepted: BTreeSet<&str> = self.answered.sections.iter().map(|section| &*section.mid).collect();
        for bundle in offer.bundles() {
            let mids: Vec<_> = bundle.into_iter().filter(|mid| accepted.contains(mid)).collect();
            if !mids.is_empty() {
                session.attributes.push(Attribute::with_value("group", format!("BUNDLE {}", mids.join(" "))));
            }
        }
        session.medias = self.sections;
        let description = Description::from_session(session)?;
        let Agreed { remote, local, refused, unsent, .. } = self.answered;
        Ok(Answered { description, remote, local, refused, unsent })
    }
}

/// Only encodings that are sent are said to be.
fn keep_sent_layers(ours: &mut Section, streams: &[(LocalSource, StreamInfo)]) {
    let sent = |rid: &str| streams.iter().any(|(source, _)| source.rid == rid);
    ours.rids.retain(|rid| !rid.sends || sent(&rid.id));
    ours.simulcast.send.iter_mut().for_each(|stream| stream.retain(|layer| sent(&layer.rid)));
    ours.simulcast.send.retain(|stream| !stream.is_empty());
}
