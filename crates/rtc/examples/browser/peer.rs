//! Our end of a call: a peer connection of the `rtc` stack that answers the browser's offer and has a stream back for each of its streams.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use anyhow::{Context, Result};
use interceptor_rtc::Configured;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::{
    CandidateConfig, CandidateHostConfig, RTCIceCandidate, RTCIceCandidateInit,
};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::RTCRtpSenderId;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpRtxParameters, RtpCodecKind,
};

/// A peer connection that has answered.
pub(crate) struct Peer {
    pub(crate) connection: RTCPeerConnection,
    pub(crate) audio: Returned,
    pub(crate) video: Returned,
    /// For the browser, with our addresses.
    pub(crate) answer: String,
    /// The payload type of retransmissions, if the browser takes them.
    pub(crate) rtx: Option<u8>,
}

/// A stream that goes back to the browser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Returned {
    pub(crate) sender: RTCRtpSenderId,
    pub(crate) ssrc: u32,
}

/// Opus, and one video codec: the reflector can tell its key frames.
pub(crate) fn codecs() -> Vec<(RtpCodecKind, RTCRtpCodecParameters)> {
    let payload_type = |rtp_codec, payload_type| RTCRtpCodecParameters { rtp_codec, payload_type };
    vec![(RtpCodecKind::Audio, payload_type(opus(), 111)), (RtpCodecKind::Video, payload_type(vp8(), 96))]
}

impl Peer {
    /// Answers an offer. `socket` is where all addresses of this machine lead, `seed` makes the streams' numbers.
    pub(crate) fn answer(
        offer: &str,
        configured: Configured,
        socket: SocketAddr,
        seed: u64,
        now: Instant,
    ) -> Result<Self> {
        let mut connection = RTCPeerConnectionBuilder::new()
            .with_media_engine(configured.media)
            .with_setting_engine(configured.settings)
            .with_interceptor_registry(configured.interceptors)
            .build(now)?;
        let numbers = [0, 16, 32].map(|shift| (seed >> shift) as u32 | 1);
        let [audio_ssrc, video_ssrc, rtx_ssrc] = numbers;
        let audio = connection.add_track(track("audio", RtpCodecKind::Audio, opus(), audio_ssrc, None))?;
        let video =
            connection.add_track(track("video", RtpCodecKind::Video, vp8(), video_ssrc, Some(rtx_ssrc)))?;

        // The browser is known by what it sends through the link: checks to its own addresses would go round it.
        connection.set_remote_description(now, RTCSessionDescription::offer(without_candidates(offer))?)?;
        connection.add_local_candidate(candidate(socket)?)?;
        let answer = connection.create_answer(None)?;
        connection.set_local_description(now, answer)?;
        let answer = connection.local_description().context("there is no answer")?.sdp;
        let rtx = answer.lines().find_map(|line| {
            let (number, codec) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
            codec.eq_ignore_ascii_case("rtx/90000").then(|| number.parse().ok())?
        });
        Ok(Self {
            connection,
            audio: Returned { sender: audio, ssrc: audio_ssrc },
            video: Returned { sender: video, ssrc: video_ssrc },
            answer: with_candidates(&without_candidates(&answer), socket.port()),
            rtx,
        })
    }
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        ..RTCRtpCodec::default()
    }
}

fn vp8() -> RTCRtpCodec {
    RTCRtpCodec { mime_type: MIME_TYPE_VP8.to_owned(), clock_rate: 90_000, ..RTCRtpCodec::default() }
}

fn track(
    name: &str,
    kind: RtpCodecKind,
    codec: RTCRtpCodec,
    ssrc: u32,
    rtx: Option<u32>,
) -> MediaStreamTrack {
    let rtp_coding_parameters = RTCRtpCodingParameters {
        ssrc: Some(ssrc),
        rtx: rtx.map(|ssrc| RTCRtpRtxParameters { ssrc }),
        ..RTCRtpCodingParameters::default()
    };
    let encoding =
        RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..RTCRtpEncodingParameters::default() };
    MediaStreamTrack::new("returned".to_owned(), name.to_owned(), name.to_owned(), kind, vec![encoding])
}

fn candidate(socket: SocketAddr) -> Result<RTCIceCandidateInit> {
    let base_config = CandidateConfig {
        network: "udp".to_owned(),
        address: socket.ip().to_string(),
        port: socket.port(),
        component: 1,
        ..CandidateConfig::default()
    };
    let candidate =
        CandidateHostConfig { base_config, ..CandidateHostConfig::default() }.new_candidate_host()?;
    Ok(RTCIceCandidate::from(&candidate).to_json()?)
}

fn without_candidates(description: &str) -> String {
    let is_candidate =
        |line: &str| line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates");
    description.split_inclusive('\n').filter(|line| !is_candidate(line)).collect()
}

/// With one for each address of this machine, at the end of each section.
fn with_candidates(description: &str, port: u16) -> String {
    let addresses = addresses();
    let candidates: String = addresses
        .iter()
        .enumerate()
        .map(|(index, address)| {
            let priority = 2_130_706_431 - index as u32 * 256;
            format!("a=candidate:{index} 1 udp {priority} {address} {port} typ host\r\n")
        })
        .collect();
    let mut sections = description.split("\nm=");
    let session = sections.next().unwrap_or_default().to_owned();
    sections.fold(session, |mut text, section| {
        text.push_str("\nm=");
        text.push_str(section.trim_end());
        text.push_str("\r\n");
        text.push_str(&candidates);
        text.push_str("a=end-of-candidates\r");
        text
    }) + "\n"
}

/// The IPv4 addresses of this machine, loopback last: browsers do not call over it unless they are told to.
pub(crate) fn addresses() -> Vec<IpAddr> {
    let interfaces = rtc::shared::ifaces::ifaces().unwrap_or_default();
    let mut addresses: Vec<_> = interfaces
        .into_iter()
        .filter_map(|interface| interface.addr)
        .map(|address| address.ip())
        .filter(|address| address.is_ipv4() && !address.is_unspecified())
        .chain([IpAddr::V4(Ipv4Addr::LOCALHOST)])
        .collect();
    addresses.sort_by_key(|address| (address.is_loopback(), *address));
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::{addresses, with_candidates, without_candidates};

    #[test]
    fn each_section_has_our_addresses_and_no_others() {
        let description =
            "v=0\r\na=candidate:x\r\nm=audio 9 x\r\na=mid:0\r\na=candidate:y\r\nm=video 9 x\r\na=mid:1\r\n";
        let described = with_candidates(&without_candidates(description), 4000);
        let candidates = described.lines().filter(|line| line.starts_with("a=candidate:"));
        assert_eq!(candidates.count(), 2 * addresses().len());
        assert!(described.lines().all(|line| !line.ends_with(":x") && !line.ends_with(":y")));
        assert!(described.starts_with("v=0\r\nm=audio 9 x\r\na=mid:0\r\na=candidate:0 "));
        assert!(described.ends_with("127.0.0.1 4000 typ host\r\na=end-of-candidates\r\n"));
    }
}
