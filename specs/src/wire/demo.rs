//! The built-in demonstration keys. They are public: never trust them outside a demonstration or a test.

/// Private key of the side that asks.
pub const SENDER_KEY_PEM: &str = include_str!("../../vectors/demo-keys/sender.key.pem");
/// Public key of the side that asks.
pub const SENDER_PUB_PEM: &str = include_str!("../../vectors/demo-keys/sender.pub.pem");
/// Private key of the side that answers.
pub const RECEIVER_KEY_PEM: &str = include_str!("../../vectors/demo-keys/receiver.key.pem");
/// Public key of the side that answers.
pub const RECEIVER_PUB_PEM: &str = include_str!("../../vectors/demo-keys/receiver.pub.pem");
/// Private key of a stranger, whose signatures nobody should accept.
pub const OTHER_KEY_PEM: &str = include_str!("../../vectors/demo-keys/other.key.pem");
/// Public key of the stranger.
pub const OTHER_PUB_PEM: &str = include_str!("../../vectors/demo-keys/other.pub.pem");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::rsa::{SigningKey, VerifyingKey};

    #[test]
    fn the_halves_of_each_pair_belong_together() {
        for (key, public) in [
            (SENDER_KEY_PEM, SENDER_PUB_PEM),
            (RECEIVER_KEY_PEM, RECEIVER_PUB_PEM),
            (OTHER_KEY_PEM, OTHER_PUB_PEM),
        ] {
            let key = SigningKey::from_pem(key).unwrap();
            let public = VerifyingKey::from_pem(public).unwrap();
            assert_eq!(key.verifying_key().to_pem(), public.to_pem());
            public.verify(b"text", &key.sign(b"text")).unwrap();
        }
    }
}
