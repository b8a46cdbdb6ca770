//! Conditions of `--fail-if`.

use std::fmt;
use std::str::FromStr;

use super::{Inspection, StreamReport};

/// A condition that a stream may not meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    figure: Figure,
    /// As the user wrote it.
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Figure {
    LossPercent(Bound),
    LossPackets(Bound),
    JitterMs(Bound),
    LongestRun(Bound),
    Reordered(Bound),
    ReorderedPercent(Bound),
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
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let figure = if text == "missing-rtcp" { Some(Figure::MissingRtcp) } else { figure(text) };
        let figure = figure.ok_or_else(|| {
            format!("{text:?} is none of loss>1%, loss>10, jitter>30ms, longest-run>5, reordered>10, reordered>1%, missing-rtcp")
        })?;
        Ok(Self { figure, text: text.to_owned() })
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
        _ => return None,
    })
}

impl Limit {
    /// What of a capture meets the condition: a sentence for each stream. A capture without streams meets every condition,
    /// for nothing can be said for it.
    #[must_use]
    pub fn met_by(&self, inspection: &Inspection) -> Vec<String> {
        if inspection.streams.is_empty() {
            return vec![format!("{}: there is no RTP stream to hold against {self}", inspection.file)];
        }
        let met = inspection.streams.iter().filter_map(|stream| {
            let value = self.met_by_stream(stream)?;
            let StreamReport { ssrc, src, dst, .. } = stream;
            Some(format!("{}: {ssrc} from {src} to {dst}: {value} ({self})", inspection.file))
        });
        met.collect()
    }

    fn met_by_stream(&self, stream: &StreamReport) -> Option<String> {
        let reordered = stream.reordered as f64;
        let (bound, value, text) = match self.figure {
            Figure::LossPercent(bound) => (bound, stream.lost_pct, format!("{:.2} % lost", stream.lost_pct)),
            Figure::LossPackets(bound) => {
                (bound, stream.lost as f64, format!("{} packets lost", stream.lost))
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
            Figure::MissingRtcp => {
                let is_media = stream.rtx_of.is_none() && stream.fec_of.is_none();
                let silent = stream.rtcp.sr == 0 && stream.rtcp.rr == 0;
                return (is_media && silent).then(|| "no sender or receiver report".to_owned());
            }
        };
        bound.is_met(value).then_some(text)
    }
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
            assert!(figure(wrong).unwrap_err().contains("longest-run>5"), "{wrong}");
        }
    }

    #[test]
    fn a_bound_is_what_it_says() {
        let bound = |inclusive| Bound { value: 5.0, inclusive };
        assert!(!bound(false).is_met(5.0) && bound(true).is_met(5.0) && bound(false).is_met(5.1));
    }
}
