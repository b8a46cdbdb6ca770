//! The report page of a demo.

mod figures;
mod overview;
mod rate;
mod recovery;

use maud::html;

use super::{DemoReport, Outcome};
use crate::page::{document, notes};

/// The page of a demo: one file with style and plots inside, no script, nothing loaded from elsewhere.
#[must_use]
pub fn report_html(outcome: &Outcome) -> String {
    let report = DemoReport::new(outcome);
    let body = html! {
        (overview::header(&report))
        (overview::tiles(&report))
        (rate::figure(outcome))
        (figures::every_packet(outcome))
        (figures::late(outcome))
        (figures::loss(outcome))
        (recovery::recovery(outcome, &report))
        (figures::bit_rate(outcome))
        (overview::tables(outcome, &report))
        (notes(&terms(&report)))
    };
    document("rtptap demo: a call over a lossy link", &body)
}

/// The figures of the page in words.
fn terms(report: &DemoReport) -> Vec<(&'static str, &'static str)> {
    let of_rate = report.rate.iter().flat_map(|_| RATE_TERMS);
    TERMS.into_iter().chain(of_rate).collect()
}

const RATE_TERMS: [(&str, &str); 3] = [
    (
        "capacity, target, sent",
        "What the link carries, what congestion control allows to be sent, and what came to the link: media, retransmissions, FEC, RTCP and padding, with IP and UDP headers. The sender is told nothing of the capacity: it learns from the receiver's feedback when packets came.",
    ),
    (
        "queue",
        "How long datagrams waited at the link for those before them. What would wait longer than 300 ms is dropped, which counts as lost on the link.",
    ),
    ("utilisation", "What passed the link, headers and all, out of what it could have carried."),
];

const TERMS: [(&str, &str); 7] = [
    (
        "lost on the link",
        "The relay between the two sessions dropped the packet the first time it came. The seed decides which, so all runs lose the same ones, as long as they send the same.",
    ),
    (
        "recovered",
        "Lost on the link, and yet the receiving application got it: sent again, or made of others by FEC.",
    ),
    (
        "frames late",
        "Pictures, and packets of audio, of which a part came later than the link's delay and what the receiver waits, or never. A picture that needs a late one is not counted as late.",
    ),
    (
        "time to recover",
        "From the arrival of the next packet of the stream, which shows that one is missing, until the missing one is delivered.",
    ),
    ("round-trip time, jitter", "As the sessions measured them with RTCP reports (RFC 3550)."),
    ("overhead of repair", "Retransmissions and FEC packets in percent of the media's bytes."),
    ("bit rate", "RTP packets with their headers, without UDP and IP."),
];
