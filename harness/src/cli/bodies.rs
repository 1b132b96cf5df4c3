//! `dcx render bodies`: what the generator makes, for somebody else's validator.

use super::args::BodiesArgs;
use super::fault::Fault;
use crate::generate::bodies::{Sample, of_target};
use crate::openapi::Bodies;
use crate::run::gate::exit;
use crate::target::Target;
use specs::document::Document;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &BodiesArgs) -> Result<u8, Fault> {
    let mut out: Box<dyn Write> = match args.out.as_deref().filter(|path| *path != Path::new("-")) {
        None => Box::new(std::io::stdout().lock()),
        Some(path) => Box::new(File::create(path).map_err(|e| failed(&e))?),
    };
    let mut out = BufWriter::new(&mut out);
    let mut take = |sample: Sample| {
        serde_json::to_writer(&mut out, &sample)?;
        out.write_all(b"\n")
    };
    let written = match &args.openapi {
        Some(file) => of_document(args, file, &mut take)?,
        None => of_profile(args, &mut take)?,
    };
    match written.and_then(|()| out.flush()) {
        // A reader that had enough, such as `head`, is no failure.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(failed(&e)),
        _ => Ok(exit::CONFORMANT),
    }
}

type Take<'t> = &'t mut dyn FnMut(Sample) -> std::io::Result<()>;

fn of_profile(args: &BodiesArgs, take: Take<'_>) -> Result<std::io::Result<()>, Fault> {
    let ids: Vec<String> = args.profile.iter().cloned().collect();
    let mut made = 0;
    for profile in super::setup::profiles(&ids)? {
        let target = Target::new(profile, "http://127.0.0.1")?;
        for operation in target.profile.operations.keys() {
            if args.operation.as_ref().is_some_and(|wanted| wanted != operation) {
                continue;
            }
            match of_target(&target, args.seed, operation, args.examples, take) {
                Some(Ok(())) => made += 1,
                Some(Err(e)) => return Ok(Err(e)),
                None => {}
            }
        }
    }
    nothing(made)
}

fn of_document(args: &BodiesArgs, file: &Path, take: Take<'_>) -> Result<std::io::Result<()>, Fault> {
    let document = Document::load(file)?;
    let mut made = 0;
    for bodies in Bodies::all(&document) {
        if args
            .operation
            .as_ref()
            .is_some_and(|wanted| wanted != bodies.name())
        {
            continue;
        }
        match bodies.each(args.seed, args.examples, take) {
            Ok(Ok(())) => made += 1,
            Ok(Err(e)) => return Ok(Err(e)),
            Err(why) => eprintln!("dcx: {}: {why}", bodies.name()),
        }
    }
    nothing(made)
}

/// That nothing was made is a mistake of whoever asked.
fn nothing(made: usize) -> Result<std::io::Result<()>, Fault> {
    if made > 0 {
        return Ok(Ok(()));
    }
    Err(Fault::usage(
        "there is no such operation with a JSON body that can be generated",
        "leave --operation out to see all; `dcx list profiles --format json` names those of a profile",
    ))
}

fn failed(e: &std::io::Error) -> Fault {
    Fault::Report(format!("failed to write the bodies: {e}"))
}
