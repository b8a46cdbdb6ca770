//! The configuration file, TOML: what differs from leg to leg and from stream to stream.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use interceptor_core::FecScheme;
use interceptor_inspect::Codec;
use serde::{Deserialize, Deserializer, de::Error};

use super::args::address;
use super::fec::read_scheme;
use super::limits::LimitTable;
use super::rules::{StreamRule, channels};
use super::{
    FecMode, FecReceiver, Hosts, LegLimit, OptionsError, RelayError, RelayOptions, RtcpMode, RtxMode,
    SourceOptions, TargetOptions,
};

/// The file. Every key may be left out; one that is not known is an error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    source: SourceTable,
    target: Vec<TargetTable>,
    stream: Vec<StreamTable>,
    relay: RelayTable,
    limit: LimitTable,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SourceTable {
    listen: Option<Address>,
    sdp: Option<PathBuf>,
    rtcp: Option<RtcpMode>,
    rtcp_to: Option<Address>,
    #[serde(deserialize_with = "hosts")]
    from: Option<Hosts>,
    nack: Option<bool>,
    rtx: Option<bool>,
    fec: Option<bool>,
    xr: Option<bool>,
    limit: Option<LimitTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetTable {
    to: Address,
    from: Option<Address>,
    rtcp: Option<RtcpMode>,
    rtcp_to: Option<Address>,
    nack: Option<bool>,
    rtx: Option<RtxMode>,
    fec: Option<FecMode>,
    fec_deadline: Option<Time>,
    fec_receiver: Option<FecReceiver>,
    limit: Option<LimitTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamTable {
    pt: u8,
    ssrc: Option<u32>,
    codec: Option<Encoding>,
    fmtp: Option<String>,
    rtx: Option<u8>,
    rtx_ssrc: Option<u32>,
    fec: Option<u8>,
    #[serde(default, deserialize_with = "read_scheme")]
    fec_scheme: Option<FecScheme>,
    fec_ssrc: Option<u32>,
    nack: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RelayTable {
    max_streams: Option<usize>,
    new_streams: Option<u32>,
    history_bytes: Option<usize>,
    history: Option<Time>,
    takeover: Option<Time>,
    keyframe_interval: Option<Time>,
    reduced_size: Option<bool>,
    dump: Option<PathBuf>,
    stats_every: Option<Time>,
    http: Option<Address>,
    control: Option<Address>,
}

/// An address and port, or a name and port.
#[derive(Clone, Copy, Debug)]
struct Address(SocketAddr);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        address(&text).map(Self).map_err(|error| D::Error::custom(format!("{text:?}: {error}")))
    }
}

/// A duration as people write it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(Duration);

impl From<Time> for Duration {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = humantime::parse_duration(&text);
        time.map(Self)
            .map_err(|error| D::Error::custom(format!("{text:?}: {error}; for example \"1s\" or \"500ms\"")))
    }
}

/// A codec, its clock and its channels.
#[derive(Clone, Debug)]
struct Encoding(Codec, Option<u8>);

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wanted = || D::Error::custom(format!("{text:?} is not NAME/RATE, such as \"VP8/90000\""));
        let codec = text.parse().map_err(|_| wanted())?;
        Ok(Self(codec, channels(&text)))
    }
}

fn hosts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hosts>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(D::Error::custom)
}

impl Config {
    pub(super) fn read(path: &Path) -> Result<Self, RelayError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| RelayError::ConfigFile { path: path.to_owned(), error })?;
        toml::from_str(&text)
            .map_err(|error| RelayError::Config { path: path.to_owned(), error: Box::new(error) })
    }

    pub(super) fn stats_every(&self) -> Option<Duration> {
        self.relay.stats_every.map(|time| time.0)
    }

    pub(super) fn sdp(&self) -> Option<&Path> {
        self.source.sdp.as_deref()
    }

    pub(super) fn http(&self) -> Option<SocketAddr> {
        self.relay.http.map(|address| address.0)
    }

    pub(super) fn control(&self) -> Option<SocketAddr> {
        self.relay.control.map(|address| address.0)
    }

    /// The relay that the file describes, listening at `listen` if that is given, with targets at `to` besides its own.
    pub(super) fn options(
        &self,
        listen: Option<SocketAddr>,
        to: &[SocketAddr],
    ) -> Result<RelayOptions, OptionsError> {
        let listen = listen.or(self.source.listen.map(|address| address.0));
        let listen = listen.ok_or_else(|| {
            OptionsError::new(
                "--listen",
                "missing",
                "say where packets shall come in, such as --listen 0.0.0.0:5004",
            )
        })?;
        let limit = self.limit.limit();
        let targets = self.target.iter().map(|target| target.options(limit));
        let given = to.iter().map(|to| TargetOptions { limit, ..TargetOptions::new(*to) });
        let targets = targets.chain(given).collect();
        let mut options = RelayOptions::new(self.source.options(listen, limit), targets);
        options.streams = self.stream.iter().map(StreamTable::rule).collect();
        let RelayTable { max_streams, new_streams, history_bytes, .. } = self.relay;
        let RelayTable { history, takeover, keyframe_interval, reduced_size, .. } = self.relay;
        set(&mut options.max_streams, max_streams);
        set(&mut options.new_streams, new_streams);
        set(&mut options.history_bytes, history_bytes);
        set(&mut options.history, history.map(|time| time.0));
        set(&mut options.takeover, takeover.map(|time| time.0));
        set(&mut options.keyframe_interval, keyframe_interval.map(|time| time.0));
        set(&mut options.reduced_size, reduced_size);
        options.dump = self.relay.dump.clone();
        Ok(options)
    }
}

impl SourceTable {
    fn options(&self, listen: SocketAddr, limit: LegLimit) -> SourceOptions {
        let mut options = SourceOptions::new(listen);
        set(&mut options.rtcp, self.rtcp);
        options.rtcp_to = self.rtcp_to.map(|address| address.0);
        options.from.clone_from(&self.from);
        set(&mut options.nack, self.nack);
        set(&mut options.rtx, self.rtx);
        set(&mut options.fec, self.fec);
        set(&mut options.xr, self.xr);
        options.limit = self.limit.map_or(limit, LimitTable::limit);
        options
    }
}

impl TargetTable {
    fn options(&self, limit: LegLimit) -> TargetOptions {
        let mut options = TargetOptions::new(self.to.0);
        options.from = self.from.map(|address| address.0);
        set(&mut options.rtcp, self.rtcp);
        options.rtcp_to = self.rtcp_to.map(|address| address.0);
        set(&mut options.nack, self.nack);
        set(&mut options.rtx, self.rtx);
        set(&mut options.fec, self.fec);
        set(&mut options.fec_deadline, self.fec_deadline.map(|time| time.0));
        set(&mut options.fec_receiver, self.fec_receiver);
        options.limit = self.limit.map_or(limit, LimitTable::limit);
        options
    }
}

impl StreamTable {
    fn rule(&self) -> StreamRule {
        let Self { pt, ssrc, codec, fmtp, rtx, rtx_ssrc, fec, fec_scheme, fec_ssrc, nack } = self.clone();
        let (codec, channels) =
            codec.map_or((None, None), |Encoding(codec, channels)| (Some(codec), channels));
        let payload_type = pt;
        StreamRule {
            payload_type,
            ssrc,
            codec,
            channels,
            fmtp,
            rtx,
            rtx_ssrc,
            fec,
            fec_scheme,
            fec_ssrc,
            nack,
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use interceptor_flexfec::Code;

    use super::*;
    use crate::relay::Over;

    const FILE: &str = r#"
        [source]
        listen = "127.0.0.1:5004"
        rtcp_to = "127.0.0.1:5009"
        from = "192.0.2.0/24"
        xr = false

        [[target]]
        to = "127.0.0.1:6004"
        from = "127.0.0.1:6100"
        rtcp = "mux"
        rtx = false
        fec = "dense 40+5"
        fec_deadline = "300ms"
        fec_receiver = "elimination"

        [target.limit]
        stream_packets_per_second = 200
        burst = "20ms"

        [[stream]]
        pt = 96
        codec = "VP8/90000"
        rtx = 97
        fec = 49
        fec_scheme = "flexfec"

        [[stream]]
        pt = 96
        fec_ssrc = 5
        ssrc = 0x11223344
        nack = false

        [limit]
        bits_per_second = 1_500_000
        over = "wait"

        [relay]
        max_streams = 8
        new_streams = 16
        history_bytes = 2000000
        history = "2s"
        http = "127.0.0.1:8080"
        control = "127.0.0.1:50051"
    "#;

    #[test]
    fn a_file_says_what_each_leg_and_stream_is() {
        let config: Config = toml::from_str(FILE).unwrap();
        let options = config.options(None, &["127.0.0.1:7004".parse().unwrap()]).unwrap();
        assert_eq!((options.source.listen.port(), options.source.rtcp_to.unwrap().port()), (5004, 5009));
        assert!(!options.source.xr && options.source.nack);
        let [file, line] = &options.targets[..] else { panic!("two targets") };
        assert_eq!((file.rtcp, file.rtx, file.from.unwrap().port()), (RtcpMode::Mux, RtxMode::Off, 6100));
        let for_all = LegLimit::default().with_bits_per_second(1_500_000).with_over(Over::Wait);
        assert_eq!((options.source.limit, line.limit), (for_all, for_all));
        let own = LegLimit {
            stream_packets_per_second: Some(200),
            burst: Duration::from_millis(20),
            ..LegLimit::default()
        };
        assert_eq!(file.limit, own, "a leg that has a limit of its own takes nothing from the others'");
        let plain = TargetOptions::new("127.0.0.1:7004".parse().unwrap());
        assert_eq!(*line, TargetOptions { limit: for_all, ..plain });
        assert_eq!(file.fec, FecMode::Fixed(Code::Dense { n: 40, f: 5 }));
        assert_eq!((file.fec_deadline.as_millis(), file.fec_receiver), (300, FecReceiver::Elimination));
        let [general, own] = &options.streams[..] else { panic!("two rules") };
        assert_eq!((general.fec, general.fec_scheme), (Some(49), Some(FecScheme::FlexFec)));
        assert_eq!((own.fec, own.fec_ssrc), (None, Some(5)));
        assert_eq!((options.streams[0].rtx, options.streams[1].ssrc), (Some(97), Some(0x1122_3344)));
        assert_eq!((options.max_streams, options.history), (8, Duration::from_secs(2)));
        assert_eq!((options.new_streams, options.history_bytes), (16, 2_000_000));
        assert!(options.source.from.unwrap().contains("192.0.2.9".parse().unwrap()));
        assert_eq!((config.http().unwrap().port(), config.control().unwrap().port()), (8080, 50_051));
        let other = config.options(Some("127.0.0.1:1".parse().unwrap()), &[]).unwrap();
        assert_eq!(other.source.listen.port(), 1, "the command line goes first");
    }

    #[test]
    fn rtx_of_a_target_is_a_word_or_yes_or_no() {
        for (text, mode) in [
            ("", RtxMode::Auto),
            ("rtx = true", RtxMode::On),
            ("rtx = false", RtxMode::Off),
            ("rtx = \"auto\"", RtxMode::Auto),
        ] {
            let file =
                format!("[source]\nlisten = \"127.0.0.1:1\"\n[[target]]\nto = \"127.0.0.1:2\"\n{text}");
            let config: Config = toml::from_str(&file).unwrap();
            assert_eq!(config.options(None, &[]).unwrap().targets[0].rtx, mode, "{text}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (text, complaint) in [
            ("[source]\nlissen = \"a\"", "lissen"),
            ("[[target]]\nfrom = \"127.0.0.1:1\"", "`to`"),
            ("[relay]\nhistory = \"soon\"", "500ms"),
            ("[source]\nrtcp = \"both\"", "`mux`"),
            ("[source]\nfrom = \"192.0.2.0/40\"", "192.0.2.0/24"),
            ("[[stream]]\npt = 96\ncodec = \"VP8\"", "VP8/90000"),
            ("[source]\nlisten = \"5004\"", "192.0.2.7:5004"),
            ("[[target]]\nto = \"127.0.0.1:1\"\nrtx = \"maybe\"", "auto"),
            ("[[target]]\nto = \"127.0.0.1:1\"\nrtx = 1", "auto"),
            ("[[target]]\nto = \"127.0.0.1:1\"\nfec = \"on\"", "adaptive"),
            ("[[target]]\nto = \"127.0.0.1:1\"\nfec_receiver = \"all\"", "`peeling`"),
            ("[[stream]]\npt = 96\nfec_scheme = \"ulpfec\"", "flexfec-03"),
            ("[limit]\nbits = 7", "bits_per_second"),
            ("[source.limit]\nover = \"mark\"", "`wait`"),
        ] {
            let error = toml::from_str::<Config>(text).unwrap_err().to_string();
            assert!(error.contains(complaint) && error.contains("line"), "{error}");
        }
        assert!(Config::default().options(None, &[]).unwrap_err().to_string().contains("--listen"));
    }
}
