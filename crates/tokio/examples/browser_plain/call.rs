//! What a browser offers is answered, and all that it sends goes back to it.

use std::net::SocketAddr;

use interceptor_core::{Media, Need, Registry};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_sdp::{Answer, Description, Endpoint, LocalSource};
use interceptor_tokio::{RemoteStream, Session};
use interceptor_twcc::TwccFactory;

use crate::Result;
use crate::door::Door;
use crate::echo::{Echo, pass_on_key_frame_requests};
use crate::ice::IceLite;

/// What repairs and what reports. One registry serves all calls.
pub(crate) fn registry() -> Registry {
    Registry::new()
        .with(ReportFactory::default())
        .with(RtxFactory::default())
        .with(NackFactory::default())
        .with(TwccFactory::default())
}

/// What the application itself makes use of, besides what its interceptors need: a decoder asks for key frames.
const KEY_FRAMES: Need = Need::feedback(Media::Video, "nack", "pli");

/// Begins a call: the answer for the browser, which sends to `address`, and the session that expects it.
pub(crate) fn begin(
    door: &Door,
    registry: &Registry,
    offer: &str,
    address: SocketAddr,
) -> Result<(String, Session)> {
    let offer: Description = offer.parse()?;
    let ice = IceLite::random()?;
    let endpoint = Endpoint::at(address).with_ice_lite(ice.ufrag(), ice.password());
    let mut answer =
        Answer::to(&offer).with(&registry.needs()).with(&[KEY_FRAMES]).at(endpoint).with_cname(ice.ufrag());
    for section in offer.sections() {
        let [ssrc, rtx] = [getrandom::u32()?, getrandom::u32()?];
        let source = LocalSource::new(ssrc).with_rtx(rtx).with_msid("echo", &*section.media);
        answer = answer.sending(section.index, source);
    }
    let answered = answer.answer()?;
    let session = door.admit(&ice, registry, |config| answered.configure(config))?;
    let mut echoes = Vec::new();
    for info in answered.remote.iter().flat_map(|section| &section.announced) {
        let Some(back) = answered.local.iter().find(|back| back.mid == info.mid) else { continue };
        echoes.push((info.ssrc, back.ssrc));
        let (from, back) =
            (session.bind_remote_stream(info.clone())?, session.bind_local_stream(back.clone())?);
        tokio::spawn(send_back(from, Echo::new(back)));
    }
    tokio::spawn(pass_on_key_frame_requests(session.clone(), echoes));
    Ok((answered.description.to_string(), session))
}

/// Until the session ends.
async fn send_back(mut from: RemoteStream, mut back: Echo) {
    while let Ok(packet) = from.read().await {
        if back.send(packet).await.is_err() {
            return;
        }
    }
}
