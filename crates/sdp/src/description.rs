//! A session description: its text, and its sections.

use std::fmt;

use sdp_types::Session;

use crate::error::Reason;
use crate::read::Lines;
use crate::{ReadOptions, SdpError, Section, read};

/// A session description that has been read: the lines as they are, and what they say of media.
///
/// ```
/// let text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=video 5004 RTP/AVPF 96\r\na=rtpmap:96 VP8/90000\r\n";
/// let description: interceptor_sdp::Description = text.parse()?;
/// assert_eq!(description.sections()[0].formats[0].name, "VP8");
/// assert_eq!(description.to_string(), text);
/// # Ok::<(), interceptor_sdp::SdpError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    session: Session,
    sections: Vec<Section>,
    skipped: Vec<SdpError>,
}

impl Description {
    /// Reads a description. What comes before its first line `v=0` is passed over: ffmpeg prints a line `SDP:` there.
    ///
    /// # Errors
    /// The first line that makes no sense, with the reason; or more of something than [`ReadOptions`] has by default.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        Self::parse_with(text, &ReadOptions::default())
    }

    /// Reads a description; `options` say how much of it.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, options: &ReadOptions) -> Result<Self, SdpError> {
        if text.len() > options.max_bytes {
            return Err(SdpError::new(None, Reason::TooLong { max: options.max_bytes }));
        }
        let start = start(text).ok_or(SdpError::new(None, Reason::NoDescription))?;
        let (before, body) = text.split_at(start);
        let before = before.matches('\n').count();
        let shift = |error: SdpError| error.shifted(before);
        let session = Session::parse(body.as_bytes()).map_err(|error| shift(error.into()))?;
        let mut read = Self::read(session, Some(body), options).map_err(shift)?;
        read.skipped = read.skipped.into_iter().map(shift).collect();
        Ok(read)
    }

    /// Reads the attributes of a session that has been parsed, or made.
    ///
    /// # Errors
    /// The first attribute that makes no sense; no line is known of it.
    pub fn from_session(session: Session) -> Result<Self, SdpError> {
        Self::read(session, None, &ReadOptions::default())
    }

    fn read(session: Session, text: Option<&str>, options: &ReadOptions) -> Result<Self, SdpError> {
        let (sections, skipped) =
            read::sections(&session, options).map_err(|flaw| flaw.located(text.map(Lines::of).as_ref()))?;
        let lines = text.filter(|_| !skipped.is_empty()).map(Lines::of);
        let skipped = skipped.into_iter().map(|flaw| flaw.located(lines.as_ref())).collect();
        Ok(Self { session, sections, skipped })
    }

    /// The lines. [`Display`](fmt::Display) writes them.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The lines, to change them.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.session
    }

    /// The media sections, in their order.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The media section with this identification.
    #[must_use]
    pub fn section(&self, mid: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.mid == mid)
    }

    /// The attributes that [`skip_malformed`](ReadOptions::skip_malformed) has passed over.
    #[must_use]
    pub fn skipped(&self) -> &[SdpError] {
        &self.skipped
    }

    /// The `a=mid` of the sections that share a transport, a list a group (`a=group:BUNDLE`, RFC 8843).
    pub fn bundles(&self) -> impl Iterator<Item = Vec<&str>> {
        self.values("group").filter_map(|value| {
            let mut words = value.split_whitespace();
            let is_bundle = words.next()?.eq_ignore_ascii_case("BUNDLE");
            is_bundle.then(|| words.collect())
        })
    }

    /// Is its author an ICE-lite agent (RFC 8445 §2.5)?
    #[must_use]
    pub fn is_ice_lite(&self) -> bool {
        self.session.has_attribute("ice-lite")
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.session.get_attribute_values(name).flatten()
    }
}

/// Where the line `v=0` begins.
fn start(text: &str) -> Option<usize> {
    let mut found = text.match_indices("v=0").map(|(at, _)| at);
    found.find(|at| text.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with('\n')))
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.session, f)
    }
}

impl std::str::FromStr for Description {
    type Err = SdpError;

    fn from_str(text: &str) -> Result<Self, SdpError> {
        Self::parse(text)
    }
}
