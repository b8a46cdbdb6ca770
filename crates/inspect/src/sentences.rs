//! Problems in words, for people.

use std::fmt;

use super::problem::Problem;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage(damage) => damage.fmt(f),
            Self::MoreDamage { places, .. } => write!(f, "{places} more damaged places"),
            Self::UnknownLinkType { frames, link_types } => {
                write!(f, "{frames} frames of link type {link_types:?}, which is not understood")
            }
            Self::Fragments { packets } => {
                write!(
                    f,
                    "{packets} datagrams whose first fragment is not in the capture, and with it their headers"
                )
            }
            Self::TooMuchTcp { segments } => {
                write!(
                    f,
                    "{segments} TCP segments of more connections than are followed, or with too much missing before them"
                )
            }
            Self::CutOff { .. }
            | Self::Encapsulated { .. }
            | Self::PortUnused { .. }
            | Self::RtspWithoutRtp { .. }
            | Self::NoRtp { .. } => not_found(self, f),
            Self::MalformedRtp { datagrams } => write!(f, "{datagrams} malformed datagrams among RTP"),
            Self::MalformedRtcp { datagrams } => {
                write!(f, "{datagrams} RTCP datagrams with malformed parts")
            }
            Self::EncryptedRtcp { datagrams } => {
                write!(f, "{datagrams} RTCP datagrams are encrypted (SRTCP)")
            }
            Self::Undecided { packets, forgotten: 0 } => {
                write!(f, "{packets} packets that look like RTP, but are too few to be sure")
            }
            Self::Undecided { packets, forgotten } => write!(
                f,
                "{packets} packets that may be RTP: {forgotten} of them were too many to wait until that is sure"
            ),
            Self::TooManyStreams { packets } => {
                write!(f, "{packets} packets of more streams than are told apart")
            }
            Self::UnknownTimes { packets } => {
                write!(
                    f,
                    "when {packets} packets came is not known: no jitter, spacing or drift of their streams"
                )
            }
            Self::ClockGuessed { payload_type, clock_rate } => {
                write!(f, "the clock rate of payload type {payload_type} is guessed to be {clock_rate} Hz")
            }
            Self::TimestampJumps { ssrc, count: 1, largest } => {
                write!(f, "the timestamps of {ssrc:#010x} jump once, by {:.1} s", largest.as_secs_f64())
            }
            Self::TimestampJumps { ssrc, count, largest } => {
                let seconds = largest.as_secs_f64();
                write!(f, "the timestamps of {ssrc:#010x} jump {count} times, by up to {seconds:.1} s")
            }
        }
    }
}

/// Why no stream was found.
fn not_found(problem: &Problem, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match problem {
        Problem::CutOff { datagrams, snaplen } => write!(
            f,
            "{datagrams} datagrams are cut off before the end of the RTP header: captured with a snaplen of {snaplen}"
        ),
        Problem::Encapsulated { encapsulation, frames } => {
            write!(f, "{frames} frames of {encapsulation}, which cannot be looked into")
        }
        Problem::PortUnused { ports, elsewhere } if elsewhere.is_empty() => {
            write!(f, "nothing on {} looks like RTP, nor on any other", named(ports))
        }
        Problem::PortUnused { ports, elsewhere } => {
            write!(
                f,
                "nothing on {} looks like RTP, but what goes to {} does",
                named(ports),
                named(elsewhere)
            )
        }
        Problem::RtspWithoutRtp { ports } => write!(
            f,
            "RTSP on TCP {}, but no RTP in its connections: it may go over UDP, which is not in the capture",
            named(ports)
        ),
        Problem::NoRtp { udp, rtcp, tcp, other, ports } => {
            write!(f, "nothing looks like RTP: there are {udp} UDP datagrams")?;
            if *udp > 0 {
                write!(f, " (most on {})", named(ports))?;
            }
            if *rtcp > 0 {
                write!(f, ", {rtcp} of them perhaps RTCP")?;
            }
            write!(f, ", {tcp} TCP segments, {other} other frames")
        }
        // Any other problem has words of its own.
        _ => Ok(()),
    }
}

/// `port 5004`, `ports 5004, 5006`.
fn named(ports: &[u16]) -> String {
    let numbers: Vec<String> = ports.iter().map(ToString::to_string).collect();
    format!("port{} {}", if ports.len() == 1 { "" } else { "s" }, numbers.join(", "))
}
