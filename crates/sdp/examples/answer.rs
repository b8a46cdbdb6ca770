//! Answers an offer: reads it from a file or from standard input, prints the answer, and what streams travel when both ends keep to it.
//!
//! `cargo run -p interceptor-sdp --example answer [OFFER.sdp]`

use std::io::Read;

use interceptor_core::{Media, Need, StreamInfo};
use interceptor_sdp::{Answer, Answered, Description, Endpoint};

/// What a chain of NACK, RTX and names wants: `registry.needs()` says it of a real one.
const NEEDS: [Need; 6] = [
    Need::feedback(Media::Video, "nack", ""),
    Need::feedback(Media::Video, "nack", "pli"),
    Need::codec(Media::Video, "rtx"),
    Need::header_extension(Media::Any, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    Need::header_extension(Media::Any, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    Need::header_extension(Media::Any, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
];

/// Of a certificate that a real endpoint would have.
const FINGERPRINT: &str =
    "sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut offer = String::new();
    match std::env::args().nth(1) {
        Some(path) => offer = std::fs::read_to_string(path)?,
        None => _ = std::io::stdin().read_to_string(&mut offer)?,
    }
    let answered = answer(&offer)?;
    print!("{}", answered.description);
    streams(&answered).iter().for_each(|line| eprintln!("{line}"));
    Ok(())
}

fn answer(offer: &str) -> Result<Answered, Box<dyn std::error::Error>> {
    let offer = Description::parse(offer)?;
    let endpoint = Endpoint::at(([127, 0, 0, 1], 4000).into())
        .with_ice_lite("ufrag", "apasswordoftwentytwobytes")
        .with_fingerprint(FINGERPRINT)
        .with_setup("passive");
    Ok(Answer::to(&offer).with(&NEEDS).at(endpoint).answer()?)
}

/// A line a stream: announced ones by their SSRCs, others by what their first packets will say.
fn streams(answered: &Answered) -> Vec<String> {
    let mut lines = Vec::new();
    for section in &answered.remote {
        let announced = section.announced.iter().map(|stream| format!("{}: {}", section.mid, told(stream)));
        lines.extend(announced);
        let layers = section.layers.iter();
        lines
            .extend(layers.map(|layer| format!("{}: whatever says that it is {}", section.mid, layer.rid())));
    }
    let refused = answered.refused.iter();
    lines.extend(refused.map(|refusal| format!("{}: refused, as {}", refusal.mid, refusal.reason)));
    lines
}

fn told(stream: &StreamInfo) -> String {
    let codec = stream.primary().map_or("unknown", |codec| &codec.mime_type);
    let rtx = stream.rtx.as_ref().map_or_else(String::new, |rtx| format!(", retransmitted on {}", rtx.ssrc));
    format!("{codec} on {}{rtx}", stream.ssrc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromium_gets_an_answer() {
        let answered = answer(include_str!("../tests/data/chromium_red_offer.sdp")).unwrap();
        assert!(answered.description.to_string().contains("m=video 4000 RTP/AVPF 96 97\r\n"));
        assert_eq!(
            streams(&answered),
            ["0: video/VP8 on 1448599044, retransmitted on 717799354", "1: audio/opus on 975041058"]
        );
    }

    #[test]
    fn encodings_and_refusals_are_told() {
        let told = streams(&answer(include_str!("../tests/data/chromium_simulcast_offer.sdp")).unwrap());
        let expected = [
            "2: whatever says that it is hi",
            "2: whatever says that it is lo",
            "3: refused, as it carries no RTP",
        ];
        assert!(told.ends_with(&expected.map(str::to_owned)), "{told:?}");
        let offer = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:data\n";
        assert_eq!(streams(&answer(offer).unwrap()), ["data: refused, as it carries no RTP"]);
        assert!(answer("hello").unwrap_err().to_string().contains("v=0"));
    }
}
