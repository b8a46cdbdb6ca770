//! Browsers that begin anew or move to another address, and strangers who would like to be one.

use anyhow::{Context, Result, ensure};
use browser::{Call, Feedback, Setup, Stranger};

use crate::{SOON, call_with};

/// Packets read of the present page's streams.
fn read(call: &Call) -> usize {
    let streams = call.peer().map(browser::Peer::streams).unwrap_or_default();
    streams.iter().map(|heard| heard.numbers.count()).sum()
}

fn setup() -> Setup {
    Setup::new(Feedback::Twcc).with_audio(&["opus"]).with_echo().with_rate(25, 300_000)
}

#[tokio::test]
async fn a_page_that_is_loaded_anew_has_a_new_session_and_the_old_one_is_gone() -> Result<()> {
    call_with(setup(), async |call| {
        call.go_on(1).await?;
        let before = call.peer()?.session().clone();
        call.reload();
        let anew = |call: &Call| {
            call.ended().len() == 1 && call.view().received("video").frames_decoded > 10 && read(call) > 100
        };
        ensure!(call.until(SOON, anew).await?, "no call after the page was loaded anew");
        let after = call.peer()?.session();
        ensure!(before.ended().is_some() && before.id() != after.id(), "{before:?}, {after:?}");
        ensure!(before.closed().await.is_ok(), "its task is gone");
        let mux = call.mux();
        ensure!(mux.sessions == 1 && mux.unaccounted() == 0, "{mux:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn media_follows_a_browser_to_its_new_address_and_no_stranger_gets_any() -> Result<()> {
    call_with(setup(), async |call| {
        call.go_on(1).await?;
        let (address, session) = (call.address()?, call.peer()?.session().clone());
        let media = call.peer()?.streams().first().context("it sends")?.info.ssrc;
        let stranger = Stranger::new(session.id(), media).await?;
        let tried = stranger.intrude(address).await?;
        call.until(SOON, |call| call.mux().unknown >= tried).await?;
        ensure!(call.mux().unknown == tried, "{tried} tried: {:?}", call.mux());

        let moved = call.mux();
        call.path().change_network();
        let (heard, decoded) = (read(call), call.view().received("video").frames_decoded);
        let goes_on = |call: &Call| {
            read(call) > heard + 100 && call.view().received("video").frames_decoded > decoded + 50
        };
        ensure!(call.until(SOON, goes_on).await?, "{:?}", call.mux());
        ensure!(session.ended().is_none() && call.ended().is_empty(), "it is the same session");
        ensure!(call.mux().addresses > moved.addresses, "{:?}", call.mux());

        // What the browser sent before it was found at its new address is unknown as well.
        let unknown = |call: &Call| call.mux().unknown + call.mux().unknown_limited;
        let tried = unknown(call) + stranger.intrude(address).await?;
        ensure!(call.until(SOON, |call| unknown(call) >= tried).await?, "{tried} tried: {:?}", call.mux());
        ensure!(!stranger.was_answered(), "a stranger was answered");
        ensure!(session.counters().chain.malformed_datagrams == 0, "{:?}", session.counters());
        Ok(())
    })
    .await
}
