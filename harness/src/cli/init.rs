//! `dcx init`: writes a commented configuration file.

use super::args::InitArgs;
use super::fault::Fault;
use super::setup::{DEFAULT_PROFILE, profiles};
use crate::init::{Answers, text};
use crate::run::gate::exit;
use crate::target::base_url;
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};

/// Runs the command.
pub(super) fn run(args: &InitArgs) -> Result<u8, Fault> {
    let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    // Before anything is asked, so that nobody answers in vain.
    if !args.force && args.out.exists() {
        return Err(occupied(args));
    }
    let url = match &args.url {
        Some(url) => url.clone(),
        None if asks => ask("Base URL of the server", "http://localhost:8080")?,
        None => {
            return Err(Fault::usage(
                "it is not said which server this is about",
                "give its base URL: dcx init URL --profile PROFILE",
            ));
        }
    };
    let id = match &args.profile {
        Some(id) => id.clone(),
        None if asks => ask("Profile that it claims", DEFAULT_PROFILE)?,
        None => DEFAULT_PROFILE.to_owned(),
    };
    let named = profiles(std::slice::from_ref(&id))?;
    let Some(profile) = named.first() else {
        return Err(Fault::usage(
            format!("there is no profile `{id}`"),
            "see `dcx list profiles`",
        ));
    };
    if let Some(url) = &args.callback_url {
        base_url(url)?;
    }
    let client_id = match &args.client_id {
        Some(id) => Some(id.clone()),
        None if asks && profile.wants_token() => Some(ask("OAuth2 client id", "")?),
        None => None,
    };
    let answers = Answers {
        url: base_url(&url)?,
        client_id: client_id.filter(|id| !id.is_empty()),
        client_secret_env: args.client_secret_env.clone(),
        callback_listen: args.callback_listen,
        callback_url: args.callback_url.clone(),
    };
    let text = text(profile, &answers);
    let opened = if args.force {
        File::create(&args.out)
    } else {
        File::create_new(&args.out)
    };
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(occupied(args)),
        Err(e) => {
            return Err(Fault::Report(format!(
                "failed to write {}: {e}",
                args.out.display()
            )));
        }
    }
    println!(
        "{} is written: {} as {}",
        args.out.display(),
        answers.url,
        profile.id
    );
    let config = if args.out.as_os_str() == "dcx.toml" {
        String::new()
    } else {
        format!(" --config {}", args.out.display())
    };
    if profile.wants_token() {
        println!("next: export {}=…", answers.client_secret_env);
    }
    println!("next: dcx check{config}");
    Ok(exit::CONFORMANT)
}

fn occupied(args: &InitArgs) -> Fault {
    Fault::usage(
        format!("{} is there already", args.out.display()),
        "choose another file with --out, or overwrite it with --force",
    )
}

/// Asks on the terminal; an empty answer is the one that is proposed.
fn ask(question: &str, proposed: &str) -> Result<String, Fault> {
    let shown = if proposed.is_empty() {
        String::new()
    } else {
        format!(" [{proposed}]")
    };
    eprint!("{question}{shown}: ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|e| Fault::Read {
        path: "the answer".to_owned(),
        message: e.to_string(),
    })?;
    Ok(match answer.trim() {
        "" => proposed.to_owned(),
        given => given.to_owned(),
    })
}
