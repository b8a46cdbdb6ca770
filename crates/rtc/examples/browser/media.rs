//! The streams of a call, each turned round, and the key frames that they need.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::RTCTrackEventInit;
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::Packet;
use rtc::rtp_transceiver::RTCRtpReceiverId;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;

use crate::peer::Returned;
use crate::reflector::{Kind, Reflector};

/// What comes in and what goes back.
#[derive(Debug)]
pub(crate) struct Media {
    audio: Stream,
    video: Stream,
    /// The streams that come in, by track.
    sources: HashMap<String, Source>,
    key_frame_wanted: bool,
    key_frame_asked: Instant,
}

/// A stream on its way back.
#[derive(Debug)]
struct Stream {
    reflector: Reflector,
    returned: Returned,
}

/// A stream that comes in.
#[derive(Clone, Copy, Debug)]
struct Source {
    kind: Kind,
    receiver: RTCRtpReceiverId,
    ssrc: u32,
}

/// The shortest time between two requests for a key frame: a browser's encoder makes none sooner.
const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(300);

impl Media {
    pub(crate) fn new(audio: Returned, video: Returned, now: Instant) -> Self {
        Self {
            audio: Stream { reflector: Reflector::new(Kind::Audio), returned: audio },
            video: Stream { reflector: Reflector::new(Kind::Video), returned: video },
            sources: HashMap::new(),
            key_frame_wanted: false,
            key_frame_asked: now,
        }
    }

    /// A stream begins to come in.
    pub(crate) fn begin(&mut self, connection: &mut RTCPeerConnection, track: RTCTrackEventInit) {
        let Some(receiver) = connection.rtp_receiver(track.receiver_id) else { return };
        let kind = if receiver.track().kind() == RtpCodecKind::Audio { Kind::Audio } else { Kind::Video };
        let source = Source { kind, receiver: track.receiver_id, ssrc: track.ssrc };
        self.sources.insert(track.track_id, source);
    }

    /// Media from the browser.
    pub(crate) fn put(&mut self, track: &str, packet: Packet, now: Instant) {
        match self.sources.get(track).map(|source| source.kind) {
            Some(Kind::Audio) => self.audio.reflector.put(packet, now),
            Some(Kind::Video) => self.video.reflector.put(packet, now),
            None => {}
        }
    }

    /// RTCP from the browser.
    pub(crate) fn hear(&mut self, packets: &[Box<dyn rtc::rtcp::Packet>]) {
        self.key_frame_wanted |= packets
            .iter()
            .map(|packet| packet.as_any())
            .any(|packet| packet.is::<PictureLossIndication>() || packet.is::<FullIntraRequest>());
    }

    /// Something else needs a key frame.
    pub(crate) const fn want_key_frame(&mut self) {
        self.key_frame_wanted = true;
    }

    /// Sends back what is ready.
    pub(crate) fn send_back(&mut self, connection: &mut RTCPeerConnection, now: Instant) {
        for Stream { reflector, returned } in [&mut self.audio, &mut self.video] {
            let Some(mut sender) = connection.rtp_sender(returned.sender) else { continue };
            while let Some(packet) = reflector.take(now) {
                // Both ways have the browser's payload types. One that it has not agreed to is not sent.
                let _ = sender.write_rtp(now, anew(packet, returned.ssrc));
            }
        }
    }

    /// Asks the browser's encoder, for a video that has a hole or because the browser wants one of what comes back.
    pub(crate) fn ask_for_key_frame(&mut self, connection: &mut RTCPeerConnection, now: Instant) {
        let early = now.saturating_duration_since(self.key_frame_asked) < KEY_FRAME_INTERVAL;
        if early || !self.needs_key_frame() {
            return;
        }
        (self.key_frame_wanted, self.key_frame_asked) = (false, now);
        for source in self.sources.values().filter(|source| source.kind == Kind::Video) {
            let Some(mut receiver) = connection.rtp_receiver(source.receiver) else { continue };
            let request = PictureLossIndication { sender_ssrc: 0, media_ssrc: source.ssrc };
            let _ = receiver.write_rtcp(now, vec![Box::new(request)]);
        }
    }

    fn needs_key_frame(&self) -> bool {
        self.key_frame_wanted || self.video.reflector.is_broken()
    }

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let again = self.needs_key_frame().then(|| self.key_frame_asked + KEY_FRAME_INTERVAL);
        let reflectors = [&self.audio, &self.video].map(|stream| stream.reflector.next_timeout());
        reflectors.into_iter().chain([again]).flatten().min()
    }

    /// How long to wait for what is missing.
    pub(crate) const fn set_patience(&mut self, patience: Duration) {
        self.audio.reflector.set_patience(patience);
        self.video.reflector.set_patience(patience);
    }

    /// Packets that were waited for in vain.
    pub(crate) const fn skipped(&self) -> u64 {
        self.audio.reflector.skipped() + self.video.reflector.skipped()
    }
}

/// The same media under another SSRC, without what its header said on the way here.
fn anew(mut packet: Packet, ssrc: u32) -> Packet {
    packet.header.ssrc = ssrc;
    packet.header.csrc.clear();
    packet.header.extension = false;
    packet.header.extension_profile = 0;
    packet.header.extensions.clear();
    packet
}
