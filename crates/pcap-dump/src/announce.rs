//! Session announcements (RFC 2974) in captures: they say what payload types and SSRCs mean, in words that readers know.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use interceptor_core::{Codec, FecScheme, StreamInfo};

use crate::{Direction, Endpoints};

/// Where announcements are sent (RFC 2974 §3).
pub(crate) const PORT: u16 = 9875;
/// Bytes of a description: with what goes around it a datagram has no room for many more. All payload types fit.
const MAX_DESCRIPTION: usize = 65_000;

/// What is known of the streams of one direction, as a packet that was never on the wire.
#[derive(Debug)]
pub(crate) struct Announcement {
    pub(crate) direction: Direction,
    /// Since 1970-01-01 00:00 UTC.
    pub(crate) timestamp: Duration,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) packet: Vec<u8>,
}

impl Announcement {
    /// The description alone.
    pub(crate) fn sdp(&self) -> &[u8] {
        self.packet.get(header_len(self.source.ip())..).unwrap_or_default()
    }
}

/// The streams of a chain, as far as announcements go.
#[derive(Debug, Default)]
pub(crate) struct Known {
    streams: Vec<(Direction, StreamInfo)>,
    /// The last descriptions, by direction.
    said: [String; 2],
    /// Something may have changed since.
    pub(crate) is_stale: bool,
}

impl Known {
    /// A stream is bound, or described anew.
    pub(crate) fn add(&mut self, direction: Direction, stream: &StreamInfo) {
        self.remove(direction, stream.ssrc);
        self.streams.push((direction, stream.clone()));
        self.is_stale = true;
    }

    /// What a stream's packets were may be asked of those that are in the file already: nothing is taken back.
    pub(crate) fn remove(&mut self, direction: Direction, ssrc: u32) {
        self.streams.retain(|(way, stream)| *way != direction || stream.ssrc != ssrc);
    }

    /// What there is to say that has not been said.
    pub(crate) fn news(
        &mut self,
        connection: &str,
        endpoints: Endpoints,
        timestamp: Duration,
    ) -> Vec<Arc<Announcement>> {
        self.is_stale = false;
        let mut news = Vec::new();
        for (direction, said) in Direction::ALL.into_iter().zip(&mut self.said) {
            let (source, destination) = match direction {
                Direction::Incoming => (endpoints.remote, endpoints.local),
                Direction::Outgoing => (endpoints.local, endpoints.remote),
            };
            let streams = self.streams.iter().filter(|(way, _)| *way == direction).map(|(_, stream)| stream);
            let Some(sdp) = description(connection, source, destination, streams) else { continue };
            if *said != sdp {
                let packet = packet(source.ip(), &sdp);
                *said = sdp;
                news.push(Arc::new(Announcement { direction, timestamp, source, destination, packet }));
            }
        }
        news
    }
}

/// One media section for all streams: they share a port, and readers keep the last section of a port.
fn description<'a>(
    connection: &str,
    source: SocketAddr,
    destination: SocketAddr,
    streams: impl Iterator<Item = &'a StreamInfo>,
) -> Option<String> {
    let (mut types, mut groups, mut video) = (Types::default(), Vec::new(), false);
    for stream in streams {
        video |= stream.is_video();
        types.add_stream(stream);
        groups.extend(stream.rtx.iter().map(|rtx| ("FID", stream.ssrc, rtx.ssrc)));
        let fec = stream.fec.as_ref().and_then(|fec| fec.ssrc);
        groups.extend(fec.map(|fec| ("FEC-FR", stream.ssrc, fec)));
    }
    // A port that is not known yet cannot be described.
    if types.numbers.is_empty() || destination.port() == 0 {
        return None;
    }
    let clean: String = connection.chars().filter(|c| !c.is_control()).take(64).collect();
    let mut sdp = format!(
        "v=0\r\no=- 0 0 IN {}\r\ns={}\r\nc=IN {}\r\nt=0 0\r\nm={} {} RTP/AVP",
        address(source.ip()),
        if clean.is_empty() { "-" } else { &clean },
        address(destination.ip()),
        if video { "video" } else { "audio" },
        destination.port(),
    );
    // Writing to a string cannot fail.
    types.numbers.iter().for_each(|number| _ = write!(sdp, " {number}"));
    sdp.push_str("\r\n");
    sdp.push_str(&types.lines);
    for (kind, media, other) in groups {
        let line = format!("a=ssrc-group:{kind} {media} {other}\r\n");
        if sdp.len() + line.len() > MAX_DESCRIPTION {
            break;
        }
        sdp.push_str(&line);
    }
    Some(sdp)
}

fn address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("IP4 {ip}"),
        IpAddr::V6(ip) => format!("IP6 {ip}"),
    }
}

/// Payload types, each described once: the first stream that has it counts.
#[derive(Default)]
struct Types {
    numbers: Vec<u8>,
    lines: String,
}

impl Types {
    fn add_stream(&mut self, stream: &StreamInfo) {
        stream.codecs.iter().for_each(|codec| self.add_codec(codec));
        let rate = |media: u8| match stream.clock_rate(media) {
            0 => stream.primary().map_or(0, |codec| codec.clock_rate),
            rate => rate,
        };
        for pair in stream.rtx.iter().flat_map(|rtx| &rtx.payload_types) {
            let parameters = format!("apt={}", pair.media);
            self.add(pair.rtx, "rtx", rate(pair.media), 1, &parameters);
        }
        if let Some(red) = &stream.red {
            self.add(red.payload_type, "red", rate(red.primary), 1, "");
        }
        if let Some(fec) = &stream.fec {
            let name = match fec.scheme {
                FecScheme::FlexFec03 => "flexfec-03",
                FecScheme::FlexFec => "flexfec",
                FecScheme::UlpFec => "ulpfec",
                _ => return,
            };
            self.add(fec.payload_type, name, rate(fec.payload_type), 1, "");
        }
    }

    fn add_codec(&mut self, codec: &Codec) {
        let name = codec.mime_type.split_once('/').map_or("", |(_, name)| name);
        self.add(codec.payload_type, name, codec.clock_rate, codec.channels, &codec.fmtp);
    }

    fn add(&mut self, number: u8, name: &str, rate: u32, channels: u16, fmtp: &str) {
        let printable = |text: &str| text.chars().all(|c| !c.is_control());
        let named = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
        if !named || rate == 0 || self.numbers.contains(&number) {
            return;
        }
        self.numbers.push(number);
        let _ = write!(self.lines, "a=rtpmap:{number} {name}/{rate}");
        if channels > 1 {
            let _ = write!(self.lines, "/{channels}");
        }
        self.lines.push_str("\r\n");
        if (1..=256).contains(&fmtp.len()) && printable(fmtp) {
            let _ = write!(self.lines, "a=fmtp:{number} {fmtp}\r\n");
        }
    }
}

/// What announcements carry (RFC 2974 §6).
const TYPE: &[u8] = b"application/sdp\0";

/// Bytes before the description.
const fn header_len(source: IpAddr) -> usize {
    4 + if source.is_ipv4() { 4 } else { 16 } + TYPE.len()
}

/// RFC 2974 §6: version 1, no authentication, the hash of the message, who announces it, the type of what follows.
fn packet(source: IpAddr, sdp: &str) -> Vec<u8> {
    let hash = sdp.bytes().fold(1_u16, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let mut packet = vec![if source.is_ipv4() { 0x20 } else { 0x30 }, 0];
    packet.extend(hash.to_be_bytes());
    match source {
        IpAddr::V4(ip) => packet.extend(ip.octets()),
        IpAddr::V6(ip) => packet.extend(ip.octets()),
    }
    packet.extend(TYPE);
    packet.extend(sdp.as_bytes());
    packet
}
