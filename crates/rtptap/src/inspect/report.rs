//! What `--json` prints of a file.

use interceptor_inspect::{Problem, StreamSummary, Summary};
use serde::{Serialize, Serializer};

/// A file and what is in it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// The file's name; `-` for standard input.
    pub file: String,
    /// What is in it.
    pub summary: Summary,
}

impl Inspection {
    /// What is in the file of this name.
    #[must_use]
    pub fn new(file: impl Into<String>, summary: Summary) -> Self {
        Self { file: file.into(), summary }
    }
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
        let Summary { link_type, packets, streams, problems, .. } = &self.summary;
        let problem = |problem: &Problem| ProblemFields {
            kind: problem.kind(),
            offset: problem.offset(),
            message: advise(problem),
        };
        let problems = problems.iter().map(problem).collect();
        Fields { file: &self.file, link_type, packets: *packets, streams, problems }.serialize(serializer)
    }
}
