//! Plots as inline SVG: axes with ticks, and marks upon them. Colours come from the page's style sheet by class.

mod axis;
mod marks;
mod plane;

pub(crate) use axis::Axis;
pub(crate) use marks::{area_steps, band_steps, dots, line, line_steps, ticks};
pub(crate) use plane::{Plane, Size};
