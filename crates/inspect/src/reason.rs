//! The sentences that say why no stream was found.

use std::fmt;

use super::problem::Problem;

/// Says it for people.
pub(super) fn say(problem: &Problem, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
