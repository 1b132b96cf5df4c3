//! The randomness of an encrypted message.

use aws_lc_rs::digest::{Context, SHA256};

/// What has to be drawn for each message: nobody may guess it, and none of it may be used twice.
#[derive(Clone)]
pub struct Draw {
    pub(super) content_key: [u8; 32],
    pub(super) iv: [u8; 12],
    /// What makes the padding of the encrypted key.
    pub(super) seed: [u8; 32],
}

impl Draw {
    /// A draw that follows from these parts and from nothing else: it is as secret as they are. Give it the
    /// content too, so that no other content meets the same key.
    pub fn derived(parts: &[&[u8]]) -> Self {
        let take = |purpose: &str| {
            let mut context = Context::new(&SHA256);
            for part in [purpose.as_bytes()].iter().chain(parts) {
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part);
            }
            let mut bytes = [0; 32];
            bytes.copy_from_slice(context.finish().as_ref());
            bytes
        };
        let mut iv = [0; 12];
        iv.copy_from_slice(&take("iv")[..12]);
        Self {
            content_key: take("content key"),
            iv,
            seed: take("padding"),
        }
    }
}

impl std::fmt::Debug for Draw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draw(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_each_part_and_on_where_it_ends() {
        let key = |parts: &[&[u8]]| Draw::derived(parts).content_key;
        assert_eq!(key(&[b"a", b"b"]), key(&[b"a", b"b"]));
        assert_ne!(key(&[b"a", b"b"]), key(&[b"ab", b""]));
        assert_ne!(key(&[b"a", b"b"]), key(&[b"b", b"a"]));
        let draw = Draw::derived(&[b"a"]);
        assert_ne!(draw.content_key, draw.seed);
        assert_ne!(draw.content_key[..12], draw.iv);
        assert_eq!(format!("{draw:?}"), "Draw(hidden)");
    }
}
