//! `dcx mock`: a server to develop against.

use super::args::{LogArg, MockArgs};
use super::fault::Fault;
use super::list::profiles_of;
use super::secured::Secured;
use super::setup::served;
use super::signals::Signals;
use crate::run::gate::exit;
use mock_server::{ClientEntry, Config, Endpoint, FaultRule, JournalConfig, Keys, Mistake, MockServer, Way};
use specs::catalogue::{AuthStyle, Catalogue, Profile};
use specs::wire::covered::Covered;
use specs::wire::key::Algorithm;
use specs::wire::scheme;
use std::io::Write;
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Runs the command.
pub(super) async fn run(args: MockArgs) -> Result<u8, Fault> {
    let profiles = served(&args.profile, args.config.as_deref())?;
    let mistakes = args
        .defect
        .iter()
        .map(|id| {
            Mistake::from_id(id).ok_or_else(|| {
                Fault::usage(
                    format!("there is no defect `{id}`"),
                    "see `dcx list defects` for the ids",
                )
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    for mistake in &mistakes {
        if !profiles.iter().any(|profile| mistake.exists_under(profile)) {
            return Err(Fault::usage(
                format!(
                    "no profile that is served can commit the defect `{}`",
                    mistake.id()
                ),
                format!("it is a defect of {}", profiles_of(*mistake).join(", ")),
            ));
        }
    }
    let readings = args
        .reading
        .iter()
        .map(|text| way(text, &profiles))
        .collect::<Result<Vec<_>, _>>()?;
    for named in args.fault.iter().filter_map(FaultRule::profile) {
        if !profiles.iter().any(|profile| profile.id == named) {
            let served: Vec<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
            return Err(Fault::usage(
                format!("a fault is meant for `{named}`, which is not served"),
                format!("name one of {}", served.join(", ")),
            ));
        }
    }
    let (defects, breaches) = Mistake::sorted(&mistakes);
    let keys = match &args.keys {
        Some(dir) => Keys::load_or_create(dir).map_err(|e| Fault::Mock(chain(&e)))?,
        None => Keys::demo(),
    };
    let clients = match &args.clients {
        Some(file) => ClientEntry::load(file).map_err(|e| Fault::Mock(chain(&e)))?,
        None => Vec::new(),
    };
    let named: Vec<String> = clients.iter().map(|client| client.id().to_owned()).collect();
    let partner = keys.clone();
    let secured = Secured::of(&args)?;
    log(args.log);
    let config = Config {
        profiles: profiles.clone(),
        listen: args.listen,
        tls: secured.tls.clone(),
        records: args.records,
        data: args.data.clone(),
        store: args.store.clone(),
        seed: args.seed,
        defects,
        breaches,
        readings: readings.clone(),
        keys,
        token_lifetime: Duration::from_secs_f64(args.token_lifetime),
        clients,
        isolate: args.isolate,
        allow_callback: args.allow_callback.clone(),
        faults: args.fault.clone(),
        faults_file: args.faults.clone(),
        timeline: args.timeline.clone(),
        journal: JournalConfig {
            file: args.journal.clone(),
            ..JournalConfig::default()
        },
        ..Config::default()
    };
    let mock = MockServer::start(config)
        .await
        .map_err(|e| Fault::Mock(chain(&e)))?;
    // Whoever reads that it listens may stop it at once.
    let mut signals = Signals::new();
    let mut text = Vec::new();
    if args.ready_json {
        let mut ready = serde_json::json!({"listen": mock.addr().to_string(), "profiles": mock.endpoints()});
        if secured.tls.is_some() {
            ready["tls"] = secured.told(&mock);
        }
        let _ = writeln!(text, "{ready}");
    } else {
        welcome(&mut text, &args, &mock, &profiles, &partner, &secured, &named);
    }
    let mut stdout = std::io::stdout().lock();
    // A partner who closed the pipe still has the server.
    let _ = stdout.write_all(&text).and_then(|()| stdout.flush());
    drop(stdout);
    signals.next().await;
    mock.stop().await;
    Ok(exit::CONFORMANT)
}

/// The reading that is to be taken, and its alternative.
fn way(text: &str, profiles: &[Profile]) -> Result<Way, Fault> {
    let id = text.split_once('=').map_or(text, |(id, _)| id);
    let catalogue = Catalogue::bundled();
    let Some(reading) = catalogue.reading(id) else {
        let near = catalogue.suggest(id).filter(|id| catalogue.reading(id).is_some());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        return Err(Fault::usage(
            format!("there is no reading `{id}`"),
            format!("{near}see `dcx list readings`, and give ID=ALTERNATIVE"),
        ));
    };
    if let Some(why) = Way::unseen(reading) {
        return Err(Fault::usage(
            format!("the mock takes no other alternative of `{id}`: {why}"),
            "leave it out",
        ));
    }
    let known: Vec<&str> = Way::of(id).map(Way::id).collect();
    let Some(way) = Way::from_id(text) else {
        return Err(Fault::usage(
            format!("the mock does not take `{text}` on demand"),
            format!("give one of {}", known.join(", ")),
        ));
    };
    if !profiles.iter().any(|profile| way.exists_under(profile)) {
        let all = catalogue
            .profiles()
            .iter()
            .filter(|profile| way.exists_under(profile));
        let all: Vec<&str> = all.map(|profile| profile.id.as_str()).collect();
        return Err(Fault::usage(
            format!("nothing of `{text}` can be seen under the profiles that are served"),
            format!("it is seen under {}", all.join(", ")),
        ));
    }
    Ok(way)
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

fn log(form: LogArg) {
    if form == LogArg::Off {
        return;
    }
    let filter =
        EnvFilter::try_from_env("DCX_LOG").unwrap_or_else(|_| EnvFilter::new("warn,mock_server=info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A subscriber that is set already belongs to whoever embeds us.
    let _ = match form {
        LogArg::Json => builder.json().finish().try_init(),
        _ => {
            use std::io::IsTerminal;
            builder
                .with_ansi(std::io::stderr().is_terminal())
                .with_target(false)
                .finish()
                .try_init()
        }
    };
}

fn welcome(
    out: &mut Vec<u8>,
    args: &MockArgs,
    mock: &MockServer,
    profiles: &[specs::catalogue::Profile],
    partner: &Keys,
    secured: &Secured,
    clients: &[String],
) {
    let people = match &args.data {
        Some(file) => format!("the records of {}", file.display()),
        None => format!("{} people", args.records),
    };
    let _ = writeln!(
        out,
        "dcx mock listens on {} with {people} (seed {})",
        mock.origin(),
        args.seed
    );
    for (name, value) in secured.lines() {
        let _ = writeln!(out, "  {name:<14} {value}");
    }
    if !clients.is_empty() {
        let _ = writeln!(out, "  {:<14} {}", "more clients", clients.join(", "));
    }
    for id in &args.defect {
        let mistake = Mistake::from_id(id).map_or_else(String::new, Mistake::mistake);
        let _ = writeln!(out, "it commits the defect {id}: {mistake}");
    }
    for way in args.reading.iter().filter_map(|text| Way::from_id(text)) {
        let _ = writeln!(out, "it takes the reading {}: {}", way.id(), way.statement());
    }
    for endpoint in mock.endpoints() {
        let Some(profile) = profiles.iter().find(|profile| profile.id == endpoint.profile) else {
            continue;
        };
        let _ = writeln!(out, "\n{} — {}", endpoint.profile, profile.title);
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(out, "  {name:<14} {value}");
        };
        line("base URL", &endpoint.base_url);
        for (name, value) in [
            ("token URL", &endpoint.token_url),
            ("client_id", &endpoint.client_id),
            ("client_secret", &endpoint.client_secret),
            ("db_name", &endpoint.db_name),
        ] {
            if let Some(value) = value {
                line(name, value);
            }
        }
        line("sender_id", &endpoint.sender_id);
        line("receiver_id", &endpoint.receiver_id);
        let scheme = profile.signature.scheme;
        let use_of = match scheme::algorithm(scheme) {
            None => "decrypt with sender.key.pem",
            Some(Algorithm::Ed25519) => "sign with sender.ed25519.key.pem, decrypt with sender.key.pem",
            Some(Algorithm::Rsa) => "sign and decrypt with sender.key.pem",
        };
        line("key set", &format!("{}/.well-known/jwks.json", endpoint.base_url));
        let keys = match &args.keys {
            Some(dir) => format!("{} ({use_of})", dir.display()),
            None => "built in, for demonstrations only (--keys DIR writes a pair of your own)".to_owned(),
        };
        line("keys", &keys);
        let _ = writeln!(out, "\n{}", example(profile, endpoint, partner, &secured.curl()));
    }
    let _ = writeln!(
        out,
        "\nLook at what it is asked and answers on {}/_dcx/",
        mock.origin()
    );
    let _ = writeln!(out, "Certify it from another terminal, or stop it with Ctrl-C.");
}

/// Commands that work as they are.
fn example(profile: &specs::catalogue::Profile, endpoint: &Endpoint, partner: &Keys, curl: &str) -> String {
    let base = &endpoint.base_url;
    // The example is signed here, so that it works without any tool but curl.
    let signed = |envelope: &serde_json::Value| signed(profile, endpoint, partner, envelope);
    match (&endpoint.token_url, &endpoint.client_id, &endpoint.client_secret) {
        (Some(token_url), Some(id), Some(secret)) if profile.authentication.style != AuthStyle::None => {
            let db_name = endpoint
                .db_name
                .as_ref()
                .map_or_else(String::new, |name| format!(" -d db_name={name}"));
            let attribute = profile
                .registry
                .as_ref()
                .map_or("birthdate", |r| r.date_attribute.as_str());
            let body = signed(&serde_json::json!({
                "header": {
                    "message_id": "1", "message_ts": "2024-01-01T00:00:00Z", "action": "search",
                    "sender_id": endpoint.sender_id, "total_count": 1,
                },
                "message": {"transaction_id": "1", "search_request": [{
                    "reference_id": "1", "timestamp": "2024-01-01T00:00:00Z",
                    "search_criteria": {"query_type": "predicate", "query": [{"expression1": {
                        "attribute_name": attribute, "operator": "ge", "attribute_value": "2020-01-01"}}]},
                }]},
            }));
            let get = if profile.authentication.style == AuthStyle::OauthQuery {
                " -X POST -G"
            } else {
                ""
            };
            format!(
                "  TOKEN=$({curl}{get} {token_url} -d grant_type=client_credentials -d client_id={id} \\\n    -d client_secret={secret}{db_name} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n  {curl} {base}/registry/sync/search -H \"Authorization: Bearer $TOKEN\" \\\n    -H 'Content-Type: application/json'{body}"
            )
        }
        _ => {
            let message =
                serde_json::json!({"name": "Cash for school", "location_code": "pg.citya"}).to_string();
            let body = signed(&serde_json::json!({
                "header": {
                    "message_id": "1", "message_ts": "1704067200", "action": "create",
                    "sender_id": endpoint.sender_id, "receiver_id": endpoint.receiver_id,
                },
                "message": message,
            }));
            format!("  {curl} {base}/v1/exchange/program -H 'Content-Type: application/json' \\\n   {body}")
        }
    }
}

/// An envelope as the partner sends it, signed where the profile wants that, as arguments of curl. A signature
/// that expires is good for the first minutes.
fn signed(
    profile: &specs::catalogue::Profile,
    endpoint: &Endpoint,
    partner: &Keys,
    envelope: &serde_json::Value,
) -> String {
    let scheme = profile.signature.scheme;
    let now = jiff::Timestamp::now().as_second() as f64;
    let key = partner.sender_of(scheme);
    let covered = Covered::in_value(envelope);
    let signature = scheme::sign(scheme, &covered, &key, &endpoint.sender_id, now).ok();
    if let (Some(_), Some(signature)) = (scheme::header(scheme), &signature) {
        return format!(" -H 'Signature: {signature}' -d '{envelope}'");
    }
    let mut signed = serde_json::Map::new();
    if let Some(signature) = signature {
        signed.insert("signature".to_owned(), signature.into());
    }
    signed.extend(envelope.as_object().cloned().unwrap_or_default());
    format!(" -d '{}'", serde_json::Value::Object(signed))
}
