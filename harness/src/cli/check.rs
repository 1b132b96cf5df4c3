//! `dcx check`: preflight only.

use super::args::TargetArgs;
use super::fault::Fault;
use super::setup::Setup;
use crate::callbacks::CallbackReceiver;
use crate::record::Redactor;
use crate::run::gate::exit;
use crate::run::{Env, SetupError, preflight};
use std::net::SocketAddr;
use std::sync::Arc;

/// Runs the command.
pub(super) async fn run(args: Box<TargetArgs>) -> Result<u8, Fault> {
    let setup = Setup::of(args.url.as_deref(), &args.with, None).await?;
    let listen = args
        .with
        .callback_listen
        .or(setup.config.file.callback.listen)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
    let url = args
        .with
        .callback_url
        .clone()
        .or_else(|| setup.config.file.callback.url.clone());
    let redactor = Redactor::default();
    let callbacks = CallbackReceiver::start(listen, url, redactor.clone())
        .await
        .map_err(|source| SetupError::Listen {
            address: listen,
            source,
        })?;
    let callbacks = Arc::new(callbacks);
    let mut passed = true;
    for notice in &setup.notices {
        println!("note: {notice}");
    }
    for target in &setup.targets {
        let env = Env::new(
            target.clone(),
            setup.seed,
            Arc::clone(&callbacks),
            setup.limits.clone(),
            redactor.clone(),
        )
        .map_err(SetupError::Client)?;
        let flight = preflight(&env).await;
        println!(
            "{} at {}{}",
            target.profile.id,
            target.url,
            if target.embedded { " (embedded mock)" } else { "" }
        );
        for check in &flight.checks {
            println!(
                "  {} {:<10} {}",
                if check.ok { "ok  " } else { "FAIL" },
                check.name,
                check.detail
            );
            if let Some(remedy) = &check.remedy {
                println!("                  → {remedy}");
            }
        }
        passed &= flight.passed();
    }
    if let Some(mock) = setup.mock {
        mock.stop().await;
    }
    Ok(if passed { exit::CONFORMANT } else { exit::PREFLIGHT })
}
