//! How far a command has come becomes a bar on the terminal, and one line at the end; both go to stderr.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where the end is not known.
const SPINNER: &str = "{spinner} {bytes}  {msg}  {elapsed}";

/// A command's progress. In a pipe nothing is drawn.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
    started: Instant,
    items: u64,
    before: u64,
}

impl Progress {
    /// Nothing is drawn before [`Progress::start`].
    pub fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(10) };
        let bar = ProgressBar::with_draw_target(None, target);
        Progress { bar, quiet, started: Instant::now(), items: 0, before: 0 }
    }

    /// Begins, where an earlier run has come so far already; `total` is in bytes, if it is known.
    pub fn start(&mut self, total: Option<u64>, items: u64, bytes: u64) {
        // How long it will take is known when something was done.
        self.look(if total.is_some() { "[{wide_bar}]  {bytes} of {total_bytes}  {msg}" } else { SPINNER });
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.started = Instant::now();
        (self.items, self.before) = (items, items);
        self.bar.set_position(bytes);
        self.bar.reset_eta();
        self.bar.set_message(format!("{} items", HumanCount(items)));
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    /// So many items and bytes are done, those of earlier runs included.
    pub fn at(&mut self, items: u64, bytes: u64) {
        if self.items == self.before && self.bar.length().is_some() {
            self.look("[{wide_bar}]  {bytes} of {total_bytes}  {msg}  {eta} left");
        }
        self.items = items;
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{} items  {} items/s", HumanCount(items), HumanCount(self.rate())));
    }

    /// What to call when the store is busy.
    pub fn busy(&self) -> impl Fn() + Send + 'static {
        let (bar, items) = (self.bar.clone(), self.items);
        move || bar.set_message(format!("{} items  the store is busy, waiting", HumanCount(items)))
    }

    /// Takes the bar away, so that something else can be written.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Says something, above the bar if there is one.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| eprintln!("{text}"));
        }
    }

    /// The line at the end: `imported 3,000 items (1.20 MiB) into orders in 0.8 s, 3,700 items/s`.
    pub fn end(&self, verb: &str, place: &str, bytes: u64) {
        self.clear();
        let seconds = self.started.elapsed().as_secs_f64();
        let before = match self.before {
            0 => Cow::Borrowed(""),
            before => format!(", {} of them in earlier runs", HumanCount(before)).into(),
        };
        // Of a moment no rate is worth telling.
        let rate = if seconds < 1.0 { String::new() } else { format!(", {} items/s", HumanCount(self.rate())) };
        self.say(&format!(
            "{verb} {} ({}) {place} in {seconds:.1} s{rate}{before}",
            items(self.items),
            HumanBytes(bytes)
        ));
    }

    fn look(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
    }

    /// Items per second, in this run.
    fn rate(&self) -> u64 {
        let ms = self.started.elapsed().as_millis().max(1);
        u64::try_from(u128::from(self.items.saturating_sub(self.before)) * 1000 / ms).unwrap_or(u64::MAX)
    }
}

/// `1 item`, `3,000 items`.
pub fn items(count: u64) -> String {
    format!("{} {}", HumanCount(count), if count == 1 { "item" } else { "items" })
}
