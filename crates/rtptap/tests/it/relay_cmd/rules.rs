//! The rules of a target, changed while the relay runs.

use std::time::Duration;

use rtptap::relay::{
    Change, ChangeError, Relay, RelayHandle, RelayOptions, RtcpMode, RulesChange, SourceOptions,
    TargetOptions, TargetRules,
};
use tokio::time::Instant;

use super::media::{Port, SSRC, packet};
use super::{begin, books_close, stop, until};

struct Call {
    source: Port,
    sinks: [Port; 2],
    relay: Relay,
}

impl Call {
    /// Two packets of a stream have passed.
    async fn begins() -> Self {
        let (source, sinks) = (Port::bind().await, [Port::bind().await, Port::bind().await]);
        let mut from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        from.rtcp = RtcpMode::Mux;
        let targets = sinks.each_ref().map(|sink| {
            let mut target = TargetOptions::new(sink.address());
            target.rtcp = RtcpMode::Mux;
            target
        });
        let relay = Relay::start(RelayOptions::new(from, targets.to_vec())).await.unwrap();
        begin(&source, SSRC, &relay, &sinks[0]).await;
        until("at the other one as well", || (sinks[1].received.count(SSRC, 2) == 2).then_some(())).await;
        Self { source, sinks, relay }
    }

    async fn send(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.source.socket.send_to(&packet(SSRC, number), self.relay.listen_addr()).await.unwrap();
        }
    }

    async fn set(&self, leg: &str, rules: RulesChange) -> Result<TargetRules, ChangeError> {
        set(&self.relay.handle(), leg, rules).await
    }

    /// Waits until so many are known to be lost on the way to the first target.
    async fn lost(&self, count: u64) {
        let lost = || self.relay.stats().legs[1].book.packets_impaired;
        until("they are lost", || (lost() == count).then_some(())).await;
    }
}

async fn set(relay: &RelayHandle, leg: &str, rules: RulesChange) -> Result<TargetRules, ChangeError> {
    let changed = relay.change(Change::new(leg).with_rules(rules), "a test").await?;
    Ok(changed.rules.unwrap())
}

fn change() -> RulesChange {
    RulesChange::default()
}

#[tokio::test]
async fn losses_begin_and_end_while_media_goes_on_and_concern_one_target() {
    let call = Call::begins().await;
    let rules = call.set("target-1", change().with_loss(1.0)).await.unwrap();
    assert_eq!(call.relay.stats().legs[1].rules, Some(rules));
    call.send(2..20).await;
    until("all are at the other target", || (call.sinks[1].received.count(SSRC, 20) == 20).then_some(()))
        .await;
    until("none is at this one", || (call.relay.stats().legs[1].book.packets_impaired >= 18).then_some(()))
        .await;
    assert_eq!(call.sinks[0].received.count(SSRC, 20), 2);
    assert!(call.set("target-1", change().with_loss(0.0)).await.unwrap().is_clear());
    call.send(20..30).await;
    until("they arrive again", || (call.sinks[0].received.count(SSRC, 30) == 12).then_some(())).await;
    assert_eq!(call.relay.stats().legs[1].rules, None, "nothing is done on purpose");
    books_close(&call.relay).await;
    stop(call.relay).await;
}

#[tokio::test]
async fn the_same_seed_loses_the_same_datagrams_counted_from_the_change() {
    let call = Call::begins().await;
    let mut first = None;
    for round in 0..2_u32 {
        let start = 2 + 100 * round;
        call.set("target-1", change().with_loss(0.3).with_seed(7)).await.unwrap();
        let (before, numbers) = (call.relay.stats().legs[1].book.packets_impaired, start..start + 100);
        for number in numbers.clone() {
            call.send(number..number + 1).await;
            // In this order on every machine.
            until("it is at the other one", || call.sinks[1].received.media(SSRC).remove(&(number as u16)))
                .await;
        }
        let here = || {
            let media = call.sinks[0].received.media(SSRC);
            numbers.clone().map(|number| media.contains_key(&(number as u16))).collect::<Vec<_>>()
        };
        until("each has arrived or is lost", || {
            let lost = call.relay.stats().legs[1].book.packets_impaired - before;
            let arrived = here().iter().filter(|here| **here).count() as u64;
            // Reports of the leg may be lost as well.
            (arrived + lost >= 100).then_some(())
        })
        .await;
        let media = here();
        let lost = media.iter().filter(|here| !**here).count();
        assert!((15..=45).contains(&lost), "{lost}");
        assert_eq!(*first.get_or_insert(media.clone()), media, "round {round}");
    }
    stop(call.relay).await;
}

#[tokio::test]
async fn a_delay_holds_datagrams_back_in_order_and_the_end_lets_them_go() {
    let call = Call::begins().await;
    let delay = Duration::from_millis(200);
    call.set("target-1", change().with_delay(delay).with_jitter(Duration::from_millis(100))).await.unwrap();
    let start = Instant::now();
    call.send(2..22).await;
    until("they arrive", || (call.sinks[0].received.count(SSRC, 22) == 22).then_some(())).await;
    assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
    let order: Vec<Vec<u8>> = call.sinks[0].received.all();
    let numbers: Vec<u16> =
        order.iter().filter(|packet| packet[1] & 0x7f == 96).map(|packet| packet[3].into()).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 256), "{numbers:?}");
    books_close(&call.relay).await;
    // What waits when it ends leaves before the goodbye.
    call.set("target-1", change().with_delay(Duration::from_secs(5)).with_jitter(Duration::ZERO))
        .await
        .unwrap();
    call.send(22..30).await;
    until("they wait", || (call.relay.stats().legs[1].book.packets_waiting >= 8).then_some(())).await;
    stop(call.relay).await;
    until("they arrive in the end", || (call.sinks[0].received.count(SSRC, 30) == 30).then_some(())).await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let call = Call::begins().await;
    let rules = call.set("target-1", change().with_loss(0.0).with_seed(9)).await.unwrap();
    for (leg, change, complaint) in [
        ("target-1", change().with_loss(1.5), "loss is 1.5: must be a share in 0.0..=1.0"),
        ("target-1", change().with_delay(Duration::from_secs(6)), "delay is 6s"),
        ("target-1", change().with_loss(0.5).with_burst(0.5), "burst is 0.5"),
        (
            "target-3",
            change().with_loss(0.5),
            "there is no leg \"target-3\"; there are source and target-1 to target-2",
        ),
        ("source", change().with_loss(0.5), "only targets have rules"),
        ("\n\u{1b}[31m", change().with_loss(0.5), "there is no leg \"\\n\\u{1b}[31m\""),
    ] {
        let refused = call.set(leg, change).await.unwrap_err().to_string();
        assert!(refused.contains(complaint), "{refused}");
    }
    assert_eq!(call.set("target-1", change()).await.unwrap(), rules, "as it was");
    let handle = call.relay.handle();
    stop(call.relay).await;
    assert_eq!(set(&handle, "target-1", change()).await, Err(ChangeError::Stopped));
}

#[tokio::test]
async fn changes_that_find_no_room_are_told_so() {
    let call = Call::begins().await;
    let handle = call.relay.handle();
    let all = (0..100).map(|_| set(&handle, "target-1", change().with_loss(0.0)));
    let mut asked: Vec<_> = all.map(Box::pin).collect();
    // Asked at once, before the relay has had a turn.
    let (mut made, mut busy) = (0, 0);
    for outcome in asked.iter_mut().map(poll_once) {
        match outcome {
            None => made += 1,
            Some(Err(ChangeError::Busy)) => busy += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((made, busy), (16, 84));
    call.lost(0).await;
    stop(call.relay).await;
}

/// Polls once.
fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut cx) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
