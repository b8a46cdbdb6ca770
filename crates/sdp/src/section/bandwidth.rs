//! How much a description's author wants to receive (`b=`).

use sdp_types::Bandwidth as Line;

/// The bandwidth lines of a section or of a whole description; `None` where there is no such line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bandwidth {
    /// `b=AS`, in kilobits per second with IP and UDP headers (RFC 3550 §6.2).
    pub application: Option<u64>,
    /// `b=TIAS`, in bits per second without headers (RFC 3890).
    pub independent: Option<u64>,
    /// `b=CT`, in kilobits per second: of the whole conference (RFC 8866 §5.8).
    pub conference: Option<u64>,
}

impl Bandwidth {
    pub(crate) fn of(lines: &[Line]) -> Self {
        let find = |kind: &str| {
            let line = lines.iter().find(|line| line.bwtype.eq_ignore_ascii_case(kind));
            line.map(|line| line.bandwidth)
        };
        Self { application: find("AS"), independent: find("TIAS"), conference: find("CT") }
    }

    /// What this does not say, as the other says it.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            application: self.application.or(other.application),
            independent: self.independent.or(other.independent),
            conference: self.conference.or(other.conference),
        }
    }

    /// The most that is wanted, in bits per second: what `b=TIAS` says, else `b=AS`.
    #[must_use]
    pub fn bits_per_second(&self) -> Option<u64> {
        self.independent.or_else(|| Some(self.application?.saturating_mul(1000)))
    }
}
