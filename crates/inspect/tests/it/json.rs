//! The shape of what the feature `serde` gives.

use serde_json::{Value, json};

use crate::capture::{ETHERNET, bytes, pcap, records, run};

#[test]
fn a_summary_has_the_documented_shape() {
    let value = serde_json::to_value(run(&bytes("gst_vp8_rtx_loss"))).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&value), "link_type packets problems streams");
    let stream = &value["streams"][0];
    let expected = "clock_rate codec delta_ms drift_error_ppm drift_ppm dst duplicates end fec fec_of jitter_ms loss_runs lost \
        lost_pct packets payload_type reordered repair rtcp rtt_ms rtx_of skew_ms src ssrc start timestamp_jumps";
    assert_eq!(keys(stream), expected);
    assert_eq!((&stream["ssrc"], &stream["rtx_of"]), (&json!("0x11223344"), &Value::Null));
    assert_eq!(stream["dst"], "127.0.0.1:7000");
    assert_eq!(
        (keys(&stream["jitter_ms"]), keys(&stream["loss_runs"])),
        ("max mean min".into(), "count longest".into())
    );
    let repair =
        value["streams"].as_array().unwrap().iter().find(|stream| stream["ssrc"] == "0x55667788").unwrap();
    assert_eq!(repair["rtx_of"], "0x11223344");
    let problem = &value["problems"][0];
    let sentence = "the clock rate of payload type 97 is guessed to be 90000 Hz";
    assert_eq!(problem, &json!({ "kind": "clock-guessed", "offset": null, "message": sentence }));
}

#[test]
fn what_is_not_known_is_null_in_the_same_shape() {
    let one: Vec<_> = records("gst_pcmu_loss").into_iter().take(1).collect();
    let options = interceptor_inspect::InspectOptions::default().with_port(7000);
    let summary = crate::capture::run_with(&pcap(ETHERNET, false, false, &one), &options);
    let value = serde_json::to_value(summary).unwrap();
    assert_eq!(value["streams"][0]["delta_ms"], json!({ "min": null, "mean": null, "max": null }));
}
