//! `/_dcx/keys` below a profile's base: which keys there are; `POST rotate` replaces ours, `PUT partner` registers
//! those of the partner. Public keys alone are told; private ones never leave the mock.

use super::{ok, refused};
use crate::house::Place;
use crate::incoming::Incoming;
use crate::ring::{GRACE, Ring};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use specs::wire::key::{PrivateKey, PublicKey};
use specs::wire::time::format_date_time;
use specs::wire::{jwk, scheme};

/// How many keys a partner may have, and the longest grace in seconds.
const MOST_KEYS: usize = 100;
const LONGEST_GRACE: f64 = 31_536_000.0;

/// The names of all keys.
pub(crate) async fn get(State(place): State<Place>) -> Response {
    ok(&told(&place.service().ring))
}

fn told(ring: &Ring) -> Value {
    let retired = ring.retired().into_iter();
    let retired =
        retired.map(|r| json!({"kid": jwk::thumbprint(&r.key), "until": format_date_time(r.until)}));
    let partner = ring.partner().into_iter().map(|key| jwk::thumbprint(&key));
    json!({
        "kid": jwk::thumbprint(&ring.own().public()),
        "retired": retired.collect::<Vec<_>>(),
        "partner": partner.collect::<Vec<_>>(),
    })
}

/// Replaces the key that signs our messages: `{"grace": SECONDS}` says how long the former one is served.
pub(crate) async fn rotate(State(place): State<Place>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let grace = match grace(&incoming) {
        Ok(grace) => grace,
        Err(why) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    };
    let cx = place.service();
    let algorithm = cx.ring.own().algorithm();
    // Primes take their time.
    match tokio::task::spawn_blocking(move || PrivateKey::generate(algorithm)).await {
        Ok(fresh) => {
            cx.ring.rotate(fresh, grace);
            ok(&told(&cx.ring))
        }
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "no key could be made"),
    }
}

fn grace(incoming: &Incoming) -> Result<f64, String> {
    if incoming.bytes().map_err(|fault| fault.message)?.is_empty() {
        return Ok(GRACE);
    }
    let asked = incoming.json().map_err(|fault| fault.message)?;
    match asked.get("grace") {
        None => Ok(GRACE),
        Some(grace) => grace
            .as_f64()
            .filter(|grace| (0.0..=LONGEST_GRACE).contains(grace))
            .ok_or_else(|| format!("/grace: expected seconds, from 0 to {LONGEST_GRACE}")),
    }
}

/// Registers the keys of the partner, a key set, in the place of those that it had.
pub(crate) async fn register(State(place): State<Place>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let cx = place.service();
    let algorithm = scheme::algorithm(cx.profile.signature.scheme);
    let keys = incoming.json().map_err(|fault| fault.message).and_then(|set| {
        let listed = set.get("keys").and_then(Value::as_array);
        let listed = listed.ok_or("expected a key set: an object with a list `keys`")?;
        if listed.is_empty() || listed.len() > MOST_KEYS {
            return Err(format!("/keys: expected 1 to {MOST_KEYS} keys"));
        }
        let numbered = listed.iter().enumerate();
        let read = |(nth, entry)| {
            let key: PublicKey = jwk::read(entry).map_err(|why| format!("/keys/{nth}: {why}"))?;
            let fits = Some(key.algorithm()) == algorithm;
            fits.then_some(key).ok_or_else(|| {
                format!("/keys/{nth}: messages of this profile are not signed with such a key")
            })
        };
        numbered.map(read).collect::<Result<Vec<_>, _>>()
    });
    match keys {
        Ok(keys) => {
            cx.ring.register(keys);
            ok(&told(&cx.ring))
        }
        Err(why) => refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    }
}
