//! Encrypted messages, against what other tools made (see `specs/vectors/jwe`) and against themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};
use specs::wire::demo;
use specs::wire::jwe::{self, Aad, Draw, Form, Jwe, JweError, Opened};
use specs::wire::rsa::SigningKey;
use std::sync::OnceLock;

macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../vectors/jwe/", $path))
    };
}

const PLAIN: &str = vector!("plain.json");
const FORMS: [Form; 4] = [
    Form::Compact,
    Form::Flattened,
    Form::Headed(Aad::Nothing),
    Form::Headed(Aad::Header),
];

fn receiver() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::from_pem(demo::RECEIVER_KEY_PEM).expect("a key"))
}

/// A text as a message that travels: the JSON of an object, or a text.
fn message(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn decrypt(message: &Value) -> Result<Opened, JweError> {
    jwe::decrypt(&Jwe::read(message)?, receiver())
}

fn encrypt(plain: &[u8], form: Form) -> Jwe {
    jwe::encrypt(plain, &receiver().verifying_key(), form, &Draw::derived(&[plain]))
}

#[test]
fn what_python_encrypted_is_decrypted_in_each_form() {
    for (text, form) in [
        (vector!("compact.jwe"), Form::Compact),
        (vector!("flattened.json"), Form::Flattened),
        (vector!("headed.json"), Form::Headed(Aad::Nothing)),
        (vector!("headed-aad.json"), Form::Headed(Aad::Header)),
    ] {
        let plain = PLAIN.as_bytes().to_vec();
        let opened = Ok(Opened { plain, form });
        assert_eq!(decrypt(&message(text)), opened);
        // An object may travel as a text.
        assert_eq!(decrypt(&text.into()), opened);
        assert!(jwe::resembles(&message(text)) && jwe::resembles(&text.into()));
    }
}

#[test]
fn the_same_seed_makes_the_bytes_that_python_makes() {
    let draw = Draw::derived(&[vector!("derived.txt").as_bytes(), PLAIN.as_bytes()]);
    let made = jwe::encrypt(
        PLAIN.as_bytes(),
        &receiver().verifying_key(),
        Form::Compact,
        &draw,
    );
    assert_eq!(made.to_value(), vector!("derived.jwe"));
}

#[test]
fn other_algorithms_and_other_keys_are_refused_by_their_name() {
    let other = SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap();
    let name = |key: &SigningKey| jwe::key_id(&key.verifying_key());
    for (text, expected) in [
        (
            vector!("oaep-sha1.jwe"),
            JweError::Algorithm("RSA-OAEP".to_owned()),
        ),
        (vector!("a128gcm.jwe"), JweError::Content("A128GCM".to_owned())),
        (vector!("zipped.jwe"), JweError::Unsupported("zip")),
    ] {
        assert_eq!(decrypt(&message(text)), Err(expected));
    }
    // The vector names the key that it was meant for, not the one that it was made for.
    assert_eq!(decrypt(&vector!("other-key.jwe").into()), Err(JweError::Tag));
    let draw = Draw::derived(&[b"x"]);
    let for_other = jwe::encrypt(b"x", &other.verifying_key(), Form::Flattened, &draw);
    let expected = JweError::KeyId {
        found: name(&other),
        expected: name(receiver()),
    };
    assert_eq!(decrypt(&for_other.to_value()), Err(expected));
}

#[test]
fn what_is_no_jwe_is_told_apart() {
    let flattened = message(vector!("flattened.json"));
    let but = |name: &str, value: Value| {
        let mut changed = flattened.clone();
        changed[name] = value;
        changed
    };
    let header = |header: Value| but("protected", URL_SAFE_NO_PAD.encode(header.to_string()).into());
    let malformed = [
        json!(5),
        json!(""),
        json!("a.b.c"),
        json!("{"),
        json!({}),
        json!({"transaction_id": "t"}),
        but("protected", json!(5)),
        but("protected", URL_SAFE_NO_PAD.encode("[]").into()),
        but("header", json!([])),
        but("header", json!({"alg": "RSA-OAEP-256"})),
        but("tag", json!(null)),
        but("aad", json!(1)),
        but("protected", json!("")),
    ];
    for message in malformed {
        let found = decrypt(&message);
        assert!(
            matches!(found, Err(JweError::Malformed(_))),
            "{message}: {found:?}"
        );
    }
    let alg = |alg: &str| json!({"alg": alg, "enc": "A256GCM"});
    for (message, expected) in [
        (but("iv", json!("a+/=")), JweError::Base64("iv")),
        (but("ciphertext", json!("A")), JweError::Base64("ciphertext")),
        (but("recipients", json!([])), JweError::Unsupported("recipients")),
        (
            header(json!({"enc": "A256GCM"})),
            JweError::Algorithm(String::new()),
        ),
        (header(alg("dir")), JweError::Algorithm("dir".to_owned())),
        (
            header(json!({"alg": "RSA-OAEP-256", "enc": 5})),
            JweError::Content("5".to_owned()),
        ),
        (
            header(json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "crit": ["exp"]})),
            JweError::Unsupported("crit"),
        ),
        (header(alg("RSA-OAEP-256")), JweError::Tag),
        (but("aad", json!("YQ")), JweError::Tag),
        (
            but("iv", json!("AAAA")),
            JweError::Length {
                member: "iv",
                found: 3,
                expected: 12,
            },
        ),
        (
            but("tag", json!("AAAA")),
            JweError::Length {
                member: "tag",
                found: 3,
                expected: 16,
            },
        ),
        (but("encrypted_key", json!("AAAA")), JweError::Tag),
        (but("encrypted_key", json!("")), JweError::Tag),
    ] {
        assert_eq!(decrypt(&message), Err(expected), "{message}");
    }
}

#[test]
fn an_encrypted_message_is_not_taken_for_a_plain_one() {
    for plain in [
        json!({"transaction_id": "t"}),
        json!("{\"a\":1}"),
        json!("a.b.c.d.e"),
        json!(null),
    ] {
        assert!(!jwe::resembles(&plain), "{plain}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_encrypted_comes_back(plain in prop::collection::vec(any::<u8>(), 0..300), n in 0..FORMS.len()) {
        let sealed = encrypt(&plain, FORMS[n]);
        prop_assert_eq!(&sealed, &encrypt(&plain, FORMS[n]));
        let opened = Opened { plain, form: FORMS[n] };
        let unproven = jwe::decrypt_unproven(&sealed, receiver());
        prop_assert_eq!(unproven.as_ref(), Some(&opened.plain));
        prop_assert_eq!(decrypt(&sealed.to_value()), Ok(opened));
    }

    #[test]
    fn any_bit_that_is_flipped_is_noticed(n in 0..FORMS.len(), at in any::<prop::sample::Index>(), bit in 0..7_u32) {
        let sealed = encrypt(PLAIN.as_bytes(), FORMS[n]).to_value();
        let text = sealed.as_str().map_or_else(|| sealed.to_string(), str::to_owned);
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let changed = String::from_utf8(bytes).expect("ASCII stays ASCII");
        prop_assert!(decrypt(&message(&changed)).is_err(), "{changed}");
    }

    #[test]
    fn any_value_is_read_without_a_panic(text in "[A-Za-z0-9_.{}\":,-]{0,80}") {
        let found = decrypt(&message(&text));
        prop_assert!(found.is_err());
    }
}
