//! Losses both ways: all that can be repaired is, and what one end counts the other counts as well.

use anyhow::{Context, Result, ensure};
use browser::{Call, Feedback, Heard, Lost, Setup};
use interceptor_core::Chain;
use interceptor_nack::Nack;
use interceptor_rtx::Rtx;
use interceptor_stats::{InboundRtp, OutboundRtp, RemoteInboundRtp};

use crate::{SOON, call_with};

/// Of all RTP packets, each way, retransmissions included.
const LOSS: f64 = 0.05;

/// Packets of video that are lost at least.
const ENOUGH: u64 = 5;

/// The most that one book may lack for good.
const UNHEARD: u64 = 2;

/// Sends over a path that loses, then over one that does not, until all has been repaired, reported and told. How many key frames of video
/// were asked for meanwhile: before, the first had to come, which takes a busy machine a while.
async fn lose_and_settle(call: &mut Call) -> Result<u64> {
    call.go_on(2).await?;
    let asked_before = call.view().sent("video").pli_count;
    call.path().set_loss(LOSS);
    call.go_on(5).await?;
    let enough = |call: &Call| {
        let (sent, echo) = (call.view().sent("video").ssrc, call.view().received("video").ssrc);
        lost(&call.path().lost_up(), Some(sent)).min(lost(&call.path().lost_down(), Some(echo))) >= ENOUGH
    };
    ensure!(call.until(SOON, enough).await?, "{:?}, {:?}", call.path().lost_up(), call.path().lost_down());
    call.path().set_loss(0.0);
    // All books say the same in the end, but for what one of them has never heard of: of a report, or of a repeat.
    if !call.until(SOON, |call| disagreements(call, 0).is_ok_and(|found| found.is_empty())).await? {
        let left = disagreements(call, UNHEARD)?;
        ensure!(left.is_empty(), "{left:#?}");
    }
    Ok(call.view().sent("video").pli_count - asked_before)
}

/// What we know of one kind of media.
struct Ours {
    heard: Heard,
    received: InboundRtp,
    sent: Option<(OutboundRtp, RemoteInboundRtp)>,
}

impl Ours {
    fn of(call: &Call, kind: &str) -> Result<Self> {
        let (streams, stats) = (call.peer()?.streams(), call.peer()?.stats()?);
        let heard = streams.into_iter().find(|heard| heard.info.is_video() == (kind == "video"));
        let heard = heard.with_context(|| format!("no {kind} came"))?;
        let received =
            stats.inbound_rtp.into_iter().find(|row| row.ssrc == heard.info.ssrc).context("counted")?;
        let echo = call.view().received(kind).ssrc;
        let sent = stats.outbound_rtp.into_iter().find(|row| row.ssrc == echo);
        let reported = stats.remote_inbound_rtp.into_iter().find(|row| row.ssrc == echo);
        Ok(Self { heard, received, sent: sent.zip(reported) })
    }
}

/// Packets of this SSRC among those that are lost; of an RTX stream those that repeat something, and are no padding.
fn lost(packets: &[Lost], ssrc: Option<u32>) -> u64 {
    let lost = packets.iter().filter(|lost| Some(lost.ssrc) == ssrc && lost.first_byte.is_some());
    lost.count() as u64
}

/// Where the two ends, and the path between them, differ by more than so many.
fn disagreements(call: &Call, slack: u64) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut same = |what: &str, ours: i64, theirs: i64| {
        if ours.abs_diff(theirs) > slack {
            found.push(format!("{what}: {ours} here, {theirs} there"));
        }
    };
    let (up, down) = (call.path().lost_up(), call.path().lost_down());
    for kind in ["audio", "video"] {
        let (ours, theirs, echo) =
            (Ours::of(call, kind)?, call.view().sent(kind), call.view().received(kind));
        let ssrc = Some(ours.received.ssrc);
        same(&format!("{kind} lost"), ours.received.packets_lost, theirs.packets_lost);
        same(&format!("{kind} lost on the path"), ours.received.packets_lost, lost(&up, ssrc) as i64);
        same(&format!("{kind} NACKs"), ours.received.nack_count as i64, theirs.nack_count as i64);
        let Some((sent, reported)) = ours.sent else { continue };
        same(&format!("{kind} echo lost"), reported.packets_lost, echo.packets_lost);
        same(&format!("{kind} echo NACKs"), sent.nack_count as i64, echo.nack_count as i64);
        let repeats = sent.retransmitted_packets_sent - lost(&down, sent.rtx_ssrc);
        same(&format!("{kind} echo sent again"), repeats as i64, echo.retransmitted_packets_received as i64);
    }
    found.extend(repeats(call, slack)?);
    Ok(found)
}

/// Whether the browser has repeated more or less video than has come here or was lost on the way, by more than so many.
fn repeats(call: &Call, slack: u64) -> Result<Option<String>> {
    let asked =
        |chain: &mut Chain| chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams).asking);
    let received =
        |chain: &mut Chain| chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams).received);
    let counters = call.peer()?.session().with_chain(|chain, _| asked(chain).zip(received(chain)));
    let (asked, received) = counters.context("both are in the chain")?;
    let rtx = Ours::of(call, "video")?.received.rtx_ssrc;
    // It probes the path with copies of packets that nobody has asked for, and counts some of them: they are restored as well, and
    // may come in time.
    let least = asked.recovered_rtx.saturating_sub(1 + slack);
    let most = slack + received.restored + lost(&call.path().lost_up(), rtx);
    let theirs = call.view().sent("video").retransmitted_packets_sent;
    let agrees = (least..=most).contains(&theirs);
    Ok((!agrees).then(|| format!("video sent again: {least} to {most} here, {theirs} there")))
}

#[tokio::test]
async fn pictures_come_back_whole_and_both_ends_count_the_same() -> Result<()> {
    let setup = Setup::new(Feedback::Twcc).with_audio(&["opus"]).with_echo().with_rate(25, 600_000);
    call_with(setup, async |call| {
        let key_frames = lose_and_settle(call).await?;
        let (video, audio) = (Ours::of(call, "video")?, Ours::of(call, "audio")?);
        let sent = call.view().sent("video");
        let (up, down) = (call.path().lost_up(), call.path().lost_down());

        let (holes, repeated) = (video.heard.numbers.holes(), video.heard.numbers.repeated());
        ensure!(holes.is_empty() && repeated == 0, "{holes:?} are missing, {repeated} came twice");
        // A probe may bring one back before its loss is known: that is restored, and not recovered.
        let (recovered, theirs) = (video.received.packets_recovered_by_rtx, sent.packets_lost);
        let restored = video.heard.restored();
        ensure!(restored as i64 >= theirs && theirs > 0, "{restored} restored of {theirs}");
        ensure!((recovered + UNHEARD) as i64 >= theirs, "{recovered} recovered of {theirs}");
        let dropped = lost(&up, Some(video.received.ssrc)) + lost(&up, video.received.rtx_ssrc);
        let repeated = sent.retransmitted_packets_sent.saturating_sub(UNHEARD);
        ensure!(repeated as f64 <= 1.3 * dropped as f64, "{repeated} sent again for {dropped}");
        let (out, _) = video.sent.context("it goes back")?;
        let dropped = lost(&down, Some(out.ssrc)) + lost(&down, out.rtx_ssrc);
        let repeated = out.retransmitted_packets_sent;
        ensure!(repeated as f64 <= 1.3 * dropped as f64, "{repeated} sent back again for {dropped}");
        ensure!(key_frames <= 2, "{key_frames} key frames were asked for");
        ensure!(sent.pli_count <= video.received.pli_count, "{sent:?}");

        // Nobody asks for sound again: what is missing is what the path has taken, once on the way here, and more on the way back.
        let mut taken: Vec<_> = up.iter().filter(|lost| lost.ssrc == audio.received.ssrc).collect();
        taken.retain(|lost| audio.heard.numbers.spans(lost.sequence_number));
        ensure!(audio.heard.numbers.holes().len() == taken.len(), "{taken:?}");
        let echo = call.view().received("audio");
        ensure!(echo.total_samples_received > echo.concealed_samples, "no sound is heard: {echo:?}");

        // Some are on the way, and the longer it goes on the less they are of all.
        let frames = |call: &Call| {
            (call.view().received("video").frames_decoded, call.view().sent("video").frames_encoded)
        };
        let most = |(decoded, encoded): (u64, u64)| decoded as f64 >= 0.97 * encoded as f64;
        ensure!(
            call.until(SOON, |call| most(frames(call))).await?,
            "{:?} frames decoded and encoded",
            frames(call)
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn retransmissions_of_red_are_restored_as_red() -> Result<()> {
    let video = &["VP8", "rtx", "red", "ulpfec"];
    let setup =
        Setup::new(Feedback::Twcc).with_video(video).with_audio(&["red", "opus"]).with_rate(25, 600_000);
    call_with(setup, async |call| {
        call.path().set_loss(LOSS);
        let restored = |call: &Call| {
            call.peer().is_ok_and(|peer| peer.streams().iter().any(|heard| heard.restored() >= ENOUGH))
        };
        ensure!(call.until(SOON, restored).await?, "{:?}", call.peer()?.streams());
        call.path().set_loss(0.0);
        call.go_on(2).await?;

        let (video, audio) = (Ours::of(call, "video")?.heard, Ours::of(call, "audio")?.heard);
        let red = |heard: &Heard| heard.info.red.map(|red| red.payload_type);
        let of_red = red(&video).context("the answer takes RED")?;
        ensure!(video.payload_types.keys().eq([&of_red]), "all of it is RED: {:?}", video.payload_types);
        ensure!(video.restored.keys().eq([&of_red]), "restored as RED: {:?}", video.restored);
        ensure!(audio.payload_types.keys().copied().eq(red(&audio)), "{:?}", audio.payload_types);
        let counters = call.peer()?.session().with_chain(|chain, _| {
            chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams).received)
        });
        let counters = counters.context("rtx is in the chain")?;
        ensure!(counters.unknown_payload_type + counters.on_media_ssrc == 0, "{counters:?}");

        // A browser does not repeat its packets of FEC (RED's block says so): of all else nothing is missing.
        let fec = video.info.fec.context("the answer takes FEC")?.payload_type;
        let lost = call.path().lost_up();
        let is_fec = |number: u16| {
            let of_video = |lost: &&Lost| lost.ssrc == video.info.ssrc && lost.sequence_number == number;
            lost.iter().find(of_video).is_some_and(|lost| lost.first_byte == Some(fec))
        };
        let missing: Vec<_> = video.numbers.holes().into_iter().filter(|number| !is_fec(*number)).collect();
        ensure!(missing.is_empty(), "{missing:?} of {lost:?}");
        Ok(())
    })
    .await
}
