//! What a relay does: its legs, the streams that it knows of, its bounds.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::fec::{self, FecMode, FecReceiver};
use super::rules::StreamRule;
use super::{Hosts, LegLimit, OptionsError};

/// Targets of a relay: two sockets each leave room in the 1024 files that a process may have open as a rule.
const MAX_TARGETS: usize = 256;

/// Whether packets are sent again on RTX streams (RFC 4588), where a stream has an RTX payload type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RtxMode {
    /// The packet itself is sent again.
    Off,
    /// On the RTX stream, whatever the target makes of it.
    On,
    /// On the RTX stream, unless the target goes on asking for what has been sent there: then the packet itself.
    #[default]
    Auto,
}

impl std::str::FromStr for RtxMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "true" => Ok(Self::On),
            "false" => Ok(Self::Off),
            "auto" => Ok(Self::Auto),
            _ => Err(format!("{text:?} is not true, false or auto")),
        }
    }
}

impl<'de> serde::Deserialize<'de> for RtxMode {
    /// `true`, `false` or `"auto"`.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged, expecting = "true, false or \"auto\"")]
        enum Value {
            Bool(bool),
            Text(String),
        }
        let text = match Value::deserialize(deserializer)? {
            Value::Bool(on) => on.to_string(),
            Value::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where RTCP travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RtcpMode {
    /// On the port above RTP's (RFC 3550 §11): what ffmpeg and GStreamer's udp elements expect.
    #[default]
    Ports,
    /// On RTP's own port (RFC 5761).
    Mux,
}

/// The leg toward the source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceOptions {
    /// Where to listen for RTP; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where RTCP travels. Default: ports. RTCP that comes on RTP's port is taken in any case.
    pub rtcp: RtcpMode,
    /// Where the source hears RTCP. Default `None`: where its RTCP comes from (RFC 4961). Senders that listen on another
    /// port than they send from need it, GStreamer's udpsink and udpsrc among them.
    pub rtcp_to: Option<SocketAddr>,
    /// Who may be the source. Default `None`: whoever sends RTP in sequence, the first until it has been silent for
    /// [`takeover`](RelayOptions::takeover). With it a stranger who sends before the source cannot take its place.
    pub from: Option<Hosts>,
    /// Ask for missing packets? Default: yes.
    pub nack: bool,
    /// Take retransmissions on RTX streams (RFC 4588), where a stream has an RTX payload type? Default: yes.
    pub rtx: bool,
    /// Recover what is lost from repair packets (FlexFEC), where a stream has a payload type for them? Default: yes.
    pub fec: bool,
    /// Tell the source our clock, so that a relay there gives this one its round-trip time (RFC 3611)? Default: yes.
    pub xr: bool,
    /// How much comes in from it, at most. Default: any amount.
    pub limit: LegLimit,
}

/// A leg toward a target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetOptions {
    /// Where RTP goes.
    pub to: SocketAddr,
    /// The local address of RTP, RTCP above it with [`RtcpMode::Ports`]. Default `None`: a free port. A target that sends
    /// RTCP to a fixed port, as GStreamer's udpsink does, needs it.
    pub from: Option<SocketAddr>,
    /// Where RTCP travels. Default: ports.
    pub rtcp: RtcpMode,
    /// Where RTCP goes. Default `None`: [`to`](Self::to), its port or the one above.
    pub rtcp_to: Option<SocketAddr>,
    /// Answer requests for missing packets? Default: yes.
    pub nack: bool,
    /// Answer on RTX streams (RFC 4588), where a stream has an RTX payload type? Default: [`RtxMode::Auto`].
    pub rtx: RtxMode,
    /// Protect by repair packets (FlexFEC), where a stream has a payload type for them? Default: no; not everybody takes them.
    pub fec: FecMode,
    /// For how long after it would have come a packet is of use to the target, 20 ms..=10 s. Default 200 ms, what a conversation bears.
    /// With more there are fewer repair packets for as much.
    pub fec_deadline: Duration,
    /// How the target makes packets of repair packets, for [`FecMode::Adaptive`]. Default [`FecReceiver::Peeling`].
    pub fec_receiver: FecReceiver,
    /// How much goes there, at most. Default: any amount.
    pub limit: LegLimit,
}

/// All of a relay. Checked by [`Relay::start`](super::Relay::start).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RelayOptions {
    /// The leg toward the source.
    pub source: SourceOptions,
    /// The legs toward the targets, 1..=256: each has a session, and two sockets of its own.
    pub targets: Vec<TargetOptions>,
    /// What is known of streams beforehand. Default: nothing but RFC 3551's static payload types.
    pub streams: Vec<StreamRule>,
    /// Streams at a time, 1..=4096. Default 64. Over it the one silent longest makes room, if it has been silent for as long as it
    /// had gone on before: a second at least, [`takeover`](Self::takeover) at most; else new ones are refused as long as they are
    /// too many.
    pub max_streams: usize,
    /// New streams a second, 1..=4096. Default 64: many times what sources do, and few enough that whoever makes streams up
    /// costs little. More are refused for the moment.
    pub new_streams: u32,
    /// Bytes that are kept to be sent again, of all streams of a target, 1 MiB..=1 GiB; targets share what is the same for all.
    /// Default 16 MiB: the default number of streams with 2 Mbit/s for a second. Of a stream at most 4 MiB are kept. Over it
    /// each stream has an equal share, and its oldest packets go.
    pub history_bytes: usize,
    /// How long packets are kept to be sent again, and how long a missing one is asked for, 20 ms..=60 s. Default 1 s.
    pub history: Duration,
    /// How long the source must be silent before another host may take its place, 100 ms..=1 h. Default 5 s.
    pub takeover: Duration,
    /// The shortest time between two key frame requests for one stream, 0..=1 min. Default 500 ms: an encoder that makes
    /// key frames as fast as they are asked for floods the link.
    pub keyframe_interval: Duration,
    /// Send feedback without a report before it (RFC 5506)? Default: no; not everybody takes it, and it saves 40 bytes.
    pub reduced_size: bool,
    /// Capture each leg into a file: the leg's name is put before the extension, which tells the format (`pcapng`, `pcap`,
    /// `rtpdump`, `txt`). Default: none.
    pub dump: Option<PathBuf>,
}

impl SourceOptions {
    /// Listens at `listen`, everything else as documented.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        let limit = LegLimit::default();
        Self {
            listen,
            rtcp: RtcpMode::Ports,
            rtcp_to: None,
            from: None,
            nack: true,
            rtx: true,
            fec: true,
            xr: true,
            limit,
        }
    }
}

impl TargetOptions {
    /// Sends to `to`, everything else as documented.
    #[must_use]
    pub fn new(to: SocketAddr) -> Self {
        let (rtcp, rtx, limit) = (RtcpMode::Ports, RtxMode::Auto, LegLimit::default());
        Self {
            to,
            from: None,
            rtcp,
            rtcp_to: None,
            nack: true,
            rtx,
            fec: FecMode::Off,
            fec_deadline: Duration::from_millis(200),
            fec_receiver: FecReceiver::Peeling,
            limit,
        }
    }
}

impl RelayOptions {
    /// From one source to these targets.
    #[must_use]
    pub fn new(source: SourceOptions, targets: Vec<TargetOptions>) -> Self {
        Self {
            source,
            targets,
            streams: Vec::new(),
            max_streams: 64,
            new_streams: 64,
            history_bytes: 16 << 20,
            history: Duration::from_secs(1),
            takeover: Duration::from_secs(5),
            keyframe_interval: Duration::from_millis(500),
            reduced_size: false,
            dump: None,
        }
    }

    /// The first thing that does not fit.
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        if self.targets.is_empty() {
            return Err(OptionsError::new(
                "--to",
                "missing",
                "say where the packets shall go, such as --to 192.0.2.7:5004",
            ));
        }
        if self.targets.len() > MAX_TARGETS {
            let (count, advice) = (self.targets.len(), format!("give at most {MAX_TARGETS} targets"));
            return Err(OptionsError::new("--to", format!("given {count} times"), advice));
        }
        check_pair("--listen", self.source.listen, self.source.rtcp)?;
        self.source.limit.check()?;
        for target in &self.targets {
            target.check(&self.source)?;
            target.limit.check()?;
        }
        within("max_streams", self.max_streams, &(1..=4096), "1..=4096")?;
        within("new_streams", self.new_streams, &(1..=4096), "1..=4096")?;
        within("history_bytes", self.history_bytes, &(1 << 20..=1 << 30), "1048576..=1073741824")?;
        let ms = Duration::from_millis;
        within("history", self.history, &(ms(20)..=ms(60_000)), "20ms..=60s")?;
        within("takeover", self.takeover, &(ms(100)..=ms(3_600_000)), "100ms..=1h")?;
        within("keyframe_interval", self.keyframe_interval, &(ms(0)..=ms(60_000)), "0s..=1m")?;
        self.streams.iter().try_for_each(StreamRule::check)
    }
}

impl TargetOptions {
    fn check(&self, source: &SourceOptions) -> Result<(), OptionsError> {
        if self.to.port() == 0 {
            return Err(OptionsError::new("--to", self.to, "say the port, too"));
        }
        if self.to == source.listen {
            return Err(OptionsError::new(
                "--to",
                self.to,
                "this is where the relay listens; it would feed itself",
            ));
        }
        check_pair("--to", self.to, self.rtcp)?;
        fec::check(self)?;
        let Some(from) = self.from else { return Ok(()) };
        if from.is_ipv4() != self.to.is_ipv4() {
            let advice = format!("{} needs an address of the same family", self.to);
            return Err(OptionsError::new("--from", from, advice));
        }
        check_pair("--from", from, self.rtcp)
    }
}

/// RTCP needs the port above.
fn check_pair(option: &'static str, address: SocketAddr, rtcp: RtcpMode) -> Result<(), OptionsError> {
    if rtcp == RtcpMode::Ports && address.port() == u16::MAX {
        return Err(OptionsError::new(
            option,
            address,
            "RTCP needs the port above; take a lower one, or --rtcp-mux",
        ));
    }
    Ok(())
}

pub(super) fn within<T: PartialOrd + std::fmt::Debug>(
    option: &'static str,
    value: T,
    range: &std::ops::RangeInclusive<T>,
    text: &str,
) -> Result<(), OptionsError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(OptionsError::new(option, format!("{value:?}"), format!("must be in {text}")))
}
