//! The report page: one file with style and plots inside, no script, nothing loaded from elsewhere.

mod figures;
mod overview;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{DemoReport, Outcome};

static STYLE: &str = include_str!("style.css");

/// The page of a demo. It follows the reader's light or dark scheme and prints.
#[must_use]
pub fn report_html(outcome: &Outcome) -> String {
    let report = DemoReport::new(outcome);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "rtptap demo: a call over a lossy link" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (overview::header(&report))
                    (overview::tiles(outcome, &report))
                    (figures::every_packet(outcome))
                    (figures::loss(outcome))
                    (figures::recovery(outcome, &report))
                    (figures::bit_rate(outcome))
                    (overview::tables(outcome, &report))
                    (notes())
                }
            }
        }
    };
    page.into_string()
}

fn notes() -> Markup {
    html! {
        section.notes {
            h2 { "What the figures mean" }
            dl {
                dt { "lost on the link" }
                dd { "The relay between the two sessions dropped the packet the first time it came. The seed decides which, so both runs lose the same ones." }
                dt { "recovered" }
                dd { "Lost on the link, and yet the receiving application got it." }
                dt { "time to recover" }
                dd { "From the arrival of the next packet of the stream, which shows that one is missing, until the missing one is delivered." }
                dt { "round-trip time, jitter" }
                dd { "As the sessions measured them with RTCP reports (RFC 3550)." }
                dt { "bit rate" }
                dd { "RTP packets with their headers, without UDP and IP." }
            }
        }
        footer { "Made by rtptap " (env!("CARGO_PKG_VERSION")) "." }
    }
}
