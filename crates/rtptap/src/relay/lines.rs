//! What the command prints: tables for people, or a JSON object a line.

use std::net::SocketAddr;

use serde::Serialize;

use super::table::relay_table;
use super::{Relay, RelayError, RelayStats};

/// What `--json` prints, one object a line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line<'a> {
    Started {
        listen: SocketAddr,
        from: Vec<SocketAddr>,
        http: Option<SocketAddr>,
        #[serde(skip_serializing_if = "Option::is_none")]
        control: Option<SocketAddr>,
    },
    Stats(&'a RelayStats),
    Summary {
        files: &'a [String],
        #[serde(flatten)]
        stats: &'a RelayStats,
    },
}

/// Where it listens besides.
#[derive(Clone, Copy, Default)]
pub(super) struct Served {
    pub(super) http: Option<SocketAddr>,
    pub(super) control: Option<SocketAddr>,
}

/// How a relay is shown.
#[derive(Clone, Copy)]
pub(super) enum Lines {
    Table,
    Json,
}

impl Lines {
    pub(super) const fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Table }
    }

    /// On standard output; tables have an [`announcement`] on standard error instead.
    pub(super) fn started(self, relay: &Relay, served: Served) -> Result<Option<String>, RelayError> {
        let Served { http, control } = served;
        let from = relay.from_addrs().collect();
        let started = || Line::Started { listen: relay.listen_addr(), from, http, control };
        match self {
            Self::Table => Ok(None),
            Self::Json => started().text().map(Some),
        }
    }

    pub(super) fn stats(self, stats: &RelayStats) -> Result<String, RelayError> {
        match self {
            Self::Table => Ok(format!("{:.0} s\n{}\n", stats.uptime, relay_table(stats))),
            Self::Json => Line::Stats(stats).text(),
        }
    }

    pub(super) fn summary(self, stats: &RelayStats) -> Result<String, RelayError> {
        let files = stats.capture.as_ref().map_or(&[][..], |capture| &capture.files);
        match self {
            Self::Table => Ok(files.iter().fold(relay_table(stats), |text, file| text + file + "\n")),
            Self::Json => Line::Summary { files, stats }.text(),
        }
    }

    /// The line that stands for figures that were not printed.
    pub(super) fn left_out(self) -> fn(u64) -> String {
        match self {
            Self::Table => |count| format!("{count} tables are left out: they were not read\n\n"),
            Self::Json => |count| format!("{{\"event\":\"omitted\",\"count\":{count}}}\n"),
        }
    }
}

impl Line<'_> {
    fn text(&self) -> Result<String, RelayError> {
        let text = serde_json::to_string(self).map_err(std::io::Error::from)?;
        Ok(text + "\n")
    }
}

/// What stands on standard error when a relay has started.
pub(super) fn announcement(relay: &Relay, served: Served) -> String {
    let mut text = relay.describe() + "\n";
    if let Some(control) = served.control {
        text += &format!("rtptap control {control} watch, or any client of rtptap.v1.Relay\n");
    }
    if let Some(http) = served.http {
        text += &format!("http://{http}/stats and http://{http}/metrics\n");
    }
    text
}
