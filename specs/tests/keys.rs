//! Keys as PEM and as JSON, against what other tools made, see `specs/vectors/`.

use serde_json::{Value, json};
use specs::wire::key::{Algorithm, PrivateKey, PublicKey};
use specs::wire::{demo, jwk};

macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../vectors/", $path))
    };
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn keys_are_named_as_the_standards_name_them() {
    for example in [vector!("jwk/rfc7638.json"), vector!("jwk/rfc8037.json")] {
        let example = json(example);
        let key = jwk::read(&example).unwrap();
        assert_eq!(json!(jwk::thumbprint(&key)), example["kid"]);
    }
}

#[test]
fn a_key_set_is_that_of_python_and_is_read_again() {
    let keys = [demo::SENDER_PUB_PEM, demo::SENDER_ED25519_PUB_PEM]
        .map(|pem| PublicKey::from_pem(pem).expect("a key"));
    let set = jwk::write_set(&keys);
    assert_eq!(set, json(vector!("jwk/keys.json")));
    let named = keys.map(|key| (Some(jwk::thumbprint(&key)), key));
    assert_eq!(jwk::read_set(&set), named);
}

#[test]
fn entries_that_are_no_usable_keys_are_told_apart() {
    use jwk::JwkError::{Member, NotAnObject, Type, Unusable};
    for (entry, expected) in [
        (json!("key"), NotAnObject),
        (json!({}), Member("kty")),
        (json!({"kty": "EC"}), Type),
        (json!({"kty": "OKP", "crv": "X25519", "x": ""}), Type),
        (json!({"kty": "OKP", "crv": "Ed25519"}), Member("x")),
        (json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), Unusable),
        (json!({"kty": "RSA", "n": "", "e": "AQAB"}), Unusable),
        (json!({"kty": "RSA", "n": "+/", "e": "AQAB"}), Unusable),
    ] {
        assert_eq!(jwk::read(&entry), Err(expected), "{entry}");
    }
    let mut enc = json(vector!("jwk/keys.json"));
    enc["keys"][0]["use"] = json!("enc");
    assert_eq!(jwk::read_set(&enc).len(), 1);
    assert_eq!(jwk::read_set(&json!([])), []);
}

#[test]
fn keys_of_both_algorithms_are_pem() {
    for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
        let key = PrivateKey::generate(algorithm);
        let again = PrivateKey::from_pem(&key.to_pem()).unwrap();
        assert_eq!((again.algorithm(), again.public()), (algorithm, key.public()));
        assert_eq!(PublicKey::from_pem(&key.public().to_pem()).unwrap(), key.public());
        assert_eq!(key.public().verify(b"text", &again.sign(b"text")), Ok(()));
        assert!(!format!("{key:?}").contains("PRIVATE"));
        assert!(PublicKey::from_pem(&key.to_pem()).is_err());
    }
    assert!(PrivateKey::from_pem(vector!("rsa-message/ec.key.pem")).is_err());
}
