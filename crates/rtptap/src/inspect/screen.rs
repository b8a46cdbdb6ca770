//! Draws over what was drawn before, on a terminal, so that a table stands still while its figures change.

use std::io::{self, Write};

use console::{measure_text_width, truncate_str};

/// What stands on the terminal and is to be drawn over.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// How long each of its lines is.
    drawn: Vec<usize>,
}

impl Screen {
    /// Draws lines in place of those drawn last. `size` is the terminal's, rows and columns.
    pub(super) fn draw(&mut self, out: &mut dyn Write, text: &str, size: (usize, usize)) -> io::Result<()> {
        let (height, width) = size;
        let mut frame = self.erased(size);
        let lines: Vec<_> = text.lines().take(height.saturating_sub(1)).collect();
        self.drawn.clear();
        for line in lines {
            let line = truncate_str(line, width, "…");
            self.drawn.push(measure_text_width(&line));
            frame.push_str(&line);
            frame.push_str("\x1b[K\n");
        }
        frame.push_str("\x1b[J");
        // In one piece, so that no half of it is ever seen.
        out.write_all(frame.as_bytes())?;
        out.flush()
    }

    /// Draws in place of what was drawn last something that stays, however long it is.
    pub(super) fn settle(&mut self, out: &mut dyn Write, text: &str, size: (usize, usize)) -> io::Result<()> {
        let mut frame = self.erased(size);
        self.drawn.clear();
        // Line by line: a screen that is erased at once goes into the history of some terminals.
        text.lines().for_each(|line| frame.extend([line, "\x1b[K\n"]));
        frame.push_str("\x1b[J");
        out.write_all(frame.as_bytes())?;
        out.flush()
    }

    /// Something stands there that would be drawn over.
    pub(super) const fn is_drawn(&self) -> bool {
        !self.drawn.is_empty()
    }

    /// The way back to where the first line began. A terminal that became narrower meanwhile has wrapped the lines; what has
    /// left it at the top is out of reach.
    fn erased(&self, (height, width): (usize, usize)) -> String {
        let rows: usize = self.drawn.iter().map(|len| len.div_ceil(width.max(1)).max(1)).sum();
        match rows.min(height.saturating_sub(1)) {
            0 => "\r".to_owned(),
            rows => format!("\r\x1b[{rows}A"),
        }
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, TermLike};

    use super::*;

    /// A terminal with a prompt above, drawn on in turn, and what is seen on it then.
    fn seen(rows: u16, columns: u16, frames: &[&str]) -> String {
        let terminal = InMemoryTerm::new(rows, columns);
        terminal.write_line("$ rtptap").unwrap();
        let mut screen = Screen::default();
        for frame in frames {
            let mut out = Vec::new();
            screen.draw(&mut out, frame, (rows.into(), columns.into())).unwrap();
            // The terminal in memory, like one in raw mode, wants both.
            terminal.write_str(&String::from_utf8(out).unwrap().replace('\n', "\r\n")).unwrap();
        }
        terminal.contents()
    }

    #[test]
    fn a_frame_takes_the_place_of_the_one_before() {
        assert_eq!(seen(10, 20, &["one\ntwo\nthree\n", "four\n"]), "$ rtptap\nfour");
        assert_eq!(seen(10, 20, &["one\n", "four\nfive\nsix\n", "long ago\nx\n"]), "$ rtptap\nlong ago\nx");
    }

    #[test]
    fn a_frame_that_is_too_large_is_cut_and_scrolls_nothing_twice() {
        let tall = "a\nb\nc\nd\ne\nf\n";
        assert_eq!(seen(5, 20, &[tall, tall, tall]), "a\nb\nc\nd");
        let wide = "0123456789abcdef\nx\n";
        assert_eq!(seen(5, 10, &[wide, wide]), "$ rtptap\n012345678…\nx");
    }

    #[test]
    fn a_terminal_that_became_narrower_has_wrapped_the_lines() {
        let mut screen = Screen::default();
        screen.draw(&mut Vec::new(), "0123456789abcdef\nx\n", (24, 80)).unwrap();
        assert_eq!(screen.erased((24, 10)), "\r\x1b[3A");
        assert_eq!(screen.erased((3, 10)), "\r\x1b[2A");
    }

    #[test]
    fn what_stays_takes_the_place_of_the_last_frame_and_is_not_drawn_over() {
        let terminal = InMemoryTerm::new(10, 20);
        let (mut screen, mut out) = (Screen::default(), Vec::new());
        screen.draw(&mut out, "one\ntwo\nthree\n", (10, 20)).unwrap();
        screen.settle(&mut out, "all\nof it\n", (10, 20)).unwrap();
        screen.draw(&mut out, "next\n", (10, 20)).unwrap();
        terminal.write_str(&String::from_utf8(out).unwrap().replace('\n', "\r\n")).unwrap();
        assert_eq!(terminal.contents(), "all\nof it\nnext");
    }
}
