//! Turns a memory size into the share of a CPU that Lambda gives with it, and holds a process to that share.
//!
//! Lambda gives CPU in proportion to memory, a whole one at 1,769 MB; how it does so it does not say. Here it is the kernel's own
//! bandwidth control, so much time in each period, where control groups can be made (version 2's `cpu.max`, or version 1's
//! `cpu.cfs_quota_us`; both need root). Elsewhere the process is stopped and continued, which takes from its waiting too.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Result;

/// At this many MB a function has one CPU.
const WHOLE: f64 = 1769.0;
const PERIOD: Duration = Duration::from_millis(20);
/// Where control groups are, and the files of theirs that hold the period and the quota. Version 2 has both in one.
const PLACES: [(&str, Way); 4] = [
    ("/sys/fs/cgroup", Way::Version2),
    ("/sys/fs/cgroup/unified", Way::Version2),
    ("/sys/fs/cgroup/cpu,cpuacct", Way::Version1),
    ("/sys/fs/cgroup/cpu", Way::Version1),
];

#[derive(Clone, Copy, Debug)]
enum Way {
    Version2,
    Version1,
}

/// A share of one CPU.
#[derive(Clone, Copy, Debug)]
pub struct Share(f64);

/// A process that is held to a share for as long as this lives, or else until it ends.
pub enum Limited {
    /// By the kernel.
    Group(PathBuf),
    /// By signals.
    Signals(Arc<AtomicBool>, Option<JoinHandle<()>>),
}

impl Share {
    /// What Lambda gives with so much memory.
    pub fn of_memory(megabytes: u32) -> Share {
        Share(f64::from(megabytes) / WHOLE)
    }

    /// Holds that process to the share.
    pub fn limit(self, process: u32) -> Result<Limited> {
        for (place, way) in PLACES {
            if let Some(group) = self.group(Path::new(place), way) {
                let joined = fs::write(group.join("cgroup.procs"), process.to_string());
                let limited = Limited::Group(group);
                if joined.is_ok() {
                    return Ok(limited);
                }
            }
        }
        self.signals(process)
    }

    /// A new group of that share; none where they cannot be made.
    fn group(self, place: &Path, way: Way) -> Option<PathBuf> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let group = place.join(format!("gateleg-bench-{}-{number}", std::process::id()));
        fs::create_dir(&group).ok()?;
        let (period, quota) = (PERIOD.as_micros(), (PERIOD.as_micros() as f64 * self.0).round());
        let written = match way {
            Way::Version2 => set(&group, "cpu.max", format!("{quota} {period}")),
            Way::Version1 => set(&group, "cpu.cfs_period_us", period.to_string())
                .and_then(|()| set(&group, "cpu.cfs_quota_us", quota.to_string())),
        };
        if written.is_none() {
            drop(fs::remove_dir(&group));
        }
        written.map(|()| group)
    }

    /// A shell sends the signals: its `kill` starts no process.
    fn signals(self, process: u32) -> Result<Limited> {
        let script = format!("while read name; do kill -$name {process} || exit; done");
        let mut shell = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut names = shell.stdin.take().ok_or("expected a pipe to sh")?;
        let has_ended = Arc::new(AtomicBool::new(false));
        let (on, off) = (PERIOD.mul_f64(self.0.min(1.0)), PERIOD.mul_f64((1.0 - self.0).max(0.0)));
        let seen = Arc::clone(&has_ended);
        let thread = std::thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                for (name, time) in [("STOP\n", off), ("CONT\n", on)] {
                    if names.write_all(name.as_bytes()).is_err() {
                        return;
                    }
                    std::thread::sleep(time);
                }
            }
            drop(names);
            drop(shell.wait());
        });
        Ok(Limited::Signals(has_ended, Some(thread)))
    }
}

impl Limited {
    /// How it is held, for people.
    pub fn how(&self) -> String {
        match self {
            Limited::Group(group) => format!("CFS quota in periods of {PERIOD:?}, by {}", place(group).display()),
            Limited::Signals(..) => {
                format!("SIGSTOP and SIGCONT in periods of {PERIOD:?}: no control group can be made")
            }
        }
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        match self {
            // The process is gone by now: a group with something in it stays.
            Limited::Group(group) => drop(fs::remove_dir(group)),
            Limited::Signals(has_ended, thread) => {
                has_ended.store(true, Ordering::Relaxed);
                drop(thread.take().map(JoinHandle::join));
            }
        }
    }
}

fn place(group: &Path) -> &Path {
    group.parent().unwrap_or(group)
}

/// Writes one of a group's files, which is there only where the group can be held to a share.
fn set(group: &Path, name: &str, value: String) -> Option<()> {
    let file = group.join(name);
    if file.is_file() { fs::write(file, value).ok() } else { None }
}
