//! Programs that we start: each in a process group of its own, so that nothing of it stays behind
//! when we end, whatever the reason.

use crate::failure::{Failure, Result, While};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Kairan drains within 30 s after SIGTERM.
const GRACE: Duration = Duration::from_secs(35);
const POLL: Duration = Duration::from_millis(20);

static RUNNING: Mutex<Vec<Arc<Started>>> = Mutex::new(Vec::new());
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static STOPPING: AtomicBool = AtomicBool::new(false);

struct Started {
    child: Mutex<Child>,
    group: Pid,
    stop_signal: Signal,
}

impl Started {
    fn ended(&self) -> Option<ExitStatus> {
        lock(&self.child).try_wait().ok().flatten()
    }

    fn signal(&self, signal: Signal) {
        // The group may be gone already.
        let _ = killpg(self.group, signal);
    }
}

/// A started program; stopped when dropped.
pub struct Running(Arc<Started>);

impl Running {
    /// Starts `command`; `stop_signal` asks it to end in an orderly way.
    pub fn start_with(command: &mut Command, stop_signal: Signal) -> Result<Self> {
        command.process_group(0);
        let mut running = lock(&RUNNING);
        while STOPPING.load(Ordering::SeqCst) {
            drop(running);
            wait_if_stopping();
            running = lock(&RUNNING);
        }
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().during(format!("starting {name}"))?;
        let group = Pid::from_raw(i32::try_from(child.id()).during("process id")?);
        let started = Arc::new(Started { child: Mutex::new(child), group, stop_signal });
        running.push(Arc::clone(&started));
        Ok(Self(started))
    }

    pub fn start(command: &mut Command) -> Result<Self> {
        Self::start_with(command, Signal::SIGTERM)
    }

    /// Its process id.
    pub fn id(&self) -> i32 {
        self.0.group.as_raw()
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        wait_if_stopping();
        self.0.ended()
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&self) {
        self.0.signal(Signal::SIGKILL);
        while self.0.ended().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Asks it to end, and tells how it did.
    pub fn terminate(&self) -> Option<ExitStatus> {
        stop(std::slice::from_ref(&self.0));
        self.ended()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        wait_if_stopping();
        stop(std::slice::from_ref(&self.0));
        lock(&RUNNING).retain(|other| !Arc::ptr_eq(other, &self.0));
    }
}

fn stop(all: &[Arc<Started>]) {
    for started in all.iter().filter(|started| started.ended().is_none()) {
        started.signal(started.stop_signal);
    }
    let since = Instant::now();
    for started in all {
        while started.ended().is_none() && since.elapsed() < GRACE {
            std::thread::sleep(POLL);
        }
        // What it started itself goes with it.
        started.signal(Signal::SIGKILL);
        while started.ended().is_none() {
            std::thread::sleep(POLL);
        }
    }
}

/// Stops all that runs and removes temporary folders.
pub fn stop_everything() {
    let all = std::mem::take(&mut *lock(&RUNNING));
    stop(&all);
    for folder in lock(&TEMPORARY).drain(..) {
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// Ctrl-C, SIGTERM and SIGHUP stop everything before we end (exit 130).
pub fn stop_on_signals() -> Result {
    ctrlc::set_handler(|| {
        if STOPPING.swap(true, Ordering::SeqCst) {
            return;
        }
        println!("\nStopping …");
        stop_everything();
        println!("Stopped.");
        std::process::exit(130);
    })
    .during("listening for Ctrl-C")
}

/// Once we are being stopped no other thread starts, judges or reports anything more.
pub fn wait_if_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// A folder for this run, removed when we end.
pub fn temporary_folder(name: &str) -> Result<PathBuf> {
    for number in 0..1000 {
        let folder =
            std::env::temp_dir().join(format!("kairan-{name}-{}-{number}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Ok(()) => {
                lock(&TEMPORARY).push(folder.clone());
                return Ok(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).during(format!("creating {}", folder.display())),
        }
    }
    Err("no free name for a temporary folder".into())
}

/// Runs `command` to its end. What it says goes to `log`; here stands only how far it is.
pub fn run_logged(command: &mut Command, log: &Path) -> Result {
    let file = File::options().create(true).append(true).open(log).during(log.display())?;
    let start = file.metadata()?.len();
    command.stdout(file.try_clone()?).stderr(file);
    command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1");
    let running = Running::start(command)?;
    let since = Instant::now();
    let terminal = std::io::stdout().is_terminal();
    let every = Duration::from_secs(if terminal { 1 } else { 60 });
    let mut next = every;
    let status = loop {
        if let Some(status) = running.ended() {
            break status;
        }
        if since.elapsed() >= next {
            next += every;
            let line = last_lines(log, start, 1);
            let line: String = line.trim().chars().take(60).collect();
            let elapsed = seconds(since.elapsed());
            if terminal {
                print!("        {elapsed:>12}  {line:<60}\r");
            } else {
                println!("        {elapsed:>12}  {line}");
            }
            let _ = std::io::stdout().flush();
        }
        std::thread::sleep(POLL);
    };
    if terminal && since.elapsed() >= every {
        print!("{:80}\r", "");
    }
    if status.success() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{} ended with {status}. The end of {}:\n{}",
        command.get_program().to_string_lossy(),
        log.display(),
        last_lines(log, start, 80)
    )))
}

/// What a command prints, if it ends well.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().during(format!("running {name}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} ended with {}: {}", output.status, said.trim()).into())
}

/// The last `count` lines that say something, of what `log` holds after `start` bytes.
pub fn last_lines(log: &Path, start: u64, count: usize) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(start.max(length.saturating_sub(64 * 1024))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// 「4.2 s」, 「3 min 05 s」.
pub fn seconds(duration: Duration) -> String {
    let all = duration.as_secs();
    match all {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{all} s"),
        _ => format!("{} min {:02} s", all / 60, all % 60),
    }
}

/// Asks again and again until the answer is there, or `limit` is over.
pub fn until<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let since = Instant::now();
    loop {
        wait_if_stopping();
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if since.elapsed() > limit {
            return None;
        }
        std::thread::sleep(POLL);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
