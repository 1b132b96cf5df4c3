//! `dcx replay`: send again what failed in an earlier run.

use super::args::{FormatArg, ReplayArgs, WithArgs};
use super::fault::Fault;
use super::kind::Kind;
use super::render::open;
use super::setup::Setup;
use super::test::{callback_listen, interruption};
use crate::replay::{Now, Recorded, judged, plan, recorded};
use crate::run::gate::exit;
use crate::run::{Board, Certification, Emitter, Selection};
use reports::aggregate::Run;
use reports::curl::curl_line;
use reports::event::{RunStarted, Target};
use reports::one_line;
use serde_json::{Value, json};
use specs::evidence::Request;
use std::collections::BTreeSet;
use std::path::Path;

/// Runs the command.
pub(super) async fn run(args: Box<ReplayArgs>) -> Result<u8, Fault> {
    let before = Run::from_log(open(&args.from)?);
    let Some(start) = &before.start else {
        return Err(Fault::usage(
            "the log does not say what was certified, so nothing of it can be sent again",
            "give a bundle or a log that begins with the start of its run",
        ));
    };
    let chosen = chosen(&args, &before)?;
    if args.list {
        for one in &chosen {
            print!("{}", heading(one, None));
        }
        return Ok(exit::CONFORMANT);
    }
    let after = again(&args, start, &chosen).await?;
    let told: Vec<(Recorded<'_>, Now, Option<&Request>)> = chosen
        .iter()
        .map(|one| {
            let (now, request) = judged(one, &after);
            (*one, now, request)
        })
        .collect();
    match args.format {
        FormatArg::Json => println!("{:#}", as_json(&told, &after)),
        FormatArg::Text => print_text(&args.from, &told, &after),
    }
    let any = |wanted: fn(&Now) -> bool| told.iter().any(|(_, now, _)| wanted(now));
    Ok(if any(|now| matches!(now, Now::StillFailing { .. })) {
        exit::NOT_CONFORMANT
    } else if any(|now| matches!(now, Now::CouldNotTell { .. })) {
        exit::INCONCLUSIVE
    } else {
        exit::CONFORMANT
    })
}

/// What failed and is asked for. What was only warned of takes part where it is named.
fn chosen<'a>(args: &ReplayArgs, before: &'a Run) -> Result<Vec<Recorded<'a>>, Fault> {
    let named = !args.requirement.is_empty() || !args.case.is_empty();
    let mut all = recorded(before, named);
    if all.is_empty() {
        return Err(Fault::NothingThere(
            "nothing failed in that run, so there is nothing to replay".to_owned(),
        ));
    }
    let among = |ids: &[String], id: &str| ids.is_empty() || ids.iter().any(|given| given == id);
    all.retain(|one| {
        among(&args.requirement, &one.check.requirement)
            && among(&args.case, &one.case.case)
            && among(&args.with.profile, &one.case.profile)
            && (args.finding.is_empty() || args.finding.contains(&one.number))
    });
    if all.is_empty() {
        return Err(Fault::NothingThere(format!(
            "nothing of this kind failed in that run; `dcx replay {} --list` shows what did",
            args.from.display()
        )));
    }
    Ok(all)
}

/// Runs what was chosen again.
async fn again(args: &ReplayArgs, start: &RunStarted, chosen: &[Recorded<'_>]) -> Result<Run, Fault> {
    let profiles: BTreeSet<&str> = chosen.iter().map(|one| one.case.profile.as_str()).collect();
    let targets: Vec<&Target> = start
        .targets
        .iter()
        .filter(|target| profiles.contains(target.profile.as_str()))
        .collect();
    let Some(first) = targets.first() else {
        return Err(Fault::usage(
            "the log does not say which server these cases were run against",
            "give a log that begins with the start of its run",
        ));
    };
    let of_document = first.profile == crate::openapi::PROFILE;
    if args.openapi.is_some() && !of_document {
        return Err(Fault::usage(
            format!(
                "the run was against the profile {}, not against a document",
                first.profile
            ),
            "leave out --openapi",
        ));
    }
    let url = match (&args.url, first.embedded) {
        (Some(_), _) if targets.len() > 1 => {
            return Err(Fault::usage(
                "another server is asked for one profile at a time",
                "choose one with --profile",
            ));
        }
        (Some(url), _) => Some(url.as_str()),
        (None, true) => None,
        (None, false) => Some(first.url.as_str()),
    };
    let with = with(args, &targets, start.seed)?;
    let mut setup = Setup::of(url, &with, edition(first)).await?;
    let salt = jiff::Timestamp::now().as_nanosecond().to_string();
    let earlier = plan(chosen, salt);
    let run = if of_document {
        let document = super::openapi::of_earlier(args.openapi.as_deref(), &start.document)?;
        let mut run = super::openapi::prepare(document, &setup, Board::default())?;
        run.earlier = earlier.moved(&first.url, &run.url);
        Kind::Document(Box::new(run))
    } else {
        Kind::Profiles(Box::new(Certification {
            targets: setup.targets.clone(),
            seed: setup.seed,
            limits: setup.limits.clone(),
            selection: Selection::default(),
            callback_listen: callback_listen(&with, &setup),
            callback_url: with
                .callback_url
                .clone()
                .or_else(|| setup.config.file.callback.url.clone()),
            notices: Vec::new(),
            earlier,
            board: Board::default(),
        }))
    };
    let mut emitter = Emitter::new(Vec::new());
    run.run(&mut emitter, interruption()).await?;
    if let Some(mock) = setup.mock.take() {
        mock.stop().await;
    }
    Ok(emitter.finish().run)
}

/// The arguments of the earlier run, with those given now.
fn with(args: &ReplayArgs, targets: &[&Target], seed: u64) -> Result<WithArgs, Fault> {
    if args.with.seed.is_some_and(|given| given != seed) {
        return Err(Fault::usage(
            format!("that run had the seed {seed}, and its requests follow from it"),
            "leave out --seed",
        ));
    }
    let mut with = args.with.clone();
    with.seed = Some(seed);
    let profiles = targets.iter().map(|target| target.profile.clone());
    with.profile = profiles
        .filter(|profile| profile != crate::openapi::PROFILE)
        .collect();
    let kept = args.from.join("config.toml");
    if with.config.is_none() && !Path::new("dcx.toml").exists() && kept.is_file() {
        with.config = Some(kept);
    }
    Ok(with)
}

/// The edition that a target was judged by, where it is not the usual one.
fn edition(target: &Target) -> Option<&str> {
    let (_, edition) = target.specification.rsplit_once(" (edition ")?;
    Some(edition.trim_end_matches(')'))
}

fn heading(one: &Recorded<'_>, now: Option<&Now>) -> String {
    let verdict = now.map_or(String::new(), |now| format!("{:<15}", now.words()));
    format!(
        "{:>4}  {verdict}{}  {}  case {}\n",
        one.number,
        one_line(&one.check.requirement),
        one_line(&one.case.profile),
        one_line(&one.case.case)
    )
}

fn print_text(from: &Path, told: &[(Recorded<'_>, Now, Option<&Request>)], after: &Run) {
    let seed = after.start.as_ref().map_or(0, |start| start.seed);
    for target in after.targets() {
        println!(
            "replaying {} against {} as {}, seed {seed}",
            from.display(),
            one_line(&target.url),
            one_line(&target.profile)
        );
    }
    for (one, now, request) in told {
        println!("\n{}", heading(one, Some(now)).trim_end());
        let then = one.check.findings.first();
        let then = then.map_or("no finding was recorded", |finding| finding.actual.as_str());
        println!("      then      {}", one_line(then));
        match now {
            Now::Fixed { shown } => println!("      now       {}", one_line(shown)),
            Now::StillFailing { expected, actual } => {
                println!("      expected  {}", one_line(expected));
                println!("      now       {}", one_line(actual));
            }
            Now::CouldNotTell { reason } => println!("      reason    {}", one_line(reason)),
        }
        if let Some(request) = request {
            println!("      curl      {}", curl_line(request));
        }
    }
    let count = |wanted: fn(&Now) -> bool| told.iter().filter(|(_, now, _)| wanted(now)).count();
    println!(
        "\n{} fixed, {} still failing, {} could not be told",
        count(|now| matches!(now, Now::Fixed { .. })),
        count(|now| matches!(now, Now::StillFailing { .. })),
        count(|now| matches!(now, Now::CouldNotTell { .. })),
    );
}

fn as_json(told: &[(Recorded<'_>, Now, Option<&Request>)], after: &Run) -> Value {
    let findings: Vec<Value> = told
        .iter()
        .map(|(one, now, request)| {
            let then = one.check.findings.first();
            json!({
                "number": one.number,
                "requirement": one.check.requirement,
                "profile": one.case.profile,
                "case": one.case.case,
                "then": then.map(|finding| json!({"expected": finding.expected, "actual": finding.actual})),
                "now": now,
                "curl": request.map(curl_line),
            })
        })
        .collect();
    json!({
        "version": 1,
        "seed": after.start.as_ref().map(|start| start.seed),
        "targets": after.targets(),
        "findings": findings,
    })
}
