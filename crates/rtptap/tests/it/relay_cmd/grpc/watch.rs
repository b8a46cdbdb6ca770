//! `Watch` and `Legs`, and how streams end.

use rtptap::relay::control::generated::{LegsRequest, WatchRequest};
use tonic::Code;

use super::Call;

#[tokio::test]
async fn a_watcher_sees_packets_flow_until_the_relay_is_interrupted() {
    let call = Call::begins(&[]).await;
    let mut client = call.client().await;
    let mut watch = client.watch(WatchRequest { interval_ms: 100 }).await.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert_eq!(first.legs.iter().map(|leg| &*leg.id).collect::<Vec<_>>(), ["source", "target-1"]);
    assert_eq!((first.skipped, first.legs[0].book.unwrap().packets_in), (0, 2), "at once");
    call.send(2..50).await;
    call.arrive(50).await;
    let seen = loop {
        let message = watch.message().await.unwrap().unwrap();
        if message.legs[0].book.unwrap().packets_in == 50 {
            break message;
        }
    };
    assert!(seen.uptime > first.uptime);
    assert_eq!((seen.legs[0].streams.len(), seen.legs[0].streams[0].packets), (1, 50));
    assert_eq!((seen.legs[0].rules, seen.legs[1].rules.unwrap().loss), (None, 0.0));
    let told = tokio::spawn(async move {
        loop {
            if let Err(status) = watch.message().await {
                return status;
            }
        }
    });
    call.relay.interrupt().await;
    let status = told.await.unwrap();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "the relay stops"));
}

#[tokio::test]
async fn legs_are_told_with_who_is_on_the_other_side() {
    let call = Call::begins(&["--to", "127.0.0.1:9"]).await;
    let legs = call.client().await.legs(LegsRequest {}).await.unwrap().into_inner().legs;
    let [source, first, second] = &legs[..] else { panic!("{legs:?}") };
    assert_eq!(source.local, call.relay.listen().to_string());
    assert_eq!(source.peer, Some(call.source.address().to_string()));
    assert_eq!(
        (&first.peer, &second.peer),
        (&Some(call.sink.address().to_string()), &Some("127.0.0.1:9".to_owned()))
    );
    assert_eq!((source.ssrcs.len(), source.rules, first.rules.unwrap().seed), (1, None, 1));
    call.relay.interrupt().await;
}

#[tokio::test]
async fn an_interval_that_does_not_fit_is_refused() {
    let call = Call::begins(&[]).await;
    for interval_ms in [1, 99, 3_600_001] {
        let refused = call.client().await.watch(WatchRequest { interval_ms }).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains("100..=3600000"), "{refused}");
    }
    call.relay.interrupt().await;
}
