//! Pages: one file with style and plots inside, no script, nothing loaded from elsewhere.

pub(crate) mod plot;

use maud::{DOCTYPE, Markup, PreEscaped, html};

static STYLE: &str = include_str!("style.css");

/// The whole page. It follows the reader's light or dark scheme and prints.
pub(crate) fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    };
    page.into_string()
}

/// A headline figure.
pub(crate) fn tile(class: &str, label: &str, value: &str, beside: &str) -> Markup {
    html! {
        div class={ "tile " (class) } {
            p.label { (label) }
            p.value { (value) }
            p.beside { (beside) }
        }
    }
}

/// A plot with what it shows.
pub(crate) fn figure(title: &str, note: &str, legend: Markup, plot: Markup) -> Markup {
    html! {
        figure {
            h2 { (title) }
            p.note { (note) }
            ul.legend { (legend) }
            div.scroll { (plot) }
        }
    }
}

/// An entry of a legend: a mark as the plot draws it, and what it stands for.
pub(crate) fn key(class: &str, d: &str, label: &str) -> Markup {
    html! { li { svg.key viewBox="0 0 18 12" aria-hidden="true" { path class=(class) d=(d) {} } (label) } }
}

/// Terms and what they mean, and who made the page.
pub(crate) fn notes(terms: &[(&str, &str)]) -> Markup {
    html! {
        section.notes {
            h2 { "What the figures mean" }
            dl { @for (term, meaning) in terms { dt { (term) } dd { (meaning) } } }
        }
        footer { "Made by rtptap " (env!("CARGO_PKG_VERSION")) "." }
    }
}
