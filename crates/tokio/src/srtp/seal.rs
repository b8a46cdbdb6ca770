//! One packet encrypted or decrypted, and what the library that does it must not be left to.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use interceptor_packet::Kind;
use webrtc_srtp::Error;
use webrtc_srtp::context::Context;
use webrtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};

use super::SrtpError;
use super::counters::Refusal;
use super::keys::{SrtpMaster, SrtpProfile};
use super::numbers::Numbers;
use super::options::SrtpOptions;
use super::shape::{is_encrypted, is_srtcp, rtp_header, rtp_number, ssrc};

/// SSRCs tried before the context that tries them is made anew.
const MAX_TRIED: usize = 32;

/// Encrypts what leaves.
pub(super) struct Sealer {
    context: Context,
}

impl Sealer {
    pub(super) fn new(profile: SrtpProfile, master: &SrtpMaster) -> Result<Self, SrtpError> {
        Ok(Self { context: context(profile, master, None)? })
    }

    /// One RTP packet or RTCP compound; `None`: it is none, or the key may encrypt no more of its SSRC.
    pub(super) fn seal(&mut self, kind: Kind, datagram: &[u8]) -> Option<Bytes> {
        if kind == Kind::Rtp {
            let header = rtp_header(datagram, 0)?;
            return self.context.encrypt_rtp_with_header(datagram, &header).ok();
        }
        self.context.encrypt_rtcp(datagram).ok()
    }
}

/// Decrypts what comes.
///
/// The library's context keeps a state for each SSRC that it sees, starts its replay window at the first number that it sees, and
/// both before it knows who sent them: a single made-up packet would keep the true ones out, and many would fill the memory. So it
/// sees an SSRC only once another context, which is thrown away now and then, has found one of its packets to be the peer's. Its
/// window counts 16-bit numbers: a true packet sent again when it is half of them old would be new to it, and would take the window
/// back there. So what is older than the window by its whole index is refused here.
pub(super) struct Opener {
    profile: SrtpProfile,
    master: SrtpMaster,
    max_ssrcs: usize,
    replay_window: usize,
    context: Context,
    rtp: HashMap<u32, Numbers>,
    rtcp: HashSet<u32>,
    trial: Context,
    tried: usize,
}

impl Opener {
    pub(super) fn new(
        profile: SrtpProfile,
        master: SrtpMaster,
        options: &SrtpOptions,
    ) -> Result<Self, SrtpError> {
        Ok(Self {
            context: context(profile, &master, Some(options.replay_window))?,
            trial: context(profile, &master, None)?,
            profile,
            master,
            max_ssrcs: options.max_ssrcs,
            replay_window: options.replay_window,
            rtp: HashMap::new(),
            rtcp: HashSet::new(),
            tried: 0,
        })
    }

    pub(super) fn open(&mut self, kind: Kind, datagram: &[u8]) -> Result<Bytes, Refusal> {
        let ssrc = ssrc(kind, datagram).ok_or(Refusal::Malformed)?;
        if kind != Kind::Rtp {
            if !self.rtcp.contains(&ssrc) {
                self.try_first(self.rtcp.len(), kind, datagram)?;
                self.rtcp.insert(ssrc);
            }
            return decrypt(&mut self.context, self.profile, kind, datagram);
        }
        let number = rtp_number(datagram).ok_or(Refusal::Malformed)?;
        if !self.rtp.contains_key(&ssrc) {
            self.try_first(self.rtp.len(), kind, datagram)?;
        }
        let numbers = self.rtp.entry(ssrc).or_insert_with(|| Numbers::from_first(number));
        let index = numbers.index(number);
        if numbers.is_past(index, self.replay_window) {
            return Err(Refusal::Replayed);
        }
        let decrypted = decrypt(&mut self.context, self.profile, kind, datagram)?;
        numbers.accept(index);
        Ok(decrypted)
    }

    /// Is the first packet of one more SSRC the peer's?
    fn try_first(&mut self, known: usize, kind: Kind, datagram: &[u8]) -> Result<(), Refusal> {
        if known >= self.max_ssrcs {
            return Err(Refusal::TooManySsrcs);
        }
        self.renew_trial();
        decrypt(&mut self.trial, self.profile, kind, datagram).map(drop)
    }

    fn renew_trial(&mut self) {
        self.tried += 1;
        if self.tried > MAX_TRIED
            && let Ok(trial) = context(self.profile, &self.master, None)
        {
            (self.trial, self.tried) = (trial, 1);
        }
    }
}

fn context(
    profile: SrtpProfile,
    master: &SrtpMaster,
    replay_window: Option<usize>,
) -> Result<Context, SrtpError> {
    for (found, expected) in
        [(master.key.len(), profile.key_bytes()), (master.salt.len(), profile.salt_bytes())]
    {
        if found != expected {
            return Err(SrtpError::KeyLength { found, expected });
        }
    }
    let (rtp, rtcp) = (replay_window.map(srtp_replay_protection), replay_window.map(srtcp_replay_protection));
    Context::new(&master.key, &master.salt, profile.theirs(), rtp, rtcp)
        .map_err(|error| SrtpError::Setup(Box::new(error)))
}

fn decrypt(
    context: &mut Context,
    profile: SrtpProfile,
    kind: Kind,
    datagram: &[u8],
) -> Result<Bytes, Refusal> {
    let decrypted = if kind == Kind::Rtp {
        let header = rtp_header(datagram, profile.rtp_overhead()).ok_or(Refusal::Malformed)?;
        context.decrypt_rtp_with_header(datagram, &header)
    } else {
        // The library would index beyond the end of a shorter one.
        if !is_srtcp(datagram, profile) {
            return Err(Refusal::Malformed);
        }
        // And would take this for the peer's without a look at its tag.
        if !is_encrypted(datagram, profile) {
            return Err(Refusal::Unauthenticated);
        }
        context.decrypt_rtcp(datagram)
    };
    decrypted.map_err(|error| match error {
        Error::SrtpSsrcDuplicated(..) | Error::SrtcpSsrcDuplicated(..) => Refusal::Replayed,
        _ => Refusal::Unauthenticated,
    })
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
