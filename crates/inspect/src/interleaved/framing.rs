//! Frames of channels and messages in a stream of bytes (RFC 7826 §14): `$`, a channel, a length, then RTP or RTCP.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::buffer::Buffer;
use super::message::{self, Found, Message};
use super::{Channel, Event};
use crate::Endpoints;
use crate::frame::Datagram;

const HEADER: usize = 4;
/// The longest frame: a gap of more leaves nothing to hold on to.
const LONGEST: usize = HEADER + 65_535;
/// Bytes of a stream in which neither a message nor frames in a row have been found; it is something else.
const MAX_SEARCHED: u64 = 1 << 20;
/// While it is not known where frames begin, higher channels are not taken for any.
const MAX_LIKELY_CHANNEL: u8 = 31;
/// Frames that must follow one that was found by its looks: each is one in ten thousand of arbitrary bytes.
const FOLLOWERS: usize = 2;

/// Which channels a server has given to RTP and which to RTCP.
pub(super) type Channels = BTreeMap<u8, Channel>;

/// Where in its frames and messages a stream is.
#[derive(Debug, Default)]
pub(super) struct Framing {
    buffer: Buffer,
    state: State,
    /// There were frames or messages once.
    is_rtsp: bool,
    searched: u64,
    channels: Channels,
    /// A message came that nobody has heard of.
    is_news: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// The stream begins here: a message, or it is not RTSP.
    Beginning,
    /// Where the next frame begins is not known.
    #[default]
    Searching,
    /// A frame or a message begins at the start of the buffer.
    Following,
    /// Something else than RTSP.
    Dull,
}

/// What stands at a place.
enum Step {
    /// So many bytes are understood.
    Done(usize),
    /// More bytes are needed.
    Wait,
    /// Nothing that belongs there.
    Lost,
}

impl Framing {
    /// The connection begins.
    pub(super) fn begin(&mut self) {
        if !self.is_rtsp {
            self.state = State::Beginning;
        }
    }

    pub(super) const fn is_rtsp(&self) -> bool {
        self.is_rtsp
    }

    pub(super) fn is_dull(&self) -> bool {
        self.state == State::Dull
    }

    pub(super) fn bytes(&self) -> usize {
        self.buffer.cost()
    }

    pub(super) fn take_learnt(&mut self) -> Option<Channels> {
        std::mem::take(&mut self.is_news).then(|| self.channels.clone())
    }

    pub(super) fn learn(&mut self, channels: &Channels) {
        self.channels.extend(channels);
    }

    /// Keeps nothing, and searches anew.
    pub(super) fn reset(&mut self) {
        self.buffer.clear();
        if self.state != State::Dull {
            self.state = State::Searching;
        }
    }

    /// Takes in bytes, and so many that are missing behind them.
    pub(super) fn push(
        &mut self,
        since: Duration,
        data: &[u8],
        missing: usize,
        endpoints: Endpoints,
        out: &mut dyn FnMut(Event<'_>),
    ) {
        let bridged = missing <= LONGEST;
        self.buffer.push(since, data, if bridged { missing } else { 0 });
        let mut at = 0;
        loop {
            let step = match self.state {
                State::Beginning => self.begin_at(at),
                State::Searching => self.search(&mut at),
                State::Following => self.follow(at, endpoints, out),
                State::Dull => Step::Wait,
            };
            match step {
                Step::Done(len) => at += len,
                Step::Wait => break,
                Step::Lost => {
                    self.state = State::Searching;
                    at += 1;
                }
            }
        }
        self.buffer.consume(at);
        if !bridged {
            self.reset();
        }
        if self.state == State::Dull {
            self.buffer.clear();
        }
    }

    fn begin_at(&mut self, at: usize) -> Step {
        let bytes = self.buffer.bytes().get(at..).unwrap_or_default();
        match message::begins(bytes) {
            Some(true) => self.state = State::Following,
            // RTSP may be tunnelled through HTTP.
            Some(false) if bytes.starts_with(b"$") || bytes.starts_with(b"HTTP/") => {
                self.state = State::Searching
            }
            Some(false) => self.state = State::Dull,
            None => return Step::Wait,
        }
        Step::Done(0)
    }

    /// A frame or a message, whose place is certain.
    fn follow(&mut self, at: usize, endpoints: Endpoints, out: &mut dyn FnMut(Event<'_>)) -> Step {
        let bytes = self.buffer.bytes().get(at..).unwrap_or_default();
        match bytes {
            [] => Step::Wait,
            [b'\r' | b'\n', ..] => Step::Done(1),
            [b'$', ..] => self.frame(at, endpoints, out),
            _ => match message::begins(bytes) {
                Some(true) => self.message(at, out),
                Some(false) => Step::Lost,
                None => Step::Wait,
            },
        }
    }

    fn frame(&mut self, at: usize, endpoints: Endpoints, out: &mut dyn FnMut(Event<'_>)) -> Step {
        let bytes = self.buffer.bytes().get(at..).unwrap_or_default();
        let Some(&[_, channel, l0, l1]) = bytes.first_chunk() else { return Step::Wait };
        if self.buffer.present(at..at + HEADER) < HEADER {
            return Step::Lost;
        }
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        let Some(payload) = bytes.get(HEADER..HEADER + len) else { return Step::Wait };
        let place = at + HEADER..at + HEADER + len;
        let since = self.buffer.arrival(place.end.max(1) - 1);
        let payload = payload.get(..self.buffer.present(place)).unwrap_or_default();
        let datagram = Datagram::new(endpoints, payload).with_wire_len(len).declared();
        let told = self.channels.get(&channel).copied();
        let channel = told.unwrap_or(if channel % 2 == 0 { Channel::Even } else { Channel::Other });
        self.is_rtsp = true;
        out(Event::Frame { since, datagram, channel });
        Step::Done(HEADER + len)
    }

    fn message(&mut self, at: usize, out: &mut dyn FnMut(Event<'_>)) -> Step {
        let bytes = self.buffer.bytes().get(at..).unwrap_or_default();
        let whole = |range: Range<usize>| self.buffer.present(range.clone()) == range.len();
        let message = match Message::find(bytes) {
            Found::Message(message) if whole(at..at + message.len()) => message,
            Found::Part if whole(at..at + bytes.len()) => return Step::Wait,
            _ => return Step::Lost,
        };
        // RTP and RTCP may share a channel (RFC 7826 §C.1.6.4): then it says nothing.
        if let Some((rtp, Some(rtcp))) = message.channels() {
            self.channels.extend([(rtp, Channel::Rtp), (rtcp, Channel::Other)]);
        }
        if let Some(session) = message.session() {
            out(Event::Session(session));
        }
        let len = message.len();
        (self.is_rtsp, self.is_news) = (true, true);
        Step::Done(len)
    }

    /// Looks for a message, or for a frame that another one follows, from `at` on.
    fn search(&mut self, at: &mut usize) -> Step {
        let bytes = self.buffer.bytes();
        let began = *at;
        while let Some(rest) = bytes.get(*at..).filter(|rest| !rest.is_empty()) {
            match starts(rest) {
                Some(true) => {
                    self.state = State::Following;
                    return Step::Done(0);
                }
                Some(false) => *at += 1,
                None => break,
            }
        }
        self.searched += (*at - began) as u64;
        if !self.is_rtsp && self.searched > MAX_SEARCHED {
            self.state = State::Dull;
        }
        Step::Wait
    }
}

/// Whether a message begins here, or a frame that others or a message follow; `None`: there are too few bytes to tell.
fn starts(mut bytes: &[u8]) -> Option<bool> {
    for _ in 0..=FOLLOWERS {
        if bytes.first()? != &b'$' {
            return message::begins(bytes);
        }
        let Some(len) = likely_frame(bytes)? else { return Some(false) };
        bytes = bytes.get(len..)?;
    }
    Some(true)
}

/// The length of a frame that may hold RTP or RTCP; the outer `None`: there are too few bytes to tell.
fn likely_frame(bytes: &[u8]) -> Option<Option<usize>> {
    let &[_, channel, l0, l1, first, second] = bytes.first_chunk()?;
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    let is_rtcp = (192..=223).contains(&second);
    let fits = if is_rtcp { len >= 8 && len % 4 == 0 } else { len >= 12 };
    Some((channel <= MAX_LIKELY_CHANNEL && first >> 6 == 2 && fits).then_some(HEADER + len))
}
