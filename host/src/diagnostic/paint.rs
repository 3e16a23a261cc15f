//! Whether a terminal gets colours, and which: a [`Tone`] becomes the escapes around a text, or nothing.

use std::env;
use std::fmt;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also in a pipe
    Always,
    /// Never
    Never,
}

impl Color {
    fn is_on(self, is_terminal: bool, no_color: bool) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !no_color,
        }
    }
}

/// How a text is to look where it is printed.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether escapes for colours are written.
    pub color: bool,
    /// Columns of a line.
    pub width: usize,
}

/// Columns where nobody says how many there are.
const TERMINAL: usize = 80;
const PIPE: usize = 100;

impl Look {
    /// The look for a stream, by what the surroundings say: `NO_COLOR` (<https://no-color.org>), `TERM` and `COLUMNS`.
    pub fn of(color: Color, is_terminal: bool) -> Self {
        let says = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = color.is_on(is_terminal && !dumb, says("NO_COLOR"));
        let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = columns.unwrap_or(if is_terminal { TERMINAL } else { PIPE });
        Look { color, width }
    }

    pub(super) fn paint(self, tone: Tone) -> Paint {
        Paint((self.color && tone != Tone::Plain).then_some(tone))
    }
}

/// What a text is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// What refuses.
    Bad,
    /// What only warns.
    Calm,
    /// What is to be read first.
    Strong,
    /// Anything else.
    Plain,
    /// Line numbers, bars, notes.
    Frame,
    /// Advice.
    Help,
    /// What a fix takes away.
    Gone,
    /// What a fix puts there.
    New,
}

/// Writes the escape that turns a tone on, and with `{:#}` the one that turns it off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(Option<Tone>);

impl fmt::Display for Paint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(tone) = self.0 else { return Ok(()) };
        if f.alternate() {
            return f.write_str("\x1b[0m");
        }
        f.write_str(match tone {
            Tone::Plain => "",
            Tone::Bad => "\x1b[1;31m",
            Tone::Calm => "\x1b[33m",
            Tone::Strong => "\x1b[1m",
            Tone::Frame => "\x1b[2m",
            Tone::Help => "\x1b[36m",
            Tone::Gone => "\x1b[31m",
            Tone::New => "\x1b[32m",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_unless_told_otherwise() {
        let check = |color: Color, is_terminal, no_color, expected| {
            assert_eq!(color.is_on(is_terminal, no_color), expected, "{color:?} {is_terminal} {no_color}");
        };
        check(Color::Auto, true, false, true);
        check(Color::Auto, true, true, false);
        check(Color::Auto, false, false, false);
        check(Color::Always, false, true, true);
        check(Color::Never, true, false, false);
    }
}
