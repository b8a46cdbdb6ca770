//! Where the answering end is reached, and how it proves who it is.

use std::net::SocketAddr;

use crate::section::{Connectivity, Section};

use super::AnswerError;

/// The transport of the answering end: its address, what it has for ICE and for DTLS. All of it comes from who owns the sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Where packets are wanted; `None` leaves it to the candidates (port 9 of no address).
    pub address: Option<SocketAddr>,
    /// Is it an ICE-lite agent (RFC 8445 §2.5), which answers checks and makes none?
    pub ice_lite: bool,
    /// `a=ice-ufrag`; empty without ICE.
    pub ufrag: String,
    /// `a=ice-pwd`.
    pub password: String,
    /// The values of `a=candidate`. Complete: the answer says that no more will come.
    pub candidates: Vec<String>,
    /// The values of `a=fingerprint`.
    pub fingerprints: Vec<String>,
    /// `active` or `passive`: who opens the DTLS connection. Empty lets the offer decide, and where that leaves the choice opens it
    /// from this end (RFC 8842 §5.3).
    pub setup: String,
}

impl Endpoint {
    /// Packets are wanted at this address.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }

    /// It is an ICE-lite agent with these credentials; its one candidate is its address. More are added by
    /// [`with_candidate`](Self::with_candidate).
    #[must_use]
    pub fn with_ice_lite(mut self, ufrag: impl Into<String>, password: impl Into<String>) -> Self {
        self.ice_lite = true;
        if let Some(address) = self.address {
            self.candidates.push(host_candidate(address));
        }
        self.with_ice(ufrag, password)
    }

    /// It is a full ICE agent with these credentials.
    #[must_use]
    pub fn with_ice(mut self, ufrag: impl Into<String>, password: impl Into<String>) -> Self {
        self.ufrag = ufrag.into();
        self.password = password.into();
        self
    }

    /// One more candidate: the value of `a=candidate`.
    #[must_use]
    pub fn with_candidate(mut self, candidate: impl Into<String>) -> Self {
        self.candidates.push(candidate.into());
        self
    }

    /// The fingerprint of its certificate, such as `sha-256 AB:CD:…`.
    #[must_use]
    pub fn with_fingerprint(mut self, fingerprint: impl Into<String>) -> Self {
        self.fingerprints.push(fingerprint.into());
        self
    }

    /// Who opens the DTLS connection: `active` for this end, `passive` for the other.
    #[must_use]
    pub fn with_setup(mut self, setup: impl Into<String>) -> Self {
        self.setup = setup.into();
        self
    }

    /// What the answer to a section says of it: of ICE only to who offers it (RFC 8839 §4.2.1).
    pub(super) fn connectivity(&self, offered: &Section) -> Result<Connectivity, AnswerError> {
        let mut connectivity = Connectivity::default();
        if !offered.connectivity.ufrag.is_empty() {
            connectivity.ufrag.clone_from(&self.ufrag);
            connectivity.password.clone_from(&self.password);
            connectivity.candidates.clone_from(&self.candidates);
        }
        if offered.is_dtls() {
            if self.fingerprints.is_empty() {
                let (section, proto) = (offered.index, offered.proto.clone());
                return Err(AnswerError::NoFingerprint { section, proto });
            }
            connectivity.fingerprints.clone_from(&self.fingerprints);
            connectivity.setup = self.setup_for(offered)?;
        }
        Ok(connectivity)
    }

    /// RFC 8842 §5.3, RFC 4145 §4.1.
    fn setup_for(&self, offered: &Section) -> Result<String, AnswerError> {
        let theirs = &*offered.connectivity.setup;
        let fits: &[&str] = match theirs {
            "active" => &["passive"],
            "passive" => &["active"],
            // An offer that says nothing says `active` (RFC 4145 §4).
            "" => &["passive", "active"],
            _ => &["active", "passive"],
        };
        let ours = Some(&*self.setup).filter(|setup| !setup.is_empty()).or(fits.first().copied());
        let ours = ours.unwrap_or_default();
        if fits.contains(&ours) {
            return Ok(ours.to_owned());
        }
        let (ours, theirs) = (ours.to_owned(), theirs.to_owned());
        Err(AnswerError::Setup { section: offered.index, ours, theirs })
    }
}

/// The highest priority of a host's only address (RFC 8445 §5.1.2.1).
const HOST_PRIORITY: u32 = 2_130_706_431;

fn host_candidate(address: SocketAddr) -> String {
    format!("1 1 udp {HOST_PRIORITY} {} {} typ host", address.ip(), address.port())
}
