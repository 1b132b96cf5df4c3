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
/// Private Ed25519 key of the side that asks.
pub const SENDER_ED25519_KEY_PEM: &str = include_str!("../../vectors/demo-keys/sender.ed25519.key.pem");
/// Public Ed25519 key of the side that asks.
pub const SENDER_ED25519_PUB_PEM: &str = include_str!("../../vectors/demo-keys/sender.ed25519.pub.pem");
/// Private Ed25519 key of the side that answers.
pub const RECEIVER_ED25519_KEY_PEM: &str = include_str!("../../vectors/demo-keys/receiver.ed25519.key.pem");
/// Public Ed25519 key of the side that answers.
pub const RECEIVER_ED25519_PUB_PEM: &str = include_str!("../../vectors/demo-keys/receiver.ed25519.pub.pem");
/// Private Ed25519 key of a stranger, whose signatures nobody should accept.
pub const OTHER_ED25519_KEY_PEM: &str = include_str!("../../vectors/demo-keys/other.ed25519.key.pem");
/// Public Ed25519 key of the stranger.
pub const OTHER_ED25519_PUB_PEM: &str = include_str!("../../vectors/demo-keys/other.ed25519.pub.pem");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::key::{PrivateKey, PublicKey};

    #[test]
    fn the_halves_of_each_pair_belong_together() {
        for (key, public) in [
            (SENDER_KEY_PEM, SENDER_PUB_PEM),
            (RECEIVER_KEY_PEM, RECEIVER_PUB_PEM),
            (OTHER_KEY_PEM, OTHER_PUB_PEM),
            (SENDER_ED25519_KEY_PEM, SENDER_ED25519_PUB_PEM),
            (RECEIVER_ED25519_KEY_PEM, RECEIVER_ED25519_PUB_PEM),
            (OTHER_ED25519_KEY_PEM, OTHER_ED25519_PUB_PEM),
        ] {
            let key = PrivateKey::from_pem(key).unwrap();
            let public = PublicKey::from_pem(public).unwrap();
            assert_eq!(key.public().to_pem(), public.to_pem());
            public.verify(b"text", &key.sign(b"text")).unwrap();
        }
    }
}
