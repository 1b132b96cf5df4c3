//! The `dcx` command as a process, under a watchdog: no test waits for it longer than it may take.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a command may take unless a test says otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Ended {
    /// Fails unless the command ended with this code; shows what it said.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\nstdout: {}\nstderr: {}",
            self.out,
            self.err
        );
        self
    }

    /// Fails unless stderr says this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "`{text}` is missing from: {}", self.err);
        self
    }
}

/// The command in a directory, with nothing of our own environment that it reads.
pub(crate) fn dcx(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dcx"));
    command.current_dir(dir).args(args).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DCX_") {
            command.env_remove(name);
        }
    }
    command.env("COLUMNS", "100").env("TERM", "dumb");
    command
}

/// Runs a command to its end.
#[track_caller]
pub(crate) fn run(dir: &Path, args: &[&str]) -> Ended {
    Running::start(&mut dcx(dir, args)).end(PATIENCE)
}

/// A command that runs. It is killed when it is dropped.
pub(crate) struct Running {
    pid: u32,
    began: Instant,
    first_line: mpsc::Receiver<String>,
    ended: mpsc::Receiver<Ended>,
    over: bool,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let began = Instant::now();
        let child = command.spawn().unwrap();
        let pid = child.id();
        let (line, first_line) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        std::thread::spawn(move || {
            // Whoever started it may have gone.
            let _ = end.send(follow(child, began, &line));
        });
        Self {
            pid,
            began,
            first_line,
            ended,
            over: false,
        }
    }

    /// The first line that it prints.
    #[track_caller]
    pub(crate) fn first_line(&self) -> String {
        self.first_line
            .recv_timeout(PATIENCE)
            .expect("a line within the time")
    }

    /// Sends a signal to it.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid.to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; kills it and fails when that does not come.
    #[track_caller]
    pub(crate) fn end(mut self, patience: Duration) -> Ended {
        if let Ok(ended) = self.ended.recv_timeout(patience) {
            self.over = true;
            return ended;
        }
        self.signal("KILL");
        let ended = self.ended.recv().unwrap();
        self.over = true;
        panic!("still running after {:?}: {ended:?}", self.began.elapsed());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            self.signal("KILL");
            let _ = self.ended.recv();
        }
    }
}

fn follow(mut child: Child, began: Instant, line: &mpsc::Sender<String>) -> Ended {
    let mut stderr = child.stderr.take().unwrap();
    let errors = std::thread::spawn(move || {
        let mut err = String::new();
        // What is not UTF-8 ends the reading, and with it the comparison that needs it.
        let _ = stderr.read_to_string(&mut err);
        err
    });
    let mut out = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let _ = stdout.read_line(&mut out);
    let _ = line.send(out.clone());
    let _ = stdout.read_to_string(&mut out);
    let err = errors.join().unwrap();
    let status = child.wait().unwrap();
    Ended {
        code: status.code(),
        out,
        err,
        took: began.elapsed(),
    }
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
