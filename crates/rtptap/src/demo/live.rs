//! The table and progress bar that are redrawn while the demo runs.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Repair;
use super::table::{ABSENT, ms};
use crate::sample::Kind;
use crate::table::{align_right, plain_table};

/// How all runs stand at one moment.
#[derive(Clone, Debug, Default)]
pub struct LiveSample {
    /// Since the start of the runs.
    pub elapsed: Duration,
    /// The runs, that without repair first.
    pub runs: Vec<LiveSide>,
}

/// How one run stands.
#[derive(Clone, Debug, Default)]
pub struct LiveSide {
    /// What mends its losses.
    pub repair: Repair,
    /// Its streams.
    pub streams: Vec<LiveStream>,
    /// How it does on a link of limited rate.
    pub rate: Option<LiveRate>,
}

/// How a run does on a link of limited rate; in bits per second, with IP and UDP headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct LiveRate {
    /// What the link carries now.
    pub capacity: u64,
    /// Congestion control's target, once there is one.
    pub target: Option<u64>,
    /// What came to the link over the last second.
    pub sent: u64,
    /// How long that waited there, in the mean.
    pub queue: Duration,
}

/// How one stream stands.
#[derive(Clone, Copy, Debug)]
pub struct LiveStream {
    /// Audio or video.
    pub kind: Kind,
    /// Media packets sent.
    pub sent: u64,
    /// How many of these the link lost.
    pub lost_on_link: u64,
    /// How many of the lost were delivered after all.
    pub recovered: u64,
    /// Bit rate delivered over the last second.
    pub bits_per_second: u64,
    /// Round-trip time as last measured.
    pub rtt: Option<Duration>,
}

/// The live display. It shows itself on a terminal only; elsewhere every call does nothing.
///
/// It is drawn by a thread of its own: a terminal that is stopped (Ctrl-S) must not stop the call, whose figures would then be
/// the terminal's.
#[derive(Debug)]
pub struct Live {
    /// The newest sample that waits; dropped, it ends the thread.
    samples: SyncSender<LiveSample>,
    drawing: JoinHandle<()>,
}

impl Live {
    /// A display on standard error for runs of this length.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn on_stderr(duration: Duration) -> io::Result<Self> {
        Self::on(ProgressDrawTarget::stderr(), duration)
    }

    /// A display somewhere else.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn on(target: ProgressDrawTarget, duration: Duration) -> io::Result<Self> {
        let (samples, to_draw) = sync_channel(1);
        let drawing = std::thread::Builder::new().name("live".to_owned()).spawn(move || {
            let screen = Screen::new(target, duration);
            screen.show(&LiveSample::default());
            to_draw.iter().for_each(|sample| screen.show(&sample));
            screen.finish();
        })?;
        Ok(Self { samples, drawing })
    }

    /// Draws the present state, unless the terminal is still busy with an earlier one. Call it a few times a second.
    pub fn show(&self, sample: LiveSample) {
        // One that finds no room is followed by another.
        let _ = self.samples.try_send(sample);
    }

    /// Takes the display off the terminal, so that the closing table stands in its place.
    pub fn finish(self) {
        drop(self.samples);
        // It does not panic; if it did, its display would be gone as well.
        let _ = self.drawing.join();
    }
}

/// What is on the terminal.
struct Screen {
    table: ProgressBar,
    bar: ProgressBar,
    screen: MultiProgress,
}

impl Screen {
    fn new(target: ProgressDrawTarget, duration: Duration) -> Self {
        let screen = MultiProgress::with_draw_target(target);
        let table = screen.add(ProgressBar::new_spinner().with_style(style("{msg}")));
        let template = "{bar:40} {msg}";
        let bar =
            ProgressBar::new(duration.as_millis() as u64).with_style(style(template).progress_chars("━━─"));
        Self { table, bar: screen.add(bar), screen }
    }

    fn show(&self, sample: &LiveSample) {
        let length = self.bar.length().unwrap_or_default();
        let elapsed = (sample.elapsed.as_millis() as u64).min(length);
        self.table.set_message(live_table(sample) + &rate_lines(sample));
        self.bar.set_message(format!("{:.1} of {:.0} s", elapsed as f64 / 1000.0, length as f64 / 1000.0));
        self.bar.set_position(elapsed);
    }

    fn finish(self) {
        self.table.finish_and_clear();
        self.bar.finish_and_clear();
        // What is left is an error of the terminal itself, about which nothing can be shown.
        let _terminal_gone = self.screen.clear();
    }
}

fn live_table(sample: &LiveSample) -> String {
    let mut table = plain_table();
    table.set_header(["repair", "stream", "sent", "lost", "recovered", "missing", "kbit/s", "RTT"]);
    for side in &sample.runs {
        for stream in &side.streams {
            let missing = stream.lost_on_link.saturating_sub(stream.recovered);
            table.add_row([
                side.repair.short().to_owned(),
                stream.kind.as_str().to_owned(),
                stream.sent.to_string(),
                stream.lost_on_link.to_string(),
                stream.recovered.to_string(),
                missing.to_string(),
                format!("{:.0}", stream.bits_per_second as f64 / 1000.0),
                ms(stream.rtt.map(super::summary::millis)),
            ]);
        }
    }
    align_right(&mut table, 2);
    table.trim_fmt()
}

/// A line for each run on a link of limited rate, none elsewhere.
fn rate_lines(sample: &LiveSample) -> String {
    let lines =
        sample.runs.iter().filter_map(|side| Some(rate_line(side.repair.short(), side.rate.as_ref()?)));
    let lines = lines.collect::<String>();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

fn rate_line(name: &str, rate: &LiveRate) -> String {
    let LiveRate { capacity, target, sent, queue } = *rate;
    let megabits = |bits: u64| format!("{:.2}", bits as f64 / 1e6);
    let target = target.map_or_else(|| format!("{ABSENT:>4}"), megabits);
    let (capacity, sent, queue) = (megabits(capacity), megabits(sent), queue.as_millis());
    format!("\n {name:4}  capacity {capacity}   target {target}   sent {sent} Mbit/s   queue {queue:3} ms")
}

/// A template that indicatif refuses would be a mistake in this file; the default bar is then good enough.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
