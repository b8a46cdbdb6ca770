//! Conditions that streams may not meet, as a person writes them: `loss>1%`.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::error::ParseLimitError;
use super::summary::{StreamSummary, Summary};

/// A condition that a stream may not meet. One of
///
/// | text | is met by |
/// |---|---|
/// | `loss>1%`, `loss>10` | more than 1 % of the packets, more than 10 packets lost; copies of others make up for none |
/// | `jitter>30ms` | jitter that was above 30 ms at any packet; never without a clock rate |
/// | `longest-run>5` | more than 5 packets lost in a row |
/// | `reordered>10`, `reordered>1%` | packets behind a newer one |
/// | `unrepaired>0.1%`, `unrepaired>10` | more than 0.1 % of the packets expected, more than 10 packets lost and never back |
/// | `missing-rtcp` | a media stream without sender and receiver reports |
///
/// `>=` includes the number.
///
/// ```
/// use interceptor_inspect::{Inspector, Limit};
/// let mut inspector = Inspector::default();
/// inspector.read_file("tests/data/gst_pcmu_loss.pcap")?;
/// let excesses = "loss>1%".parse::<Limit>()?.exceeded_by(&inspector.summary());
/// assert_eq!(
///     excesses[0].to_string(),
///     "0x11223344 from 127.0.0.1:7000 to 127.0.0.1:7002: 5.19 % lost (loss>1%)"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    figure: Figure,
    /// As the user wrote it.
    text: String,
}

/// What meets a [`Limit`]. [`Display`](fmt::Display) says it in a sentence for people.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Excess {
    /// There is no stream, so nothing can be said for any.
    NoStreams {
        /// The condition.
        limit: Limit,
    },
    /// A stream meets the condition.
    Stream {
        /// Its SSRC.
        ssrc: u32,
        /// Its sender.
        src: SocketAddr,
        /// Its receiver.
        dst: SocketAddr,
        /// What it has, for people.
        value: String,
        /// The condition.
        limit: Limit,
    },
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStreams { limit } => write!(f, "there is no RTP stream to hold against {limit}"),
            Self::Stream { ssrc, src, dst, value, limit } => {
                write!(f, "{ssrc:#010x} from {src} to {dst}: {value} ({limit})")
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Figure {
    LossPercent(Bound),
    LossPackets(Bound),
    JitterMs(Bound),
    LongestRun(Bound),
    Reordered(Bound),
    ReorderedPercent(Bound),
    UnrepairedPercent(Bound),
    UnrepairedPackets(Bound),
    MissingRtcp,
}

/// More than, or at least.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound {
    value: f64,
    inclusive: bool,
}

impl Bound {
    fn is_met(self, value: f64) -> bool {
        value > self.value || (self.inclusive && value >= self.value)
    }
}

impl FromStr for Limit {
    type Err = ParseLimitError;

    fn from_str(text: &str) -> Result<Self, ParseLimitError> {
        let text = text.trim();
        let figure = if text == "missing-rtcp" { Some(Figure::MissingRtcp) } else { figure(text) };
        let text = text.to_owned();
        match figure {
            Some(figure) => Ok(Self { figure, text }),
            None => Err(ParseLimitError { text }),
        }
    }
}

fn figure(text: &str) -> Option<Figure> {
    let (name, rest) = text.split_once('>')?;
    let inclusive = rest.starts_with('=');
    let rest = rest.trim_start_matches('=').trim();
    let number = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%' || c == ' ');
    let unit = rest.get(number.len()..)?.trim();
    let value = number.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)?;
    let bound = Bound { value, inclusive };
    Some(match (name.trim(), unit) {
        ("loss", "%") => Figure::LossPercent(bound),
        ("loss", "") => Figure::LossPackets(bound),
        ("jitter", "" | "ms") => Figure::JitterMs(bound),
        ("longest-run", "") => Figure::LongestRun(bound),
        ("reordered", "") => Figure::Reordered(bound),
        ("reordered", "%") => Figure::ReorderedPercent(bound),
        ("unrepaired", "%") => Figure::UnrepairedPercent(bound),
        ("unrepaired", "") => Figure::UnrepairedPackets(bound),
        _ => return None,
    })
}

impl Limit {
    /// What of a capture meets the condition, stream by stream; empty: all is well. A capture without streams meets every
    /// condition.
    #[must_use]
    pub fn exceeded_by(&self, summary: &Summary) -> Vec<Excess> {
        if summary.streams.is_empty() {
            return vec![Excess::NoStreams { limit: self.clone() }];
        }
        let met = summary.streams.iter().filter_map(|stream| {
            let value = self.met_by_stream(stream)?;
            let StreamSummary { ssrc, src, dst, .. } = *stream;
            Some(Excess::Stream { ssrc, src, dst, value, limit: self.clone() })
        });
        met.collect()
    }

    fn met_by_stream(&self, stream: &StreamSummary) -> Option<String> {
        let reordered = stream.reordered as f64;
        let (bound, value, text) = match self.figure {
            Figure::LossPercent(bound) => {
                let percent = 100.0 * lost(stream) as f64 / stream.expected.max(1) as f64;
                (bound, percent, format!("{percent:.2} % lost"))
            }
            Figure::LossPackets(bound) => {
                (bound, lost(stream) as f64, format!("{} packets lost", lost(stream)))
            }
            Figure::JitterMs(bound) => {
                let jitter = stream.jitter_ms?.max;
                (bound, jitter, format!("jitter of up to {jitter:.3} ms"))
            }
            Figure::LongestRun(bound) => {
                let longest = stream.loss_runs.longest;
                (bound, longest as f64, format!("{longest} packets lost in a row"))
            }
            Figure::Reordered(bound) => (bound, reordered, format!("{reordered} packets reordered")),
            Figure::ReorderedPercent(bound) => {
                let percent = 100.0 * reordered / stream.packets.max(1) as f64;
                (bound, percent, format!("{percent:.2} % reordered"))
            }
            Figure::UnrepairedPercent(bound) => {
                let percent = stream.unrepaired_pct();
                (bound, percent, format!("{percent:.2} % lost and never back"))
            }
            Figure::UnrepairedPackets(bound) => {
                let missing = stream.repair?.missing;
                (bound, missing as f64, format!("{missing} packets lost and never back"))
            }
            Figure::MissingRtcp => {
                let is_media = stream.rtx_of.is_none() && stream.fec_of.is_none();
                let silent = stream.rtcp.sr == 0 && stream.rtcp.rr == 0;
                return (is_media && silent).then(|| "no sender or receiver report".to_owned());
            }
        };
        bound.is_met(value).then_some(text)
    }
}

/// Numbers that never came in the stream itself. RFC 3550 A.3 counts copies as if they were others, so that a mirrored port
/// would hide what is missing.
const fn lost(stream: &StreamSummary) -> i64 {
    stream.lost.saturating_add_unsigned(stream.duplicates)
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_conditions_with_their_units() {
        let figure = |text: &str| text.parse::<Limit>().map(|limit| limit.figure);
        let more = |value| Bound { value, inclusive: false };
        assert_eq!(figure("loss>1%"), Ok(Figure::LossPercent(more(1.0))));
        assert_eq!(figure(" loss > 0.5 % "), Ok(Figure::LossPercent(more(0.5))));
        assert_eq!(figure("loss>10"), Ok(Figure::LossPackets(more(10.0))));
        assert_eq!(figure("jitter>30ms"), Ok(Figure::JitterMs(more(30.0))));
        assert_eq!(figure("longest-run>=5"), Ok(Figure::LongestRun(Bound { value: 5.0, inclusive: true })));
        assert_eq!(figure("reordered>1%"), Ok(Figure::ReorderedPercent(more(1.0))));
        assert_eq!(figure("unrepaired>0.1%"), Ok(Figure::UnrepairedPercent(more(0.1))));
        assert_eq!(figure("unrepaired>3"), Ok(Figure::UnrepairedPackets(more(3.0))));
        assert_eq!(figure("missing-rtcp"), Ok(Figure::MissingRtcp));
        for wrong in [
            "",
            "loss",
            "loss<1%",
            "loss>x%",
            "jitter>1s",
            "longest-run>5%",
            "loss>-1",
            "delay>1",
            "loss>NaN",
        ] {
            assert!(figure(wrong).unwrap_err().to_string().contains("longest-run>5"), "{wrong}");
        }
    }

    #[test]
    fn a_bound_is_what_it_says() {
        let bound = |inclusive| Bound { value: 5.0, inclusive };
        assert!(!bound(false).is_met(5.0) && bound(true).is_met(5.0) && bound(false).is_met(5.1));
    }
}
