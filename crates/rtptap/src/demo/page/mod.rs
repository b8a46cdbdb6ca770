//! The report page of a demo.

mod figures;
mod overview;

use maud::html;

use super::{DemoReport, Outcome};
use crate::page::{document, notes};

/// The page of a demo: one file with style and plots inside, no script, nothing loaded from elsewhere.
#[must_use]
pub fn report_html(outcome: &Outcome) -> String {
    let report = DemoReport::new(outcome);
    let body = html! {
        (overview::header(&report))
        (overview::tiles(outcome, &report))
        (figures::every_packet(outcome))
        (figures::loss(outcome))
        (figures::recovery(outcome, &report))
        (figures::bit_rate(outcome))
        (overview::tables(outcome, &report))
        (notes(&TERMS))
    };
    document("rtptap demo: a call over a lossy link", &body)
}

const TERMS: [(&str, &str); 5] = [
    (
        "lost on the link",
        "The relay between the two sessions dropped the packet the first time it came. The seed decides which, so both runs lose the same ones.",
    ),
    ("recovered", "Lost on the link, and yet the receiving application got it."),
    (
        "time to recover",
        "From the arrival of the next packet of the stream, which shows that one is missing, until the missing one is delivered.",
    ),
    ("round-trip time, jitter", "As the sessions measured them with RTCP reports (RFC 3550)."),
    ("bit rate", "RTP packets with their headers, without UDP and IP."),
];
