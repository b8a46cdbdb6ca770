//! Every case that is timed can be set up, and does what it is measured for.

use bench::contender::Kind;
use bench::measure::all_cases;

/// Of a thousand connections as of a hundred.
const MOST_STREAMS: u32 = 100;

#[test]
fn every_case_runs() {
    let cases = all_cases();
    for case in cases.iter().filter(|case| case.task.streams <= MOST_STREAMS) {
        let Kind::Timed(stretch, make) = &case.kind else { continue };
        let mut contender = make().unwrap_or_else(|error| panic!("{case:?}: {error:#}"));
        contender.prepare(*stretch);
        contender.run();
    }
}
