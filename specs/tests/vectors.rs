//! The wire primitives against what other tools made, see `specs/vectors/`.

use serde_json::json;
use specs::wire::demo;
use specs::wire::digest::sha256_hex;
use specs::wire::rsa::{KeyError, SignatureError, SigningKey, VerifyingKey};
use specs::wire::token::{Claims, TokenError, TokenKey, decode_unverified};

macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../vectors/", $path))
    };
}

fn sender() -> SigningKey {
    SigningKey::from_pem(demo::SENDER_KEY_PEM).expect("a key")
}

#[test]
fn signatures_are_those_of_openssl_to_the_byte() {
    let message = include_bytes!("../vectors/rsa-message/message.txt");
    assert_eq!(sender().sign(message), vector!("rsa-message/signature.b64"));
    assert_eq!(sender().sign(b""), vector!("rsa-message/empty.b64"));
}

#[test]
fn a_signature_of_openssl_verifies_over_its_bytes_and_no_others() {
    let key = VerifyingKey::from_pem(demo::SENDER_PUB_PEM).unwrap();
    let message = vector!("rsa-message/message.txt");
    let signature = vector!("rsa-message/signature.b64");
    assert_eq!(key.verify(message.as_bytes(), signature), Ok(()));
    for altered in [
        message.trim_end().to_owned(),
        message.replace("\r\n", "\n"),
        message.replace('\t', " "),
    ] {
        assert_eq!(
            key.verify(altered.as_bytes(), signature),
            Err(SignatureError::Mismatch)
        );
    }
    let stranger = SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap().verifying_key();
    assert_eq!(
        stranger.verify(message.as_bytes(), signature),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn signatures_are_decoded_as_known_nodes_do() {
    let key = sender().verifying_key();
    let message = vector!("rsa-message/message.txt").as_bytes();
    let signature = vector!("rsa-message/signature.b64");
    assert!(signature.ends_with("==") && signature.contains(['+', '/']));
    assert_eq!(key.verify(message, signature.trim_end_matches('=')), Ok(()));
    let url_safe = signature.replace('+', "-").replace('/', "_");
    let (head, tail) = signature.split_at(76);
    for refused in [
        url_safe,
        format!("{head}\n{tail}"),
        format!("{signature}\n"),
        format!(" {signature}"),
    ] {
        assert_eq!(
            key.verify(message, &refused),
            Err(SignatureError::NotBase64),
            "{refused:?}"
        );
    }
    for wrong in ["", "AAAA"] {
        assert_eq!(
            key.verify(message, wrong),
            Err(SignatureError::Mismatch),
            "{wrong:?}"
        );
    }
}

#[test]
fn every_wrapping_of_the_same_key_is_read() {
    let expected = demo::SENDER_PUB_PEM;
    let bare = SigningKey::from_pem(vector!("rsa-message/sender.pkcs1.pem")).unwrap();
    assert_eq!(bare.to_pem(), demo::SENDER_KEY_PEM);
    assert_eq!(bare.verifying_key().to_pem(), expected);
    let public = VerifyingKey::from_pem(vector!("rsa-message/sender.pkcs1.pub.pem")).unwrap();
    assert_eq!(public.to_pem(), expected);
    let after_certificate = format!(
        "{}{}",
        vector!("rsa-message/sender.crt.pem"),
        demo::SENDER_KEY_PEM
    );
    assert_eq!(
        SigningKey::from_pem(&after_certificate).unwrap().to_pem(),
        demo::SENDER_KEY_PEM
    );
    let generated = SigningKey::generate();
    assert_eq!(
        SigningKey::from_pem(&generated.to_pem()).unwrap().sign(b"x"),
        generated.sign(b"x")
    );
}

#[test]
fn a_wrong_key_is_refused_with_the_reason() {
    let signing = |text: &str| SigningKey::from_pem(text).unwrap_err().to_string();
    let verifying = |text: &str| VerifyingKey::from_pem(text).unwrap_err().to_string();
    assert_eq!(
        signing("secret"),
        "failed to read the key: the text is not PEM; it should start with `-----BEGIN PRIVATE KEY-----`"
    );
    assert_eq!(
        signing(demo::SENDER_PUB_PEM),
        "failed to read the key: found a PEM block `PUBLIC KEY` where `PRIVATE KEY` is needed; \
         signing needs the private half"
    );
    assert_eq!(
        signing(vector!("rsa-message/sender.encrypted.pem")),
        "failed to read the key: found a PEM block `ENCRYPTED PRIVATE KEY` where `PRIVATE KEY` is needed; \
         decrypt it first with `openssl pkey -in KEY -out DECRYPTED`"
    );
    assert_eq!(
        verifying(vector!("rsa-message/sender.crt.pem")),
        "failed to read the key: found a PEM block `CERTIFICATE` where `PUBLIC KEY` is needed; \
         take the key out of it with `openssl x509 -in CERTIFICATE -pubkey -noout`"
    );
    assert_eq!(
        verifying(demo::SENDER_KEY_PEM),
        "failed to read the key: found a PEM block `PRIVATE KEY` where `PUBLIC KEY` is needed; \
         take its public half with `openssl pkey -in KEY -pubout`"
    );
    assert_eq!(
        SigningKey::from_pem(vector!("rsa-message/ec.key.pem")).unwrap_err(),
        KeyError::NotRsa
    );
    assert_eq!(
        VerifyingKey::from_pem(vector!("rsa-message/ec.pub.pem")).unwrap_err(),
        KeyError::NotRsa
    );
    assert_eq!(
        signing(vector!("rsa-message/short.key.pem")),
        "failed to read the key: it is shorter than 2048 bits"
    );
    let damaged = demo::SENDER_KEY_PEM.replacen('A', "B", 40);
    signing(&damaged);
    signing("");
}

#[test]
fn nothing_of_a_private_key_shows_in_debug_output() {
    let key = sender();
    assert_eq!(format!("{key:?}"), "SigningKey(2048 bits, hidden)");
    assert_eq!(format!("{:?}", TokenKey::from_rsa(&key)), "TokenKey(hidden)");
}

fn claims() -> Claims {
    Claims {
        iss: "dcx-demonstration".to_owned(),
        client_id: "Zoë".to_owned(),
        db_name: Some("social".to_owned()),
        iat: Some(1_735_689_600.0),
        exp: 1_735_690_200.25,
        ..Claims::default()
    }
}

#[test]
fn a_token_of_another_library_is_accepted_until_it_expires() {
    let key = TokenKey::from_rsa(&sender());
    let token = vector!("access-token/valid.jwt");
    let verify = |now| key.verify(token, now, "dcx-demonstration");
    assert_eq!(verify(0.0), Ok(claims()));
    assert_eq!(verify(1_735_690_200.249), Ok(claims()));
    assert_eq!(verify(1_735_690_200.25), Err(TokenError::Expired));
    assert_eq!(key.verify(token, 9e9, "someone"), Err(TokenError::WrongIssuer));
    for (aud, meant) in [
        (json!("dcx-demonstration"), true),
        (json!(["other", "dcx-demonstration"]), true),
        (json!("other"), false),
        (json!([]), false),
    ] {
        let told = Claims {
            aud: Some(aud),
            ..claims()
        };
        let expected = if meant {
            TokenError::Expired
        } else {
            TokenError::WrongAudience
        };
        assert_eq!(
            key.verify(&key.issue(&told), 9e9, "dcx-demonstration"),
            Err(expected)
        );
    }
}

#[test]
fn only_rs256_by_this_key_counts() {
    let key = TokenKey::from_rsa(&sender());
    let verify = |token: &str| key.verify(token, 9e9, "someone");
    for token in [
        vector!("access-token/rs384.jwt"),
        vector!("access-token/hs256.jwt"),
        vector!("access-token/none.jwt"),
        &TokenKey::from_rsa(&SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap()).issue(&claims()),
    ] {
        assert_eq!(verify(token), Err(TokenError::BadSignature), "{token}");
    }
    let [header, body, signature] = vector!("access-token/valid.jwt")
        .split('.')
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let unsigned = format!("{header}.{body}.");
    let longer = Claims { exp: 9e9, ..claims() };
    let swapped = key.issue(&longer);
    let swapped = format!("{header}.{}.{signature}", swapped.split('.').nth(1).unwrap());
    for token in [unsigned, swapped] {
        assert_eq!(verify(&token), Err(TokenError::BadSignature), "{token}");
    }
    for token in [
        "",
        "abc",
        "a.b.c",
        "..",
        vector!("access-token/no-exp.jwt"),
        &format!("{header}.{body}"),
    ] {
        assert_eq!(verify(token), Err(TokenError::Malformed), "{token}");
    }
}

#[test]
fn an_issued_token_is_that_of_the_other_library_and_says_whole_seconds_as_such() {
    let key = TokenKey::from_rsa(&sender());
    let token = key.issue(&claims());
    assert_eq!(key.verify(&token, 0.0, "dcx-demonstration"), Ok(claims()));
    assert_eq!(
        decode_unverified(&token),
        decode_unverified(vector!("access-token/valid.jwt"))
    );
    let whole = Claims {
        exp: 1_735_690_200.0,
        db_name: None,
        iat: None,
        ..claims()
    };
    assert_eq!(
        decode_unverified(&key.issue(&whole)),
        Some(json!({"iss": "dcx-demonstration", "client_id": "Zoë", "exp": 1_735_690_200}))
    );
    assert_eq!(decode_unverified("a.b"), None);
}

#[test]
fn digests_are_those_of_coreutils() {
    let expected = vector!("digest/text.sha256").split(' ').next().unwrap();
    assert_eq!(sha256_hex(vector!("digest/text.txt").as_bytes()), expected);
}
