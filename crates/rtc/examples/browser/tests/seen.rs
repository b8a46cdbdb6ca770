//! What a page has seen of its call last.

use serde_json::Value;

/// Ours and the browser's figures, as the page has them. What is not there yet counts as 0.
#[derive(Clone, Debug)]
pub(super) struct Seen(pub(super) Value);

impl Seen {
    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, name| value.get(name))
    }

    fn number(&self, path: &[&str]) -> f64 {
        self.at(path).and_then(Value::as_f64).unwrap_or_default()
    }

    /// A figure of the call.
    pub(super) fn ours(&self, name: &str) -> f64 {
        self.number(&["ours", name])
    }

    pub(super) fn repairs(&self) -> bool {
        self.at(&["ours", "repair"]).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn rate(&self) -> Option<f64> {
        self.at(&["ours", "link", "rate"]).and_then(Value::as_f64)
    }

    /// Of the link's books.
    pub(super) fn tally(&self, name: &str) -> f64 {
        self.number(&["ours", "tally", name])
    }

    pub(super) fn way(&self, way: &str, name: &str) -> f64 {
        self.number(&["ours", way, name])
    }

    /// Of our statistics: the row of this kind in a list.
    pub(super) fn our(&self, list: &str, kind: &str, name: &str) -> f64 {
        let rows = self.at(&["ours", "connection", list]).and_then(Value::as_array);
        let row = rows.into_iter().flatten().find(|row| row.get("kind").is_some_and(|of| of == kind));
        row.and_then(|row| row.get(name)?.as_f64()).unwrap_or_default()
    }

    /// Of the browser's: `sent`, `reported` or `received`.
    pub(super) fn browsers(&self, kind: &str, row: &str, name: &str) -> f64 {
        self.number(&["browser", kind, row, name])
    }

    /// Of the browser's, about the picture that came back.
    pub(super) fn returned(&self, name: &str) -> f64 {
        self.browsers("video", "received", name)
    }

    /// What the browser's congestion control lets it send, in bits a second.
    pub(super) fn estimate(&self) -> f64 {
        self.number(&["browser", "pair", "availableOutgoingBitrate"])
    }

    /// For who wonders why a test has failed.
    pub(super) fn print(&self) {
        println!(
            "{}\n{}",
            self.at(&["ours"]).unwrap_or(&Value::Null),
            self.at(&["browser"]).unwrap_or(&Value::Null)
        );
    }
}
