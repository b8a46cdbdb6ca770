//! A thousand viewers of the browser's picture lose it at once: it is asked once, and makes one key frame.

use anyhow::{Context, Result, ensure};
use browser::{Call, Feedback, Setup};
use interceptor_core::packet::{NtpTime, RtcpPacket};
use interceptor_core::{Chain, ChainConfig, Event, Fact, KeyframeRequested, Registry, StreamInfo};
use interceptor_keyframe::{AskCounters, Keyframe, KeyframeFactory, KeyframeHub};
use interceptor_test::Clock;

use crate::{SOON, call_with};

const VIEWERS: u32 = 1_000;
const BROWSER: u32 = VIEWERS;

/// Chains as a forwarder has one for each viewer. Nothing of theirs goes anywhere, so their clock may stand still.
struct Viewers {
    chains: Vec<Chain>,
    hub: KeyframeHub<u32>,
    clock: Clock,
}

impl Viewers {
    /// Of this stream of the browser's.
    fn of(ssrc: u32) -> Result<Self> {
        let (registry, hub, clock) =
            (Registry::new().with(KeyframeFactory::default()), KeyframeHub::default(), Clock::new());
        let mut chains = Vec::new();
        for viewer in 0..VIEWERS {
            let config = ChainConfig::new(format!("viewer-{viewer}"), clock.now(), NtpTime::default(), 7);
            let mut chain = registry.build(config)?;
            let info = StreamInfo::new(viewer, 96, 90_000).with_feedback("nack", "pli");
            chain.bind_local(info, clock.now())?;
            hub.link(viewer, viewer, BROWSER, ssrc);
            chains.push(chain);
        }
        Ok(Self { chains, hub, clock })
    }

    /// All of them have lost their picture; what their chains say is carried to the session that the picture comes from.
    fn ask(&mut self, call: &Call) -> Result<()> {
        for (viewer, chain) in (0..VIEWERS).zip(&mut self.chains) {
            chain.read_rtcp(RtcpPacket::builder().pli(99, viewer).build()?, self.clock.now());
            while let Some(event) = chain.poll_event() {
                let Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) = event else {
                    continue;
                };
                let (_browser, ssrc) = self.hub.publisher_of(&viewer, ssrc).context("it is linked")?;
                call.peer()?.session().request_keyframe(ssrc);
            }
        }
        Ok(())
    }
}

fn asking(call: &Call) -> AskCounters {
    let counters = |chain: &mut Chain| chain.get::<Keyframe>().map(Keyframe::counters);
    let found = call.peer().ok().and_then(|peer| peer.session().with_chain(|chain, _| counters(chain)));
    found.map(|counters| counters.asking).unwrap_or_default()
}

#[tokio::test]
async fn a_thousand_viewers_cost_the_browser_one_key_frame() -> Result<()> {
    let setup = Setup::new(Feedback::Twcc).with_keyframes().with_rate(15, 400_000);
    call_with(setup, async |call| {
        let runs = |call: &Call| call.view().sent("video").frames_encoded > 30 && asking(call).keyframes > 0;
        ensure!(call.until(SOON, runs).await?, "{:?}, {:?}", call.view(), asking(call));
        // Nobody needs one before.
        call.go_on(2).await?;
        let (before, made_before) = (asking(call), call.view().sent("video").key_frames_encoded);
        let mut viewers = Viewers::of(call.view().sent("video").ssrc)?;

        viewers.ask(call)?;
        let now = asking(call);
        ensure!(now.told - before.told >= u64::from(VIEWERS), "{now:?}");
        let asked_at_once = now.plis_sent - before.plis_sent;
        ensure!(
            asked_at_once <= 1 && now.joined - before.joined >= u64::from(VIEWERS) - 1,
            "{before:?}, {now:?}"
        );

        let came = |call: &Call| asking(call).answered > before.answered;
        ensure!(call.until(SOON, came).await?, "{:?}, {:?}", call.view(), asking(call));
        let made = |call: &Call| call.view().sent("video").key_frames_encoded > made_before;
        ensure!(call.until(SOON, made).await?, "{:?}", call.view());
        call.go_on(2).await?;
        // One, unless the machine took longer than half a second for it: then one for each time that it was asked.
        let (now, sent) = (asking(call), call.view().sent("video"));
        let (asked, made) = (now.plis_sent - before.plis_sent, sent.key_frames_encoded - made_before);
        ensure!(asked == 1 + (now.repeats - before.repeats), "{before:?}, {now:?}");
        ensure!((1..=asked).contains(&made), "{made} key frames for {asked} requests");
        ensure!(asked <= 3, "{asked} requests");
        println!("{VIEWERS} viewers: {asked} requests, {made} key frames");
        Ok(())
    })
    .await
}
