//! From a section to its lines.

use std::net::IpAddr;

use sdp_types::{Attribute, Bandwidth as BandwidthLine, Connection, Media};

use crate::section::{Bandwidth, Connectivity, Section};

/// A section that carries RTP, but for its direction: who only describes says none.
pub(crate) fn media(section: &Section) -> Media {
    let listed = section.formats.iter().filter(|format| format.listed);
    let numbers: Vec<_> = listed.map(|format| format.number.to_string()).collect();
    let mut lines = Lines(Vec::new());
    lines.transport(section);
    lines.identity(section);
    lines.formats(section);
    lines.sources(section);
    Media {
        media: section.media.clone(),
        port: section.port,
        num_ports: None,
        proto: section.proto.clone(),
        fmt: numbers.join(" "),
        media_title: None,
        connections: section.address.map(connection).into_iter().collect(),
        bandwidths: bandwidths(section.bandwidth),
        key: None,
        attributes: lines.0,
    }
}

/// How far multicast goes by default.
const TTL: u8 = 1;

/// A `c=` line; multicast over IPv4 has to say how far it goes (RFC 8866 §5.7).
pub(crate) fn connection(address: IpAddr) -> Connection {
    Connection::from_ip_addr_ttl(address, Some(TTL).filter(|_| address.is_multicast()))
}

fn bandwidths(bandwidth: Bandwidth) -> Vec<BandwidthLine> {
    let line = |kind: &str, value: Option<u64>| {
        value.map(|bandwidth| BandwidthLine { bwtype: kind.to_owned(), bandwidth })
    };
    let lines = [
        line("AS", bandwidth.application),
        line("TIAS", bandwidth.independent),
        line("CT", bandwidth.conference),
    ];
    lines.into_iter().flatten().collect()
}

/// An SSRC is announced by something that is said of it (RFC 5576 §4.1).
const NO_CNAME: &str = "-";

struct Lines(Vec<Attribute>);

impl Lines {
    fn flag(&mut self, name: &str, set: bool) {
        self.0.extend(set.then(|| Attribute::new(name)));
    }

    fn value(&mut self, name: &str, value: impl ToString) {
        self.0.push(Attribute::with_value(name, value));
    }

    fn values<V: ToString>(&mut self, name: &str, values: impl IntoIterator<Item = V>) {
        values.into_iter().for_each(|value| self.value(name, value));
    }

    fn text(&mut self, name: &str, value: &str) {
        self.values(name, (!value.is_empty()).then_some(value));
    }

    fn transport(&mut self, section: &Section) {
        let Connectivity { ufrag, password, candidates, fingerprints, setup } = &section.connectivity;
        self.values("rtcp", section.rtcp.map(|rtcp| rtcp.to_string()));
        self.values("candidate", candidates);
        self.text("ice-ufrag", ufrag);
        self.text("ice-pwd", password);
        self.values("fingerprint", fingerprints);
        self.text("setup", setup);
        self.flag("rtcp-mux", section.rtcp_mux);
        self.flag("rtcp-rsize", section.rtcp_rsize);
        self.text("rtcp-xr", &section.rtcp_xr.join(" "));
        self.flag("bundle-only", section.bundle_only);
    }

    fn identity(&mut self, section: &Section) {
        self.text("mid", &section.mid);
        self.flag("extmap-allow-mixed", section.mixed_extensions);
        self.values("extmap", &section.extensions);
        self.values("msid", &section.msids);
    }

    fn formats(&mut self, section: &Section) {
        self.values("rtcp-fb", section.feedback.iter().filter(|feedback| feedback.number.is_none()));
        for format in section.formats.iter().filter(|format| !format.name.is_empty()) {
            self.value("rtpmap", format.rtpmap());
            let parameters = (!format.fmtp.is_empty()).then(|| format!("{} {}", format.number, format.fmtp));
            self.values("fmtp", parameters);
            let own = section.feedback.iter().filter(|feedback| feedback.number == Some(format.number));
            self.values("rtcp-fb", own);
        }
        self.values("rid", &section.rids);
        self.values("simulcast", (!section.simulcast.is_empty()).then_some(&section.simulcast));
    }

    fn sources(&mut self, section: &Section) {
        for group in &section.source_groups {
            let ssrcs: Vec<_> = group.ssrcs.iter().map(u32::to_string).collect();
            self.value("ssrc-group", format!("{} {}", group.semantics, ssrcs.join(" ")));
        }
        for source in &section.sources {
            let mut line = |name: &str, value: &str| {
                let separator = if value.is_empty() { "" } else { ":" };
                self.0
                    .push(Attribute::with_value("ssrc", format!("{} {name}{separator}{value}", source.ssrc)));
            };
            if !source.cname.is_empty() {
                line("cname", &source.cname);
            } else if source.msid.is_none() && source.attributes.is_empty() {
                line("cname", NO_CNAME);
            }
            if let Some(msid) = &source.msid {
                line("msid", &msid.to_string());
            }
            source.attributes.iter().for_each(|(name, value)| line(name, value));
        }
    }
}
