//! The shape of what is serialised: SSRCs as people write them, the same fields whatever is known.

use serde::{Serialize, Serializer};

use super::figures::SpreadMs;
use super::problem::Problem;
use super::repair::RecoveryMs;
use super::summary::FecFormat;

/// `"0x11223344"`, as Wireshark has it.
pub(super) fn ssrc<S: Serializer>(ssrc: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{ssrc:#010x}"))
}

/// As [`ssrc`], or null.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
pub(super) fn some_ssrc<S: Serializer>(of: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    match of {
        Some(of) => ssrc(of, serializer),
        None => serializer.serialize_none(),
    }
}

/// By its name, or null.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
pub(super) fn fec<S: Serializer>(format: &Option<FecFormat>, serializer: S) -> Result<S::Ok, S::Error> {
    format.map(FecFormat::name).serialize(serializer)
}

/// Always an object with the same fields, so that programs need not look twice.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
pub(super) fn spread<S: Serializer>(spread: &Option<SpreadMs>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fields {
        min: Option<f64>,
        mean: Option<f64>,
        max: Option<f64>,
    }
    let [min, mean, max] = [spread.map(|s| s.min), spread.map(|s| s.mean), spread.map(|s| s.max)];
    Fields { min, mean, max }.serialize(serializer)
}

/// As [`spread`], of another shape.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
pub(super) fn recovery<S: Serializer>(times: &Option<RecoveryMs>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fields {
        p50: Option<f64>,
        p95: Option<f64>,
    }
    Fields { p50: times.map(|times| times.p50), p95: times.map(|times| times.p95) }.serialize(serializer)
}

/// `{ "kind": …, "offset": …, "message": … }`.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename = "Problem")]
        struct Fields {
            kind: &'static str,
            offset: Option<u64>,
            message: String,
        }
        let fields = Fields { kind: self.kind(), offset: self.offset(), message: self.to_string() };
        fields.serialize(serializer)
    }
}
