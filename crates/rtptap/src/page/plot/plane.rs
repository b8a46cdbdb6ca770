//! The plane that marks are drawn on: two axes with grid, labels and titles.

use maud::{Markup, html};

use super::Axis;

/// Size of a plot in its own units; the page scales it to the width that it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// An x axis below, a y axis at the left, and the room between them.
#[derive(Clone, Debug)]
pub(crate) struct Plane {
    size: Size,
    x: Axis,
    y: Axis,
}

const LEFT: f64 = 70.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 46.0;

impl Plane {
    pub(crate) fn new(size: Size, x: Axis, y: Axis) -> Self {
        Self { size, x, y }
    }

    /// Horizontal place of a value.
    pub(crate) fn x(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (self.size.width - LEFT - RIGHT)
    }

    /// Vertical place of a value.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.size.height - BOTTOM - self.y.place(value) * (self.size.height - TOP - BOTTOM)
    }

    /// The whole plot. `description` is what a screen reader says.
    pub(crate) fn draw(&self, description: &str, marks: Markup) -> Markup {
        let Size { width, height } = self.size;
        html! {
            svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(description) {
                (self.grid())
                (marks)
                (self.titles())
            }
        }
    }

    fn grid(&self) -> Markup {
        let (left, right) = (px(LEFT), px(self.size.width - RIGHT));
        let bottom = self.size.height - BOTTOM;
        html! {
            @for (tick, label) in &self.y.ticks {
                @let y = self.y(*tick);
                line.grid x1=(left) x2=(right) y1=(px(y)) y2=(px(y)) {}
                text.tick.end x=(px(LEFT - 8.0)) y=(px(y + 4.0)) { (label) }
            }
            line.axis x1=(left) x2=(right) y1=(px(bottom)) y2=(px(bottom)) {}
            @for (tick, label) in &self.x.ticks {
                @let x = px(self.x(*tick));
                line.axis x1=(x) x2=(x) y1=(px(bottom)) y2=(px(bottom + 4.0)) {}
                text.tick.mid x=(x) y=(px(bottom + 18.0)) { (label) }
            }
        }
    }

    fn titles(&self) -> Markup {
        let middle_x = f64::midpoint(LEFT, self.size.width - RIGHT);
        let middle_y = f64::midpoint(TOP, self.size.height - BOTTOM);
        html! {
            text.title.mid x=(px(middle_x)) y=(px(self.size.height - 8.0)) { (self.x.title) }
            text.title.mid transform={ "translate(14 " (px(middle_y)) ") rotate(-90)" } { (self.y.title) }
        }
    }
}

/// A length to a tenth of a unit, which is finer than a screen shows.
pub(super) fn px(length: f64) -> String {
    let tenths = format!("{length:.1}");
    tenths.strip_suffix(".0").map(str::to_owned).unwrap_or(tenths)
}
