//! Layers side by side: their SSRCs are announced nowhere, so first packets say whose they are.

use anyhow::{Context, Result, ensure};
use browser::{Call, Feedback, Heard, Setup};

use crate::{SOON, call_with};

const LAYERS: &[&str] = &["low", "middle", "high"];

fn layers(call: &Call) -> Vec<Heard> {
    let streams = call.peer().map(browser::Peer::streams).unwrap_or_default();
    let layer = |rid: &&str| streams.iter().find(|heard| heard.info.rid == **rid).cloned();
    LAYERS.iter().filter_map(layer).collect()
}

#[tokio::test]
async fn each_layer_is_found_by_its_first_packets_and_repaired() -> Result<()> {
    let setup = Setup::new(Feedback::Twcc).with_layers(LAYERS, 960, 540).with_rate(10, 400_000);
    call_with(setup, async |call| {
        let all = |call: &Call, is: fn(&Heard) -> bool| {
            layers(call).iter().filter(|heard| is(heard)).count() == LAYERS.len()
        };
        let shown = call.until(SOON, |call| all(call, |heard| heard.size.is_some())).await?;
        ensure!(shown, "{:#?}", call.peer()?.streams());
        call.path().set_loss(0.1);
        let lossy = call.until(SOON, |call| all(call, |heard| heard.restored() > 0)).await?;
        call.path().set_loss(0.0);
        let whole = call.until(SOON, |call| all(call, |heard| heard.numbers.holes().is_empty())).await?;
        ensure!(lossy && whole, "{:#?}", call.peer()?.streams());

        // As the browser says: it sends smaller pictures where it has no time for these.
        let as_sent = |call: &Call| {
            layers(call).iter().all(|heard| {
                let row = call.view().outbound.iter().find(|row| row.rid == heard.info.rid);
                let size = heard.size.map(|(width, height)| (u32::from(width), u32::from(height)));
                row.map(|row| (row.frame_width, row.frame_height)) == size
            })
        };
        ensure!(call.until(SOON, as_sent).await?, "{:#?}", layers(call));
        let widths: Vec<_> = layers(call).iter().filter_map(|heard| Some(heard.size?.0)).collect();
        ensure!(widths.is_sorted_by(|less, more| less < more), "{widths:?}");
        let streams = call.peer()?.streams();
        ensure!(streams.len() == LAYERS.len(), "one stream a layer: {streams:#?}");
        for heard in streams {
            ensure!(heard.numbers.repeated() == 0 && heard.frames.complete() > 0, "{heard:#?}");
            let sent = call.view().outbound.iter().find(|row| row.rid == heard.info.rid);
            let sent = sent.context("the browser sends it")?;
            ensure!(sent.ssrc == heard.info.ssrc, "{sent:?} is {:?}", heard.info);
        }
        Ok(())
    })
    .await
}
