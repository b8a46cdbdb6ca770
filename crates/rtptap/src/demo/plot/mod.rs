//! Plots as inline SVG: axes with ticks, and marks upon them. Colours come from the page's style sheet by class.

mod axis;
mod marks;
mod plane;

pub(super) use axis::Axis;
pub(super) use marks::{area_steps, dots, line, line_steps, ticks};
pub(super) use plane::{Plane, Size};
