//! What a call was like in a second, and a table of many.

use std::fmt::Write as _;
use std::time::Duration;

use crate::view::{Outbound, View};

/// One second of a call.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Second {
    /// When it ended, since media first came.
    pub at: Duration,
    /// What the browser sent, in bits per second, IP and UDP headers included.
    pub sent: f64,
    /// What came out of the path, in the same units.
    pub received: f64,
    /// The longest that a packet waited in the path's queue.
    pub longest_queue: Duration,
    /// Packets that found the queue full.
    pub queue_dropped: u64,
    /// Frames that could be shown.
    pub frames: u64,
    /// Feedback messages about the path that the session has sent.
    pub feedback: u64,
    /// The browser's own figures, as it last told them.
    pub view: View,
}

/// A line a second.
#[must_use]
pub fn table(seconds: &[Second]) -> String {
    let mut text = String::from(
        "    s  sent kb/s  received  queue ms  dropped  frames  feedback | allowed  target  encoded  ms each  limited by  pictures   nack  pli  resent\n",
    );
    let kilo = |bits: f64| bits / 1000.0;
    let mut before = Outbound::default();
    for second in seconds {
        let Second { sent, received, queue_dropped, frames, feedback, view, .. } = second;
        let video = view.sent("video");
        let encoded = video.frames_encoded.saturating_sub(before.frames_encoded);
        let each =
            (video.total_encode_time - before.total_encode_time).max(0.0) * 1000.0 / encoded.max(1) as f64;
        // Memory takes everything.
        let _ = writeln!(
            text,
            "{:5.1} {:10.0} {:9.0} {:9} {queue_dropped:8} {frames:7} {feedback:9} | {:7.0} {:7.0} {encoded:8} {each:8.1} {:>11} {:>9} {:6} {:4} {:7}",
            second.at.as_secs_f64(),
            kilo(*sent),
            kilo(*received),
            second.longest_queue.as_millis(),
            kilo(view.available_outgoing_bitrate),
            kilo(video.target_bitrate),
            video.quality_limitation_reason,
            format!("{}x{}", video.frame_width, video.frame_height),
            video.nack_count,
            video.pli_count,
            video.retransmitted_packets_sent,
        );
        before = video;
    }
    text
}
