//! The signature schemes against what other tools made, see `specs/vectors/`; and any text at all.

use proptest::prelude::*;
use serde_json::{Value, json};
use specs::catalogue::SignatureScheme;
use specs::wire::covered::Covered;
use specs::wire::http_signature::{self, Field, FieldError, KeyId};
use specs::wire::jws::{self, JwsError};
use specs::wire::key::{Algorithm, PrivateKey, PublicKey};
use specs::wire::scheme::{self, SchemeError};
use specs::wire::{canonical, demo, jwk};

macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../vectors/", $path))
    };
}

const SCHEMES: [SignatureScheme; 5] = [
    SignatureScheme::RsaMessage,
    SignatureScheme::RsaHeaderMessage,
    SignatureScheme::JwsCompact,
    SignatureScheme::DetachedJwsHeader,
    SignatureScheme::DciHttpSignature,
];
const MADE: f64 = 1_735_689_600.0;
const SENDER: &str = "spmis.example.org";

fn private(scheme: SignatureScheme, of: &str) -> PrivateKey {
    let pem = match (scheme::algorithm(scheme), of) {
        (Some(Algorithm::Ed25519), "sender") => demo::SENDER_ED25519_KEY_PEM,
        (Some(Algorithm::Ed25519), _) => demo::OTHER_ED25519_KEY_PEM,
        (_, "sender") => demo::SENDER_KEY_PEM,
        _ => demo::OTHER_KEY_PEM,
    };
    PrivateKey::from_pem(pem).expect("a key")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn field() -> Field {
    Field::parse(vector!("http-signature/field.txt")).expect("a field")
}

fn verify_field(text: &str, now: f64) -> Result<(), SchemeError> {
    let covered = Covered::in_text(vector!("http-signature/envelope.json")).expect("an envelope");
    let scheme = SignatureScheme::DciHttpSignature;
    let key = private(scheme, "sender").public();
    scheme::verify(scheme, &covered, text, &key, Some(SENDER), now)
}

#[test]
fn canonical_json_is_that_of_python_to_the_byte() {
    let values = json(vector!("canonical/values.json"));
    assert_eq!(canonical::text(&values), vector!("canonical/canonical.json"));
}

#[test]
fn an_http_signature_is_that_of_python_to_the_byte() {
    let covered = Covered::in_text(vector!("http-signature/envelope.json")).unwrap();
    let digest = http_signature::digest_of(&covered).unwrap();
    assert_eq!(digest, vector!("http-signature/digest.b64"));
    let (created, expires) = (1_735_689_600, 1_735_689_900);
    let text = http_signature::signing_string(created, expires, &digest);
    assert_eq!(text, vector!("http-signature/signing-string.txt"));
    let PrivateKey::Ed25519(key) = private(SignatureScheme::DciHttpSignature, "sender") else {
        panic!("a key of another algorithm");
    };
    let key_id = KeyId::parse("spmis.example.org|key-1|ed25519").unwrap();
    let made = http_signature::sign(&covered, &key, key_id, (created, expires)).unwrap();
    assert_eq!(made.to_string(), vector!("http-signature/field.txt"));
    assert_eq!(made, field());
}

#[test]
fn an_http_signature_is_valid_from_its_making_to_its_expiry() {
    let text = vector!("http-signature/field.txt");
    for (now, expected) in [
        (MADE - 61.0, Err(FieldError::Future)),
        (MADE - 60.0, Ok(())),
        (MADE, Ok(())),
        (MADE + 300.0, Ok(())),
        (MADE + 301.0, Err(FieldError::Expired)),
    ] {
        assert_eq!(
            verify_field(text, now),
            expected.map_err(SchemeError::Field),
            "{now}"
        );
    }
}

#[test]
fn an_http_signature_says_what_it_is_worth() {
    let with = |change: &dyn Fn(&mut Field)| {
        let mut field = field();
        change(&mut field);
        verify_field(&field.to_string(), MADE).unwrap_err()
    };
    let refused = |error: FieldError| SchemeError::Field(error);
    assert_eq!(
        with(&|f| f.algorithm = "none".to_owned()),
        refused(FieldError::Algorithm)
    );
    assert_eq!(
        with(&|f| f.key_id.algorithm = "rsa-sha256".to_owned()),
        refused(FieldError::Algorithm)
    );
    assert_eq!(
        with(&|f| f.headers = "digest".to_owned()),
        refused(FieldError::Headers)
    );
    assert_eq!(
        with(&|f| f.key_id.sender = "another.example.org".to_owned()),
        refused(FieldError::Sender)
    );
    for change in [
        &(|f: &mut Field| f.created -= 1) as &dyn Fn(&mut Field),
        &|f| f.expires += 1,
        &|f| f.signature = field().signature.replacen('6', "7", 1),
        &|f| f.signature.truncate(44),
    ] {
        assert!(matches!(
            with(change),
            SchemeError::Field(FieldError::Signature(_))
        ));
    }
    let text = vector!("http-signature/field.txt");
    for (altered, expected) in [
        (format!("Signature: {text}"), FieldError::Syntax),
        (text.replace("kidId", "keyId"), FieldError::Parameter("kidId")),
        (format!("{text}, created=\"1\""), FieldError::Parameter("created")),
        (
            text.replace("created=\"17", "created=\"+17"),
            FieldError::Time("created"),
        ),
        (text.replace("|key-1|", "|"), FieldError::KeyId),
        (text.trim_end_matches('"').to_owned(), FieldError::Syntax),
        (String::new(), FieldError::Syntax),
    ] {
        assert_eq!(verify_field(&altered, MADE), Err(refused(expected)), "{altered}");
    }
    let turned: Vec<&str> = text.split(", ").collect();
    let turned = turned.into_iter().rev().collect::<Vec<_>>().join(",");
    assert_eq!(verify_field(&turned, MADE), Ok(()), "parameters have no order");
}

#[test]
fn a_signature_of_openssl_is_over_header_and_message_as_sent() {
    let text = vector!("rsa-header-message/envelope.json");
    let scheme = SignatureScheme::RsaHeaderMessage;
    let covered = Covered::in_text(text).unwrap();
    assert_eq!(
        format!("{}{}", covered.header, covered.message),
        vector!("rsa-header-message/covered.txt")
    );
    let key = private(scheme, "sender");
    let signature = vector!("rsa-header-message/signature.b64");
    assert_eq!(
        scheme::sign(scheme, &covered, &key, SENDER, MADE).unwrap(),
        signature
    );
    let verify = |covered| scheme::verify(scheme, covered, signature, &key.public(), None, MADE);
    assert_eq!(verify(&covered), Ok(()));
    let again = Covered::in_value(&json(text));
    assert!(verify(&again).is_err(), "another spacing is another text");
}

#[test]
fn a_token_of_openssl_holds_header_and_message() {
    let covered = Covered::in_text(vector!("jws-compact/envelope.json")).unwrap();
    let PublicKey::Rsa(key) = private(SignatureScheme::JwsCompact, "sender").public() else {
        panic!("a key of another algorithm");
    };
    for (text, expected) in [
        (vector!("jws-compact/valid.jws"), Ok(())),
        (vector!("jws-compact/rs384.jws"), Err(JwsError::Algorithm)),
        (vector!("jws-compact/none.jws"), Err(JwsError::Algorithm)),
        (vector!("jws-compact/critical.jws"), Err(JwsError::Critical)),
        (
            vector!("jws-compact/other-payload.jws"),
            Err(JwsError::OtherPayload),
        ),
        ("", Err(JwsError::Malformed)),
        ("..", Err(JwsError::Malformed)),
    ] {
        assert_eq!(jws::verify(text, &covered, &key), expected, "{text}");
    }
    let (valid, other) = (
        vector!("jws-compact/valid.jws"),
        vector!("jws-compact/other-payload.jws"),
    );
    let part = |text: &str, n: usize| text.split('.').nth(n).unwrap().to_owned();
    let mixed = format!("{}.{}.{}", part(valid, 0), part(valid, 1), part(other, 2));
    assert_eq!(jws::verify(&mixed, &covered, &key), Err(JwsError::Mismatch));
    let stranger = PublicKey::from_pem(demo::OTHER_PUB_PEM).unwrap();
    let PublicKey::Rsa(stranger) = stranger else {
        panic!("a key of another algorithm");
    };
    assert_eq!(jws::verify(valid, &covered, &stranger), Err(JwsError::Mismatch));
    assert_eq!(
        jws::algorithm_of(vector!("jws-compact/none.jws")).as_deref(),
        Some("none")
    );
}

#[test]
fn a_signature_proves_one_sender_one_header_and_one_message() {
    let envelope = json!({"header": {"sender_id": SENDER, "n": 1}, "message": {"a": ["é", 1.5]}});
    for scheme in SCHEMES {
        let key = private(scheme, "sender");
        let covered = Covered::in_value(&envelope);
        let text = scheme::sign(scheme, &covered, &key, SENDER, MADE).unwrap();
        let verify = |covered: &Covered, key: &PublicKey| {
            scheme::verify(scheme, covered, &text, key, Some(SENDER), MADE)
        };
        assert_eq!(verify(&covered, &key.public()), Ok(()), "{scheme:?}");
        assert!(
            verify(&covered, &private(scheme, "other").public()).is_err(),
            "{scheme:?}"
        );
        for member in ["header", "message"] {
            let mut altered = envelope.clone();
            altered[member]["b"] = json!(0);
            let covers = member == "message" || scheme != SignatureScheme::RsaMessage;
            let altered = verify(&Covered::in_value(&altered), &key.public());
            assert_eq!(altered.is_err(), covers, "{scheme:?} {member}");
        }
        let wrong = if key.algorithm() == Algorithm::Rsa {
            demo::SENDER_ED25519_PUB_PEM
        } else {
            demo::SENDER_PUB_PEM
        };
        let wrong = PublicKey::from_pem(wrong).unwrap();
        assert_eq!(verify(&covered, &wrong), Err(SchemeError::Key(key.algorithm())));
    }
    let key = private(SignatureScheme::RsaMessage, "sender");
    let none = scheme::sign(SignatureScheme::None, &Covered::default(), &key, SENDER, MADE);
    assert_eq!(none, Err(SchemeError::Unsigned));
}

#[test]
fn members_are_cut_out_as_they_stand() {
    for (text, header, message) in [
        (r#"{"header":1,"message":2}"#, "1", "2"),
        (
            " { \"message\" : [ 1 , {\"header\":0} ] , \"x\":\"header\" }\n",
            "",
            "[ 1 , {\"header\":0} ]",
        ),
        (r#"{"header":-1.50e3,"h\u0065ader":"a\"b"}"#, "\"a\\\"b\"", ""),
        ("{}", "", ""),
    ] {
        let covered = Covered::in_text(text).unwrap();
        assert_eq!((&*covered.header, &*covered.message), (header, message), "{text}");
    }
    for text in [
        "",
        "[]",
        "{",
        "{\"header\":}",
        "{\"header\":1,}",
        "{} x",
        "\"header\"",
    ] {
        assert_eq!(Covered::in_text(text), None, "{text}");
    }
}

/// Texts made of what signatures are made of.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "created",
        "expires",
        "kidId",
        "algorithm",
        "headers",
        "signature",
        "namespace",
        "=\"",
        "\"",
        ",",
        ", ",
        "|",
        "a|b|ed25519",
        "(created) (expires) digest",
        "1735689600",
        "-1",
        "99999999999999999999",
        "eyJhbGci",
        ".",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\"header\"",
        "\"message\"",
        "\\u",
        "é",
        "😀",
        " ",
        "\u{0}",
        "null",
        "1e5",
        "AAAA",
        "=",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat()),
        any::<String>()
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in texts(), now in any::<f64>()) {
        let covered = Covered::in_text(&text).unwrap_or_default();
        for scheme in SCHEMES {
            let key = private(scheme, "sender").public();
            prop_assert!(scheme::verify(scheme, &covered, &text, &key, None, now).is_err());
        }
        let _ = jws::algorithm_of(&text);
        prop_assert!(PublicKey::from_pem(&text).is_err());
    }

    #[test]
    fn any_value_is_cut_out_and_digested(header in values(), message in values()) {
        let envelope = json!({"header": header, "message": message});
        let covered = Covered::in_value(&envelope);
        prop_assert_eq!(&Covered::in_text(&envelope.to_string()).unwrap(), &covered);
        let pretty = serde_json::to_string_pretty(&envelope).unwrap();
        let digest = http_signature::digest_of(&covered);
        prop_assert!(digest.is_some());
        let again = Covered::in_text(&pretty).and_then(|covered| http_signature::digest_of(&covered));
        prop_assert_eq!(again, digest, "spacing does not matter");
        let _ = jwk::read_set(&envelope["message"]);
    }

    #[test]
    fn a_text_has_the_canonical_form_of_its_value(
        value in values(),
        names in prop::collection::vec("[a-c\\\\\"é\u{7f}😀]{0,2}", 0..6),
    ) {
        let name = |n: &String| serde_json::to_string(n).unwrap();
        let members: Vec<String> =
            names.iter().enumerate().map(|(i, n)| format!("{}: [{i}, {value:#}, -0, 1e99]", name(n))).collect();
        let json = format!("{{{}}}", members.join(" , "));
        let read: Value = serde_json::from_str(&json).unwrap();
        let mut written = String::new();
        prop_assert!(canonical::write_text(&mut written, &json).is_some());
        prop_assert_eq!(written, canonical::text(&read));
        prop_assert!(canonical::write_text(&mut String::new(), &json[..json.len() - 1]).is_none());
    }

    #[test]
    fn what_is_canonical_reads_the_same(value in values()) {
        let text = canonical::text(&value);
        prop_assert!(text.is_ascii());
        let again: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(canonical::text(&again), text);
    }
}
