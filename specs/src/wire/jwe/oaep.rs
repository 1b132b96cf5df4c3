//! RSA-OAEP with SHA-256 (RFC 8017, section 7.1) and an empty label.
//!
//! Libraries draw the seed of the padding themselves, which no run could repeat; so the padding is made here.
//! Only the public half of a key is used for that. Whatever is secret is left to the library.

use super::super::rsa::{SigningKey, VerifyingKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use num_bigint::BigUint;

/// The length of a digest.
const HASH: usize = 32;

/// Encrypts a key of 32 bytes, by this seed.
pub(super) fn encrypt(key: &VerifyingKey, plain: &[u8; 32], seed: &[u8; HASH]) -> Vec<u8> {
    let (modulus, exponent) = key.numbers();
    let length = modulus.len();
    // The digest of the label, zeros, a one, and the plain text at the end. No key is shorter than 2048 bits.
    let mut block = vec![0; length - HASH - 1];
    block[..HASH].copy_from_slice(digest(&SHA256, b"").as_ref());
    let start = block.len() - plain.len();
    block[start - 1] = 1;
    block[start..].copy_from_slice(plain);
    mask(&mut block, seed);
    let mut masked_seed = *seed;
    mask(&mut masked_seed, &block);
    let number = [&[0], &masked_seed[..], &block].concat();
    let [number, exponent, modulus] = [&number, exponent, modulus].map(BigUint::from_bytes_be);
    let encrypted = number.modpow(&exponent, &modulus).to_bytes_be();
    let mut padded = vec![0; length - encrypted.len()];
    padded.extend(encrypted);
    padded
}

/// Covers a text by the mask MGF1 that a seed makes.
fn mask(text: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0_u32..).zip(text.chunks_mut(HASH)) {
        let cover = digest(&SHA256, &[seed, &counter.to_be_bytes()].concat());
        chunk
            .iter_mut()
            .zip(cover.as_ref())
            .for_each(|(byte, cover)| *byte ^= cover);
    }
}

/// Decrypts what was encrypted for this key.
pub(super) fn decrypt(key: &SigningKey, encrypted: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateDecryptingKey::from_pkcs8(key.pkcs8()).ok()?;
    let key = OaepPrivateDecryptingKey::new(key).ok()?;
    let mut plain = vec![0; key.min_output_size()];
    let found = key
        .decrypt(&OAEP_SHA256_MGF1SHA256, encrypted, &mut plain, None)
        .ok()?;
    Some(found.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::demo;

    #[test]
    fn the_library_takes_the_padding_off() {
        let key = SigningKey::from_pem(demo::RECEIVER_KEY_PEM).unwrap();
        for seed in 0..20 {
            let encrypted = encrypt(&key.verifying_key(), &[7; 32], &[seed; HASH]);
            assert_eq!(decrypt(&key, &encrypted).as_deref(), Some(&[7; 32][..]), "{seed}");
            let stranger = SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap();
            assert_eq!(decrypt(&stranger, &encrypted), None);
        }
    }
}
