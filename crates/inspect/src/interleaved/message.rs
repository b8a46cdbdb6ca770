//! RTSP's messages (RFC 7826 §5): where they begin and end, and what they say of channels and media.

use crate::sdp::Session;

/// A longer head is none.
pub(super) const MAX_HEAD: usize = 16 << 10;
/// A longer body is not waited for.
pub(super) const MAX_BODY: usize = 64 << 10;
/// Requests that may stand between frames (RFC 7826 §13, RFC 2326 §10).
const METHODS: [&[u8]; 12] = [
    b"OPTIONS ",
    b"DESCRIBE ",
    b"ANNOUNCE ",
    b"SETUP ",
    b"PLAY ",
    b"PLAY_NOTIFY ",
    b"PAUSE ",
    b"RECORD ",
    b"TEARDOWN ",
    b"REDIRECT ",
    b"GET_PARAMETER ",
    b"SET_PARAMETER ",
];
const REPLY: &[u8] = b"RTSP/";

/// Whether a message begins here; `None`: there are too few bytes to tell.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    let starts = METHODS.iter().copied().chain([REPLY]);
    let mut unsure = false;
    for start in starts {
        if bytes.starts_with(start) {
            return Some(true);
        }
        unsure |= start.starts_with(bytes);
    }
    if unsure { None } else { Some(false) }
}

/// A message.
#[derive(Debug)]
pub(super) struct Message<'a> {
    head: &'a [u8],
    body: &'a [u8],
}

/// What is found where a message begins.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Message(Message<'a>),
    /// It goes on.
    Part,
    /// It is none, after all.
    Nothing,
}

impl<'a> Message<'a> {
    pub(super) fn find(bytes: &'a [u8]) -> Found<'a> {
        let end = bytes.windows(4).take(MAX_HEAD).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else { return if bytes.len() < MAX_HEAD { Found::Part } else { Found::Nothing } };
        let (head, rest) = bytes.split_at((end + 4).min(bytes.len()));
        let len = header(head, "content-length").map_or(Some(0), |len| len.parse().ok());
        match len {
            Some(len) if len <= MAX_BODY => match rest.get(..len) {
                Some(body) => Found::Message(Message { head, body }),
                None => Found::Part,
            },
            _ => Found::Nothing,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Which channels a server gives to RTP and to RTCP (RFC 7826 §18.54, `interleaved`).
    pub(super) fn channels(&self) -> Option<(u8, Option<u8>)> {
        if !self.head.starts_with(REPLY) {
            return None;
        }
        let transport = header(self.head, "transport")?;
        let range = transport.split(';').find_map(|part| part.trim().strip_prefix("interleaved="))?;
        let (rtp, rtcp) = range.split_once('-').map_or((range, None), |(rtp, rtcp)| (rtp, Some(rtcp)));
        Some((rtp.trim().parse().ok()?, rtcp.and_then(|rtcp| rtcp.trim().parse().ok())))
    }

    /// The session description in it.
    pub(super) fn session(&self) -> Option<Session> {
        self.body.starts_with(b"v=0").then(|| Session::parse(&String::from_utf8_lossy(self.body)))
    }
}

/// The value of the first header of this name, which is given in small letters.
fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let lines = head.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    headers.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_begin_with_a_method_or_a_version() {
        assert_eq!(begins(b"RTSP/1.0 200 OK"), Some(true));
        assert_eq!(begins(b"GET_PARAMETER rtsp://"), Some(true));
        assert_eq!((begins(b"PLA"), begins(b"R"), begins(b"")), (None, None, None));
        assert_eq!(
            (begins(b"GET / HTTP"), begins(b"$"), begins(b"play ")),
            (Some(false), Some(false), Some(false))
        );
    }

    #[test]
    fn a_message_ends_behind_its_body() {
        let reply = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\ncontent-length:  5\r\n\r\nv=0\r\n$";
        let Found::Message(message) = Message::find(reply) else { unreachable!() };
        assert_eq!((message.len(), message.session().is_some()), (reply.len() - 1, true));
        assert!(matches!(Message::find(&reply[..reply.len() - 2]), Found::Part));
        assert!(matches!(
            Message::find(b"PLAY rtsp://a RTSP/1.0\r\nContent-Length: 9999999\r\n\r\n"),
            Found::Nothing
        ));
        assert!(matches!(
            Message::find(b"PLAY rtsp://a RTSP/1.0\r\nContent-Length: x\r\n\r\n"),
            Found::Nothing
        ));
        assert!(matches!(Message::find(&[b'a'; MAX_HEAD]), Found::Nothing));
    }

    #[test]
    fn channels_are_those_of_the_reply() {
        let channels = |start: &str, transport: &str| {
            let text = format!("{start}\r\nTransport: {transport}\r\n\r\n");
            let Found::Message(message) = Message::find(text.as_bytes()) else { unreachable!() };
            message.channels()
        };
        let reply = |transport| channels("RTSP/1.0 200 OK", transport);
        assert_eq!(reply("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1"), Some((2, Some(3))));
        assert_eq!((reply("RTP/AVP/TCP; interleaved=7"), reply("RTP/AVP;unicast")), (Some((7, None)), None));
        assert_eq!(reply("RTP/AVP/TCP;interleaved=256-257"), None);
        assert_eq!(channels("SETUP rtsp://a RTSP/1.0", "RTP/AVP/TCP;interleaved=2-3"), None);
    }
}
