//! What can go wrong with a relay, and what to do about it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use interceptor_tokio::{SessionError, SpawnError};

/// Why a relay could not be started, or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// An option does not fit.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The configuration file could not be read.
    #[error("cannot read {}: {error}; check the path given with --config", path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The configuration file does not say what it should.
    #[error("{}: {error}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Where and what.
        error: Box<toml::de::Error>,
    },
    /// The source's session description could not be read.
    #[error("cannot read {}: {error}; check the path given with --sdp", path.display())]
    SdpFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The source's session description does not say what it should.
    #[error("{}: {mistake}", path.display())]
    Sdp {
        /// The file.
        path: PathBuf,
        /// Where, and what to do.
        mistake: String,
    },
    /// A UDP socket could not be had.
    #[error(
        "cannot use UDP port {address} ({what}): {error}; see who has it with `ss -ulpn`, or choose another"
    )]
    Socket {
        /// The address that was wanted.
        address: SocketAddr,
        /// What for.
        what: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// The HTTP port could not be had.
    #[error("cannot serve statistics at {address}: {error}; choose another address with --http")]
    Http {
        /// The address that was wanted.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The port for the control plane could not be had.
    #[error("cannot serve the control plane at {address}: {error}; choose another address with --control")]
    Control {
        /// The address that was wanted.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// It was asked for a control plane that is not in this program.
    #[error(
        "--control is not in this rtptap: build it with `cargo install --path crates/rtptap --features control`"
    )]
    NoControl,
    /// A session could not be started.
    #[error("a session could not be started: {0}")]
    Spawn(#[from] SpawnError),
    /// The capture's options do not fit.
    #[error("cannot capture: {0}; check --dump")]
    Dump(#[from] interceptor_pcap_dump::OptionsError),
    /// The place for captures cannot be written to.
    #[error("cannot make {}: {error}; --dump needs a folder that is there and may be written to", path.display())]
    DumpPath {
        /// The file that was tried.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The capture broke off; the relay went on without it.
    #[error("the capture is incomplete: {0}; check space and permissions where --dump points")]
    Capture(String),
    /// A leg's session broke off.
    #[error("the {leg} leg broke off: {error}")]
    Leg {
        /// `source`, `target-1` and so on.
        leg: String,
        /// Why.
        error: SessionError,
    },
    /// A task of the relay panicked.
    #[error("a task of the relay has ended; this is a mistake in rtptap, and the log says where")]
    TaskEnded,
    /// It was told to end a second time before it had.
    #[error("told to end twice: not all sides may have heard a goodbye, and captures may be incomplete")]
    Hurried,
    /// A signal handler, or the terminal.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An option that does not fit, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option} is {value}: {advice}")]
pub struct OptionsError {
    /// As the command line calls it.
    pub option: &'static str,
    /// What was given.
    pub value: String,
    /// What to do.
    pub advice: String,
}

impl OptionsError {
    pub(crate) fn new(option: &'static str, value: impl ToString, advice: impl Into<String>) -> Self {
        Self { option, value: value.to_string(), advice: advice.into() }
    }
}
