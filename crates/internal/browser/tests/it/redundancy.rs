//! Losses both ways, and nobody asks: what is missing is made of what is sent beside it.

use anyhow::{Context, Result, ensure};
use browser::{Call, Feedback, Heard, Redundancy, Setup};

use crate::{SOON, call_with};

/// Packets that each end brings back at least, and frames that the browser shows meanwhile.
const ENOUGH: u64 = 5;

/// What has been read of one kind of media.
fn heard(call: &Call, kind: &str) -> Result<Heard> {
    let streams = call.peer()?.streams();
    let heard = streams.into_iter().find(|heard| heard.info.is_video() == (kind == "video"));
    heard.with_context(|| format!("no {kind} came"))
}

#[tokio::test]
async fn flexfec_of_each_end_repairs_at_the_other() -> Result<()> {
    // Without RTX, so that little else can.
    let setup =
        Setup::new(Feedback::Twcc).with_video(&["VP8", "flexfec-03"]).with_redundancy(Redundancy::FlexFec);
    call_with(setup.with_echo().with_rate(25, 600_000), async |call| {
        // A browser protects what it sends as soon as it hears of losses.
        call.go_on(2).await?;
        call.path().set_loss(0.05);
        let both = |call: &Call| {
            heard(call, "video").is_ok_and(|heard| heard.recovered >= ENOUGH)
                && call.view().received("video").fec_packets_received >= ENOUGH
        };
        let repaired = call.until(SOON, both).await?;
        let (ours, theirs) = (heard(call, "video")?, call.view().received("video"));
        ensure!(repaired, "{} recovered here; there {theirs:?}", ours.recovered);
        ensure!(ours.numbers.repeated() == 0, "{} came twice", ours.numbers.repeated());

        // It goes on to be shown, at both ends.
        let (shown, decoded) = (ours.frames.complete(), theirs.frames_decoded);
        let goes_on = |call: &Call| {
            heard(call, "video").is_ok_and(|heard| heard.frames.complete() > shown + ENOUGH)
                && call.view().received("video").frames_decoded > decoded + ENOUGH
        };
        ensure!(call.until(SOON, goes_on).await?, "{:?}", call.view());
        Ok(())
    })
    .await
}

/// How much of the sound that came back was made up, while a tenth of all packets was lost each way.
async fn concealed(setup: Setup) -> Result<Option<f64>> {
    let mut concealed = None;
    call_with(setup.with_video(&[]).with_echo(), async |call| {
        call.go_on(3).await?;
        call.path().set_loss(0.1);
        // The first reports make the sender's mind up.
        call.go_on(5).await?;
        let before = call.view().received("audio");
        call.go_on(20).await?;
        let after = call.view().received("audio");
        let samples = after.total_samples_received - before.total_samples_received;
        ensure!(samples > 0, "no sound is heard: {after:?}");
        concealed = Some((after.concealed_samples - before.concealed_samples) as f64 / samples as f64);
        if setup.redundancy == Redundancy::Red {
            let ours = heard(call, "audio")?;
            ensure!(ours.recovered >= ENOUGH && ours.numbers.repeated() == 0, "{ours:?}");
        }
        Ok(())
    })
    .await?;
    Ok(concealed)
}

#[tokio::test]
async fn with_red_half_as_much_sound_is_made_up_at_most() -> Result<()> {
    let plain = concealed(Setup::new(Feedback::Twcc).with_audio(&["opus"])).await?;
    let red = Setup::new(Feedback::Twcc).with_audio(&["red", "opus"]).with_redundancy(Redundancy::Red);
    let red = concealed(red).await?;
    let Some((plain, red)) = plain.zip(red) else { return Ok(()) };
    println!("made up: {:.1} % without RED, {:.1} % with it", 100.0 * plain, 100.0 * red);
    ensure!(red <= plain / 2.0, "{red} with RED, {plain} without");
    Ok(())
}
