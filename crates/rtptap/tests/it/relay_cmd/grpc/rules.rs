//! `SetRules`.

use rtptap::relay::control::generated::{LegsRequest, Limit, Rules, SetRulesRequest};
use serde_json::Value;
use tonic::Code;

use super::{Call, logging_to};

fn request(leg: &str) -> SetRulesRequest {
    SetRulesRequest { leg: leg.to_owned(), ..SetRulesRequest::default() }
}

fn bits(bits: u64) -> Limit {
    Limit { bits_per_second: Some(bits), ..Limit::default() }
}

impl Call {
    async fn rules(&self) -> (Option<Rules>, Option<Limit>) {
        let legs = self.client().await.legs(LegsRequest {}).await.unwrap().into_inner().legs;
        (legs[1].rules, legs[1].limit)
    }
}

#[tokio::test]
async fn losses_are_switched_on_and_off_while_media_flows() {
    let call = Call::begins(&[]).await;
    let mut client = call.client().await;
    let all = SetRulesRequest { loss: Some(1.0), ..request("target-1") };
    let set = client.set_rules(all).await.unwrap().into_inner();
    assert_eq!((set.rules.unwrap().loss, call.rules().await), (1.0, (set.rules, set.limit)));
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
        .into_inner();
    let held = (held.rules, held.limit);
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
        (SetRulesRequest { loss: Some(0.5), ..request("target-2") }, Code::NotFound, "source and target-1"),
        (
            SetRulesRequest { loss: Some(0.5), ..request("source") },
            Code::InvalidArgument,
            "only targets have rules",
        ),
        (
            SetRulesRequest { loss: Some(0.5), limit: Some(bits(7999)), ..target() },
            Code::InvalidArgument,
            "bits_per_second",
        ),
        (
            SetRulesRequest { loss: Some(1.5), limit: Some(bits(8000)), ..target() },
            Code::InvalidArgument,
            "loss",
        ),
        (SetRulesRequest { loss: Some(0.5), ..request("") }, Code::NotFound, "no leg"),
        (SetRulesRequest { loss: Some(0.5), ..request(&"x".repeat(100_000)) }, Code::OutOfRange, ""),
    ] {
        let refused = client.set_rules(asked).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert!(refused.message().contains(complaint), "{refused}");
        assert_eq!(call.rules().await, held, "{complaint}");
    }
    call.relay.interrupt().await;
}

#[tokio::test]
async fn a_limit_is_set_and_lifted_while_media_flows() {
    let call = Call::begins(&[]).await;
    let mut client = call.client().await;
    let packets = |packets| Limit { packets_per_second: Some(packets), ..Limit::default() };
    let set =
        client.set_rules(SetRulesRequest { limit: Some(packets(1)), ..request("target-1") }).await.unwrap();
    assert_eq!(set.into_inner().limit.unwrap().packets_per_second, Some(1));
    call.send(2..30).await;
    let limited =
        |stats: &Value| stats["legs"][1]["book"]["packetsLimited"].as_u64().filter(|limited| *limited > 0);
    call.relay.until("most are more than may pass", limited).await;
    let set =
        client.set_rules(SetRulesRequest { limit: Some(packets(0)), ..request("target-1") }).await.unwrap();
    assert_eq!(set.into_inner().limit.unwrap().packets_per_second, None);
    let before = call.sink.received.count(super::SSRC, 30);
    call.send(30..50).await;
    super::until("all arrive", || (call.sink.received.count(super::SSRC, 50) == before + 20).then_some(()))
        .await;
    // The source's leg has limits as well, and no rules.
    let set =
        client.set_rules(SetRulesRequest { limit: Some(packets(1000)), ..request("source") }).await.unwrap();
    assert_eq!(set.into_inner().rules, None);
    call.relay.interrupt().await;
}

#[tokio::test]
async fn a_change_is_a_line_in_the_log_with_who_and_what_and_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let call = Call::begins_as(logging_to(&file), &[]).await;
    let mut client = call.client().await;
    client.set_rules(SetRulesRequest { loss: Some(0.25), ..request("target-1") }).await.unwrap();
    client.set_rules(SetRulesRequest { loss: Some(2.0), ..request("target-1") }).await.unwrap_err();
    client.set_rules(SetRulesRequest { loss: Some(0.0), ..request("\u{1b}[31m") }).await.unwrap_err();
    call.relay.interrupt().await;
    let log = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("change of rules")).collect();
    assert!(lines[0].contains("INFO") && lines[0].contains("who=127.0.0.1:"), "{log:?}");
    assert!(lines[0].contains("leg=target-1 change=loss=0.25 outcome=done"), "{log:?}");
    // Of one kind one line a second: the others are told later, and counted.
    assert!(
        lines.len() == 2 && lines[1].contains("loss is 2") && lines[1].contains("(and 1 more)"),
        "{log:?}"
    );
    assert!(!log.contains('\u{1b}'), "{log:?}");
}
