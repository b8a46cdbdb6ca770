//! What `--json` prints of a file.

use std::time::Duration;

use interceptor_inspect::capture::DamageKind;
use interceptor_inspect::{Inspector, Problem, StreamSummary, Summary};
use serde::{Serialize, Serializer};

/// A file and what is in it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// The file's name; `-` for standard input.
    pub file: String,
    /// How far it was read.
    pub state: State,
    /// What is in it.
    pub summary: Summary,
}

/// How far a file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// To its end.
    #[default]
    Complete,
    /// It is being read: so much time of the capture (of a file) or since reading began (of a pipe) has passed.
    Reading(Duration),
    /// To where a signal told the tool to end. A record that was cut off there is no damage.
    Interrupted,
    /// Not at all: a signal came first.
    Unread,
    /// Not at all, for this reason.
    Failed(String),
}

impl State {
    /// A word for programs: `complete`, `reading`, `interrupted`, `unread`, `failed`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Reading(_) => "reading",
            Self::Interrupted => "interrupted",
            Self::Unread => "unread",
            Self::Failed(_) => "failed",
        }
    }

    /// Some of the file was read, so that there is something to judge.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        !matches!(self, Self::Unread | Self::Failed(_))
    }
}

impl Inspection {
    /// What is in the file of this name, which was read to its end.
    #[must_use]
    pub fn new(file: impl Into<String>, summary: Summary) -> Self {
        Self { file: file.into(), state: State::Complete, summary }
    }

    /// A file that was read so far.
    #[must_use]
    pub fn with_state(mut self, state: State) -> Self {
        if state == State::Interrupted {
            forget_the_cut(&mut self.summary);
        }
        self.state = state;
        self
    }

    /// A file that could not be read.
    #[must_use]
    pub fn failed(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(file, Inspector::default().summary()).with_state(State::Failed(reason.into()))
    }

    /// Not all that was asked for is here: the file was not read, or is damaged.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        matches!(self.state, State::Failed(_)) || self.summary.damaged
    }
}

/// Whoever stops a capture cuts a record off, most often: that is what was asked for, and no damage.
fn forget_the_cut(summary: &mut Summary) {
    let is_cut =
        |problem: &Problem| matches!(problem, Problem::Damage(at) if at.kind == DamageKind::Truncated);
    summary.problems.retain(|problem| !is_cut(problem));
    summary.damaged = summary.problems.iter().any(Problem::is_damage);
}

/// A problem with the options that help against it.
pub(super) fn advise(problem: &Problem) -> String {
    match problem {
        Problem::Undecided { .. } => format!("{problem}; say --port"),
        Problem::ClockGuessed { payload_type, clock_rate } => {
            format!("{problem}; say --pt {payload_type}=CODEC/{clock_rate} or --sdp FILE")
        }
        _ => problem.to_string(),
    }
}

impl Serialize for Inspection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            file: &'a str,
            state: &'static str,
            error: Option<&'a str>,
            elapsed: Option<f64>,
            link_type: &'a str,
            packets: u64,
            streams: &'a [StreamSummary],
            problems: Vec<ProblemFields>,
        }
        #[derive(Serialize)]
        struct ProblemFields {
            kind: &'static str,
            offset: Option<u64>,
            message: String,
        }
        let Self { file, state, summary: Summary { link_type, packets, streams, problems, .. } } = self;
        let problem = |problem: &Problem| ProblemFields {
            kind: problem.kind(),
            offset: problem.offset(),
            message: advise(problem),
        };
        let (error, elapsed) = match state {
            State::Failed(reason) => (Some(reason.as_str()), None),
            State::Reading(elapsed) => (None, Some(elapsed.as_secs_f64())),
            State::Complete | State::Interrupted | State::Unread => (None, None),
        };
        let problems = problems.iter().map(problem).collect();
        let (state, packets) = (state.as_str(), *packets);
        Fields { file, state, error, elapsed, link_type, packets, streams, problems }.serialize(serializer)
    }
}
