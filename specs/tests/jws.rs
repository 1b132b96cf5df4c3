//! JSON web signatures against what other tools made, see `specs/vectors/`, and several keys of one signer.

use specs::catalogue::SignatureScheme;
use specs::wire::covered::Covered;
use specs::wire::http_signature::Moment;
use specs::wire::jws::JwsError;
use specs::wire::key::{PrivateKey, PublicKey};
use specs::wire::scheme::{self, SchemeError};
use specs::wire::{confusion, demo, jwk, jws};

macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../vectors/", $path))
    };
}

const COMPACT: SignatureScheme = SignatureScheme::JwsCompact;
const DETACHED: SignatureScheme = SignatureScheme::DetachedJwsHeader;
const MADE: f64 = 1_735_689_600.0;

fn private(pem: &str) -> PrivateKey {
    PrivateKey::from_pem(pem).expect("a key")
}

fn public(pem: &str) -> PublicKey {
    PublicKey::from_pem(pem).expect("a key")
}

fn covered() -> Covered {
    Covered::in_text(vector!("detached-jws-header/body.json")).expect("an envelope")
}

fn verify(scheme: SignatureScheme, text: &str) -> Result<(), SchemeError> {
    scheme::verify(
        scheme,
        &covered(),
        text,
        &public(demo::SENDER_PUB_PEM),
        None,
        MADE,
    )
}

#[test]
fn a_detached_signature_is_that_of_jwcrypto_to_the_byte() {
    let key = private(demo::SENDER_KEY_PEM);
    let made = scheme::sign(DETACHED, &covered(), &key, "", MADE).unwrap();
    assert_eq!(made, vector!("detached-jws-header/valid.jws"));
    assert_eq!(verify(DETACHED, &made), Ok(()));
    assert_eq!(
        scheme::key_id(DETACHED, &made),
        Some(jwk::thumbprint(&key.public()))
    );
}

#[test]
fn a_detached_signature_is_over_the_body_to_the_byte_and_holds_none() {
    for (text, why) in [
        (vector!("detached-jws-header/attached.jws"), JwsError::Malformed),
        (vector!("detached-jws-header/other-body.jws"), JwsError::Mismatch),
        (vector!("detached-jws-header/other-key.jws"), JwsError::Mismatch),
        (vector!("detached-jws-header/unencoded.jws"), JwsError::Critical),
        (vector!("detached-jws-header/hs256.jws"), JwsError::Algorithm),
        (vector!("detached-jws-header/rs384.jws"), JwsError::Algorithm),
        ("eyJhbGciOiJub25lIn0..", JwsError::Algorithm),
        ("", JwsError::Malformed),
    ] {
        assert_eq!(verify(DETACHED, text), Err(SchemeError::Jws(why)), "{text}");
    }
}

#[test]
fn a_token_of_jwcrypto_names_its_key_by_the_thumbprint() {
    let named = vector!("jws-compact/named.jws");
    assert_eq!(verify(COMPACT, named), Ok(()));
    let key = public(demo::SENDER_PUB_PEM);
    assert_eq!(scheme::key_id(COMPACT, named), Some(jwk::thumbprint(&key)));
    let payload = jws::payload_of(named).unwrap();
    let payload: serde_json::Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(payload["message"]["transaction_id"], "t-1");
}

#[test]
fn whoever_follows_the_algorithm_believes_who_knows_the_public_key() {
    let key = public(demo::SENDER_PUB_PEM);
    for (scheme, text) in [
        (COMPACT, vector!("jws-compact/hs256.jws")),
        (DETACHED, vector!("detached-jws-header/hs256.jws")),
    ] {
        assert!(confusion::is_believed(scheme, &covered(), text, &key));
        assert_eq!(verify(scheme, text), Err(SchemeError::Jws(JwsError::Algorithm)));
        let other = public(demo::OTHER_PUB_PEM);
        assert!(!confusion::is_believed(scheme, &covered(), text, &other));
        let elsewhere = covered().header_alone();
        assert!(!confusion::is_believed(scheme, &elsewhere, text, &key));
    }
    let made = confusion::sign(DETACHED, &covered(), &key, "", MADE).unwrap();
    assert_eq!(made, vector!("detached-jws-header/hs256.jws"));
    let ed25519 = public(demo::SENDER_ED25519_PUB_PEM);
    for (scheme, key) in [(COMPACT, &key), (SignatureScheme::DciHttpSignature, &ed25519)] {
        let made = confusion::sign(scheme, &covered(), key, "a", MADE).unwrap();
        assert!(confusion::is_believed(scheme, &covered(), &made, key), "{made}");
        assert!(scheme::verify(scheme, &covered(), &made, key, Some("a"), MADE).is_err());
        assert!(!confusion::is_believed(
            scheme,
            &covered().message_alone(),
            &made,
            key
        ));
    }
    let plain = SignatureScheme::RsaHeaderMessage;
    assert_eq!(confusion::sign(plain, &covered(), &key, "a", MADE), None);
}

#[test]
fn of_several_keys_the_one_that_is_named_counts() {
    let pems = [demo::SENDER_KEY_PEM, demo::RECEIVER_KEY_PEM, demo::OTHER_KEY_PEM];
    let [old, new, stranger] = pems.map(private);
    let keys = [old.public(), new.public()];
    for scheme in [COMPACT, DETACHED, SignatureScheme::RsaHeaderMessage] {
        let verify = |text: &str, keys: &[PublicKey]| {
            scheme::verify_by_any(scheme, &covered(), text, keys, None, MADE)
        };
        for key in [&old, &new] {
            let made = scheme::sign(scheme, &covered(), key, "", MADE).unwrap();
            assert_eq!(verify(&made, &keys), Ok(()), "{scheme:?}");
        }
        let made = scheme::sign(scheme, &covered(), &stranger, "", MADE).unwrap();
        let name = scheme::key_id(scheme, &made);
        match name {
            Some(name) => assert_eq!(verify(&made, &keys), Err(SchemeError::UnknownKey(name))),
            None => assert!(matches!(verify(&made, &keys), Err(SchemeError::Plain(_)))),
        }
    }
    assert_eq!(
        scheme::verify_by_any(
            COMPACT,
            &covered(),
            vector!("jws-compact/valid.jws"),
            &[],
            None,
            MADE
        ),
        Err(SchemeError::NoKey)
    );
    // A text that names no key is tried with each.
    let unnamed = vector!("jws-compact/valid.jws");
    let envelope = Covered::in_text(vector!("jws-compact/envelope.json")).unwrap();
    let turned = [new.public(), old.public()];
    assert_eq!(
        scheme::verify_by_any(COMPACT, &envelope, unnamed, &turned, None, MADE),
        Ok(())
    );
}

#[test]
fn times_are_looked_at_as_far_as_clocks_are_trusted() {
    let scheme = SignatureScheme::DciHttpSignature;
    let key = private(demo::SENDER_ED25519_KEY_PEM);
    let made = scheme::sign(scheme, &covered(), &key, "a", MADE).unwrap();
    for (now, skew, good) in [
        (MADE - 60.0, Some(60), true),
        (MADE - 61.0, Some(60), false),
        (MADE - 300.0, Some(300), true),
        (MADE - 301.0, Some(300), false),
        (MADE + 301.0, Some(300), false),
        (MADE - 9e9, None, true),
        (MADE + 9e9, None, true),
    ] {
        let verified = scheme::verify(
            scheme,
            &covered(),
            &made,
            &key.public(),
            Some("a"),
            Moment { now, skew },
        );
        assert_eq!(verified.is_ok(), good, "{now} {skew:?}");
    }
}
