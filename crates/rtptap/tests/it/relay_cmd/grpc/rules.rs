//! `SetRules`.

use rtptap::relay::control::generated::{LegsRequest, Rules, SetRulesRequest};
use serde_json::Value;
use tonic::Code;

use super::Call;

fn request(leg: &str) -> SetRulesRequest {
    SetRulesRequest { leg: leg.to_owned(), ..SetRulesRequest::default() }
}

impl Call {
    async fn rules(&self) -> Option<Rules> {
        self.client().await.legs(LegsRequest {}).await.unwrap().into_inner().legs[1].rules
    }
}

#[tokio::test]
async fn losses_are_switched_on_and_off_while_media_flows() {
    let call = Call::begins(&[]).await;
    let mut client = call.client().await;
    let all = SetRulesRequest { loss: Some(1.0), ..request("target-1") };
    let set = client.set_rules(all).await.unwrap().into_inner().rules;
    assert_eq!((set.unwrap().loss, call.rules().await), (1.0, set));
    call.send(2..30).await;
    let impaired =
        |stats: &Value| stats["legs"][1]["book"]["packetsImpaired"].as_u64().filter(|lost| *lost >= 28);
    call.relay.until("they are lost", impaired).await;
    assert_eq!(call.sink.received.count(super::SSRC, 30), 2);
    assert_eq!(call.relay.stats().await["legs"][1]["rules"]["loss"], 1.0);
    client.set_rules(SetRulesRequest { loss: Some(0.0), ..request("target-1") }).await.unwrap();
    call.send(30..40).await;
    super::until("they arrive", || (call.sink.received.count(super::SSRC, 40) == 12).then_some(())).await;
    assert_eq!(call.relay.stats().await["legs"][1]["rules"], Value::Null, "nothing is done on purpose");
    let summary = call.relay.interrupt().await;
    let book = &summary["legs"][1]["book"];
    assert_eq!(book["packetsWaiting"], 0, "{book}");
    let sum = |names: &[&str]| names.iter().map(|name| book[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(
        sum(&["packetsIn", "packetsMade"]),
        sum(&[
            "packetsOut",
            "packetsConsumed",
            "packetsImpaired",
            "packetsAtClose",
            "packetsOverflowed",
            "packetsDiscarded"
        ])
    );
}

#[tokio::test]
async fn rules_that_do_not_fit_are_refused_and_nothing_has_changed() {
    let call = Call::begins(&[]).await;
    let mut client = call.client().await;
    let held = client
        .set_rules(SetRulesRequest {
            delay_ms: Some(1.0),
            jitter_ms: Some(0.5),
            seed: Some(7),
            ..request("target-1")
        })
        .await
        .unwrap()
        .into_inner()
        .rules;
    let target = || request("target-1");
    for (asked, code, complaint) in [
        (SetRulesRequest { loss: Some(1.5), ..target() }, Code::InvalidArgument, "loss is 1.5"),
        (SetRulesRequest { loss: Some(f64::NAN), ..target() }, Code::InvalidArgument, "loss is NaN"),
        (SetRulesRequest { burst: Some(101.0), ..target() }, Code::InvalidArgument, "burst is 101"),
        (SetRulesRequest { delay_ms: Some(-1.0), ..target() }, Code::InvalidArgument, "delay_ms is -1"),
        (
            SetRulesRequest { delay_ms: Some(f64::INFINITY), ..target() },
            Code::InvalidArgument,
            "delay_ms is inf",
        ),
        (SetRulesRequest { delay_ms: Some(5001.0), ..target() }, Code::InvalidArgument, "delay is 5.001s"),
        // The first is in order, the second is not: neither holds.
        (
            SetRulesRequest { loss: Some(0.5), jitter_ms: Some(1e9), ..target() },
            Code::InvalidArgument,
            "jitter",
        ),
        (SetRulesRequest { loss: Some(0.5), ..request("target-2") }, Code::NotFound, "target-1 only"),
        (SetRulesRequest { loss: Some(0.5), ..request("source") }, Code::NotFound, "source"),
        (SetRulesRequest { loss: Some(0.5), ..request("") }, Code::NotFound, "no target"),
        (SetRulesRequest { loss: Some(0.5), ..request(&"x".repeat(100_000)) }, Code::OutOfRange, ""),
    ] {
        let refused = client.set_rules(asked).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert!(refused.message().contains(complaint), "{refused}");
        assert_eq!(call.rules().await, held, "{complaint}");
    }
    call.relay.interrupt().await;
}
