//! `dcx test`: certify a server, or the embedded mock.

use super::args::{LevelArg, TestArgs, WithArgs};
use super::before;
use super::fault::Fault;
use super::kind::Kind;
use super::outputs::Outputs;
use super::progress::Progress;
use super::setup::Setup;
use super::signals::Signals;
use crate::run::gate::exit;
use crate::run::{Board, Certification, Emitter, Selection, SharedSink};
use crate::snapshots::Differing;
use globset::{Glob, GlobSet, GlobSetBuilder};
use reports::aggregate::Run;
use specs::evidence::Level;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suites::Cases;
use tokio::sync::watch;

/// Runs the command.
pub(super) async fn run(args: Box<TestArgs>) -> Result<u8, Fault> {
    let mut selection = selection(&args)?;
    selection.from = super::cases::load(args.cases.as_deref(), args.only_cases)?;
    let document = args.openapi.as_deref().map(super::openapi::load).transpose()?;
    let mut setup = Setup::of(
        args.target.url.as_deref(),
        &args.target.with,
        args.edition.as_deref(),
    )
    .await?;
    apply(&args, &mut setup);
    let profiles = setup.targets.iter().map(|target| &target.profile);
    let idle = profiles.filter_map(|profile| super::cases::idle(&selection.from, profile));
    setup.notices.extend(idle.collect::<Vec<_>>());
    for target in &mut setup.targets {
        target.demands = target.demands.with(selection.from.demands(&target.profile));
    }
    let callback_listen = callback_listen(&args.target.with, &setup);
    let callback_url = args
        .target
        .with
        .callback_url
        .clone()
        .or_else(|| setup.config.file.callback.url.clone());
    if let Some(url) = &callback_url {
        crate::target::base_url(url)?;
    }
    let mut selection = selection;
    let mut notices = setup.notices.clone();
    let profiles: Vec<&str> = match &document {
        Some(_) => vec![crate::openapi::PROFILE],
        None => setup.targets.iter().map(|t| t.profile.id.as_str()).collect(),
    };
    let earlier = before::failed(&args, &profiles, &mut selection, &mut notices)?;
    let board = Board::default();
    let mut kind = match document {
        Some(document) => {
            let mut run = super::openapi::prepare(document, &setup, board.clone())?;
            if !args.target.with.profile.is_empty() {
                let text = "--profile is ignored: the document given with --openapi is what counts";
                run.notices.push(text.to_owned());
            }
            run.selection = selection;
            run.earlier = earlier;
            Kind::Document(Box::new(run))
        }
        None => Kind::Profiles(Box::new(Certification {
            targets: setup.targets.clone(),
            seed: setup.seed,
            limits: setup.limits.clone(),
            selection,
            callback_listen,
            callback_url,
            notices,
            earlier,
            board: board.clone(),
        })),
    };
    if let Some(path) = &args.resume {
        kind.earlier().kept = before::resumed(path, &kind.begun(), args.quiet)?;
    }
    // Last, since it empties the file of a log: a mistake elsewhere leaves the log of an earlier run alone.
    let continued = args.resume.as_deref().map(|log| (log, kind.earlier().kept.len()));
    let mut outputs = Outputs::open(&args.report, args.bundle.as_deref(), continued)?;
    let progress = Progress::new(args.quiet, board);
    let mut sinks: Vec<(String, SharedSink)> = outputs.live();
    sinks.push(("the progress".to_owned(), Arc::new(Mutex::new(progress))));
    let mut emitter = Emitter::new(sinks);
    let cancel = interruption();
    let summary = kind.run(&mut emitter, cancel).await?;
    if let Some(mock) = setup.mock.take() {
        mock.stop().await;
    }
    let mut told = emitter.finish();
    let changes = match &args.snapshots {
        Some(dir) => {
            let conformant = summary.finished.exit_code == exit::CONFORMANT;
            let differing = if args.update_snapshots {
                Differing::Update
            } else {
                Differing::Review
            };
            super::snapshot::compare(dir, &mut told, (conformant, differing))
        }
        None => Vec::new(),
    };
    // A selection that matches nothing is one sentence, and no table of noughts.
    if summary.selected > 0 {
        print_summary(&told.run)?;
    }
    for line in &changes {
        println!("{line}");
    }
    outputs.write(&mut told, &setup.config.text);
    if summary.selected == 0 {
        return Err(Fault::NothingSelected);
    }
    if told.failures.is_empty() {
        return Ok(summary.finished.exit_code);
    }
    Err(Fault::Report(told.failures.join("\n     ")))
}

fn apply(args: &TestArgs, setup: &mut Setup) {
    let limits = &mut setup.limits;
    limits.examples = args.examples.unwrap_or(limits.examples);
    limits.jobs = args.jobs.map_or(limits.jobs, usize::from);
    limits.rate = args.rate.or(limits.rate);
    if let Some(seconds) = args.callback_timeout {
        limits.callback_deadline = Duration::from_secs_f64(seconds);
    }
    if let Some(seconds) = args.longest_expiry {
        limits.longest_expiry = Duration::from_secs_f64(seconds);
    }
    if let Some(seconds) = args.patience {
        limits.patience = Duration::from_secs_f64(seconds);
    }
}

/// Where callbacks are received.
pub(super) fn callback_listen(args: &WithArgs, setup: &Setup) -> SocketAddr {
    args.callback_listen
        .or(setup.config.file.callback.listen)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// Turns true when the user interrupts. A second interruption ends the process.
pub(super) fn interruption() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    let mut signals = Signals::new();
    Signals::outlive_long_files();
    tokio::spawn(async move {
        signals.next().await;
        let _ = sender.send(true);
        signals.next().await;
        std::process::exit(i32::from(exit::INCONCLUSIVE));
    });
    receiver
}

fn selection(args: &TestArgs) -> Result<Selection, Fault> {
    let mut given = Vec::new();
    given.extend(args.case.iter().map(|glob| format!("case {glob}")));
    given.extend(args.requirement.iter().map(|glob| format!("requirement {glob}")));
    let level = args.level.map(|level| match level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::May => Level::May,
    });
    given.extend(level.map(|level| format!("level {}", level.word())));
    Ok(Selection {
        from: Cases::default(),
        cases: globs(&args.case)?,
        requirements: globs(&args.requirement)?,
        level,
        given,
    })
}

/// A matcher for globs; none where there is no glob.
pub(super) fn globs(patterns: &[String]) -> Result<Option<GlobSet>, Fault> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let bad = |e: &globset::Error| {
        Fault::usage(
            format!("this glob cannot be understood: {e}"),
            "use * and ?, e.g. 'dci.bearer.*'",
        )
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|e| bad(&e))?);
    }
    Ok(Some(set.build().map_err(|e| bad(&e))?))
}

/// Prints the summary for people.
pub(super) fn print_summary(run: &Run) -> Result<(), Fault> {
    let stdout = std::io::stdout();
    let style = reports::summary::Style {
        colour: colours(),
        width: width(),
    };
    let mut text = Vec::new();
    let written = reports::summary::render(run, &mut text, style)
        .and_then(|()| stdout.lock().write_all(&text))
        .and_then(|()| stdout.lock().flush());
    match written {
        // A reader that had enough, such as `head`, is no failure.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Fault::Report(format!("failed to print the summary: {e}")))
        }
        _ => Ok(()),
    }
}

fn colours() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal()
        && !set("NO_COLOR")
        && std::env::var("TERM").is_ok_and(|term| term != "dumb")
}

/// Columns to fill: those of the terminal, within reason.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns
        .or_else(|| {
            console::Term::stdout()
                .size_checked()
                .map(|(_, columns)| columns.into())
        })
        .unwrap_or(100)
        .clamp(60, 120)
}
