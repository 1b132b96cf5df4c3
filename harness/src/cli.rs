//! The command line: what users type and read. The only module that writes to stdout and stderr.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where the command speaks"
)]

mod args;
mod before;
mod bodies;
mod cases;
mod catalogue;
mod changes;
mod check;
mod codes;
mod explain;
mod fault;
mod init;
mod kind;
mod known;
mod list;
mod mock;
mod openapi;
mod outputs;
mod progress;
mod prove;
mod render;
mod replay;
mod schema;
mod secured;
mod setup;
mod signals;
mod snapshot;
mod spec;
mod test;
mod verify;

use crate::run::gate::exit;
use clap::Parser;
use fault::Fault;
use std::process::ExitCode;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let args = match args::Dcx::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let code = if e.use_stderr() {
                exit::USAGE
            } else {
                exit::CONFORMANT
            };
            // Nothing can be done about a closed terminal.
            let _ = e.print();
            return ExitCode::from(code);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("dcx: failed to start: {e}");
            return ExitCode::from(exit::SETUP);
        }
    };
    let outcome = runtime.block_on(async {
        match args.command {
            args::Command::Test(args) => test::run(args).await,
            args::Command::Check(args) => check::run(args).await,
            args::Command::Replay(args) => replay::run(args).await,
            args::Command::Diff(args) => changes::run(&args),
            args::Command::Init(args) => init::run(&args),
            args::Command::Mock(args) => mock::run(*args).await,
            args::Command::Prove(args) => prove::run(args).await,
            args::Command::List(args) => list::run(&args),
            args::Command::Explain(args) => explain::run(&args),
            args::Command::Spec(args) => spec::run(&args),
            args::Command::Render(args) => render::run(&args),
            args::Command::Verify(args) => verify::run(&args),
        }
    });
    // A task that is stuck in a system call must not keep the process alive.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            report(&fault);
            ExitCode::from(fault.exit_code())
        }
    }
}

fn report(fault: &Fault) {
    match fault.diagnostic() {
        Some(diagnostic) => eprintln!("{diagnostic:?}"),
        None => {
            eprintln!("dcx: {fault}");
            if let Some(remedy) = fault.remedy() {
                eprintln!("  → {remedy}");
            }
        }
    }
}
