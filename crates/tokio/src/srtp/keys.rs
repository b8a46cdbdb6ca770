//! Protection profiles, and the keys that a caller brings.

use std::fmt;

use webrtc_srtp::protection_profile::ProtectionProfile;

use super::SrtpError;

/// How packets are encrypted and authenticated. The values are those of the DTLS extension `use_srtp` (RFC 5764 §4.1.2, RFC 7714
/// §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u16)]
pub enum SrtpProfile {
    /// AES-128 in counter mode, HMAC-SHA1 with a tag of 80 bits: what everybody has (RFC 3711, RFC 8827 §6.5).
    Aes128CmHmacSha1_80 = 0x0001,
    /// The same with a tag of 32 bits on RTP, for links that count bytes; SRTCP has 80 bits.
    Aes128CmHmacSha1_32 = 0x0002,
    /// AES-128-GCM (RFC 7714). A number of an SSRC must be sent with one content only (§8.4): a retransmission on the media's own SSRC
    /// that has got another header extension on the way, such as a new transport-wide number, gives away what tags are made with.
    /// Negotiate RTX, which has an SSRC and numbers of its own.
    AeadAes128Gcm = 0x0007,
    /// AES-256-GCM (RFC 7714); for retransmissions see [`AeadAes128Gcm`](Self::AeadAes128Gcm).
    AeadAes256Gcm = 0x0008,
}

impl SrtpProfile {
    /// The profile of this number in `use_srtp`, as a DTLS handshake or SDES has agreed on it; `None`: not supported.
    #[must_use]
    pub const fn from_id(id: u16) -> Option<Self> {
        Some(match id {
            0x0001 => Self::Aes128CmHmacSha1_80,
            0x0002 => Self::Aes128CmHmacSha1_32,
            0x0007 => Self::AeadAes128Gcm,
            0x0008 => Self::AeadAes256Gcm,
            _ => return None,
        })
    }

    /// The length of a master key, in bytes.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            _ => 16,
        }
    }

    /// The length of a master salt, in bytes.
    #[must_use]
    pub const fn salt_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
            _ => 14,
        }
    }

    /// Bytes that RTP packets grow by: the authentication tag.
    #[must_use]
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Self::Aes128CmHmacSha1_80 => 10,
            Self::Aes128CmHmacSha1_32 => 4,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
        }
    }

    /// Bytes that RTCP compounds grow by: the SRTCP index (4) and the authentication tag.
    #[must_use]
    pub const fn rtcp_overhead(self) -> usize {
        match self {
            Self::Aes128CmHmacSha1_80 | Self::Aes128CmHmacSha1_32 => 14,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 20,
        }
    }

    pub(super) const fn theirs(self) -> ProtectionProfile {
        match self {
            Self::Aes128CmHmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
            Self::Aes128CmHmacSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
            Self::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
            Self::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
        }
    }
}

/// A master key with its salt, of the lengths that the profile says. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct SrtpMaster {
    /// The key.
    pub key: Vec<u8>,
    /// The salt.
    pub salt: Vec<u8>,
}

impl fmt::Debug for SrtpMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpMaster").finish_non_exhaustive()
    }
}

/// The keys of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SrtpKeys {
    /// How packets are protected.
    pub profile: SrtpProfile,
    /// What this end encrypts with.
    pub local: SrtpMaster,
    /// What the peer encrypts with.
    pub remote: SrtpMaster,
}

impl SrtpKeys {
    /// Keys from wherever the caller has them: SDES, a configuration, a test.
    #[must_use]
    pub const fn new(profile: SrtpProfile, local: SrtpMaster, remote: SrtpMaster) -> Self {
        Self { profile, local, remote }
    }

    /// Keys from what a DTLS handshake exports under the label `EXTRACTOR-dtls_srtp` (RFC 5764 §4.2): the client's key, the server's
    /// key, the client's salt, the server's salt. `client`: this end was the DTLS client.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`]: `exported` is not two keys and two salts of the profile long.
    pub fn from_dtls(profile: SrtpProfile, exported: &[u8], client: bool) -> Result<Self, SrtpError> {
        let (key, salt) = (profile.key_bytes(), profile.salt_bytes());
        let expected = 2 * (key + salt);
        if exported.len() != expected {
            return Err(SrtpError::KeyLength { found: exported.len(), expected });
        }
        let (keys, salts) = exported.split_at(2 * key);
        let ((client_key, server_key), (client_salt, server_salt)) =
            (keys.split_at(key), salts.split_at(salt));
        let master = |key: &[u8], salt: &[u8]| SrtpMaster { key: key.to_vec(), salt: salt.to_vec() };
        let (ours, theirs) = (master(client_key, client_salt), master(server_key, server_salt));
        let (local, remote) = if client { (ours, theirs) } else { (theirs, ours) };
        Ok(Self { profile, local, remote })
    }
}

#[cfg(test)]
mod tests {
    use super::{SrtpKeys, SrtpProfile};

    #[test]
    fn what_dtls_exports_is_cut_in_the_order_of_rfc_5764() {
        for profile in [SrtpProfile::Aes128CmHmacSha1_80, SrtpProfile::AeadAes256Gcm] {
            let (key, salt) = (profile.key_bytes(), profile.salt_bytes());
            let exported: Vec<u8> = [vec![1; key], vec![2; key], vec![3; salt], vec![4; salt]].concat();
            let client = SrtpKeys::from_dtls(profile, &exported, true).unwrap();
            assert_eq!((&client.local.key, &client.local.salt), (&vec![1; key], &vec![3; salt]));
            assert_eq!((&client.remote.key, &client.remote.salt), (&vec![2; key], &vec![4; salt]));
            let server = SrtpKeys::from_dtls(profile, &exported, false).unwrap();
            assert_eq!((server.local, server.remote), (client.remote, client.local));
            assert!(SrtpKeys::from_dtls(profile, &exported[1..], true).is_err());
        }
    }

    #[test]
    fn a_profile_is_found_by_its_number_and_keys_are_not_printed() {
        for id in 0..=u16::MAX {
            assert!(SrtpProfile::from_id(id).is_none_or(|profile| profile as u16 == id));
        }
        let keys = SrtpKeys::from_dtls(SrtpProfile::Aes128CmHmacSha1_80, &[77; 60], true).unwrap();
        assert!(!format!("{keys:?}").contains("77"));
    }
}
