//! Descriptions for those who only listen: players, recorders, analysers.

mod delivery;
mod section;

use std::net::{IpAddr, Ipv4Addr};

use interceptor_core::ChainError;
use sdp_types::{Origin, Session, Time};

pub use self::delivery::{Delivery, RtcpAt};
use crate::{Description, SdpError, write};

/// Why streams cannot be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeError {
    /// There is none.
    #[error("there is no stream to describe")]
    NoStream,
    /// Nothing is known of what its payload types mean, or of their clocks.
    #[error("stream {at}: nothing is known of {what}")]
    Unknown {
        /// Its place, from 0.
        at: usize,
        /// What is not known.
        what: String,
    },
    /// It is none that can be.
    #[error("stream {at}: {source}")]
    Invalid {
        /// Its place, from 0.
        at: usize,
        /// What is wrong with it.
        source: ChainError,
    },
    /// What was given does not read as it was meant.
    #[error("what was given cannot be written: {0}")]
    Unwritable(#[from] SdpError),
}

/// Writes the description of streams for who receives them, a section each, in the form that ffplay, GStreamer's `sdpdemux` and VLC
/// take. All of them open a port for each section: what comes to one port needs descriptions of its own.
///
/// # Errors
/// A stream cannot be described: nothing is known of its codecs, or it is none that can be.
///
/// ```
/// use interceptor_core::StreamInfo;
/// use interceptor_sdp::{Delivery, describe};
/// let video = StreamInfo::new(0x1122, 96, 90_000).with_mime_type("video/VP8");
/// let description = describe("camera", &[Delivery::new(video, "127.0.0.1:5004".parse()?)])?;
/// assert_eq!(
///     description.to_string(),
///     "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
///      m=video 5004 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=ssrc:4386 cname:-\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn describe(name: &str, deliveries: &[Delivery]) -> Result<Description, DescribeError> {
    let first = deliveries.first().ok_or(DescribeError::NoStream)?.to.ip();
    let shared = deliveries.iter().all(|delivery| delivery.to.ip() == first);
    let mut session = Session::new(Origin::with_ip_addr("0", 0, source(first)), name);
    session.connection = shared.then(|| write::connection(first));
    session.times.push(Time::new(0, 0));
    for (at, delivery) in deliveries.iter().enumerate() {
        let mut media = write::media(&section::of(at, delivery)?);
        if shared {
            media.connections.clear();
        }
        session.medias.push(media);
    }
    Ok(Description::from_session(session)?)
}

/// Who made the session; of an address that is none, nothing can be told.
fn source(address: IpAddr) -> IpAddr {
    if address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address }
}
