//! The `dcx` command: parses, runs, and maps the outcome to an exit code.

use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    harness::cli::main()
}
