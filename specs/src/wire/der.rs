//! As much DER as public keys need: elements one after the other, each with a tag and a length.

/// An ASN.1 SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// An ASN.1 INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// An ASN.1 BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// The algorithm `rsaEncryption` with its NULL parameters.
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// The content of the first element, which must have this tag, and what comes after it.
fn split(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x0f))?;
            let length = bytes.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    (*first == tag).then_some((content, rest))
}

/// An element of this tag with these parts as its content.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|b| *b != 0).unwrap_or(length.len() - 1);
    let mut der = vec![tag];
    match &length[significant..] {
        [short @ 0..=0x7f] => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            der.extend_from_slice(long);
        }
    }
    der.extend(content);
    der
}

/// Modulus and exponent of an RSA key in SPKI, without leading zeros.
pub(super) fn rsa_numbers(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let (outer, _) = split(SEQUENCE, spki)?;
    let (_, rest) = split(SEQUENCE, outer)?;
    let (bits, _) = split(BIT_STRING, rest)?;
    let (numbers, _) = split(SEQUENCE, bits.strip_prefix(&[0])?)?;
    let (modulus, rest) = split(INTEGER, numbers)?;
    let (exponent, _) = split(INTEGER, rest)?;
    Some((unpadded(modulus), unpadded(exponent)))
}

/// The RSA key of these numbers in SPKI.
pub(super) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let numbers = [modulus, exponent].map(|number| {
        let number = unpadded(number);
        let sign: &[u8] = if number.first().is_none_or(|b| *b >= 0x80) {
            &[0]
        } else {
            &[]
        };
        element(INTEGER, &[sign, number])
    });
    let key = element(SEQUENCE, &[&numbers[0], &numbers[1]]);
    element(SEQUENCE, &[RSA, &element(BIT_STRING, &[&[0], &key])])
}

fn unpadded(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_way_into_a_key_and_out_of_it() {
        for modulus in [vec![0x80; 256], vec![0x7f; 300], vec![0, 1, 2], vec![9; 70_000]] {
            let spki = rsa_spki(&modulus, &[1, 0, 1]);
            assert_eq!(
                rsa_numbers(&spki),
                Some((unpadded(&modulus), &[1_u8, 0, 1][..])),
                "{}",
                modulus.len()
            );
            assert_eq!(rsa_numbers(&spki[..spki.len() - 1]), None);
        }
        assert_eq!(rsa_numbers(&[]), None);
        assert_eq!(rsa_numbers(&[0x30, 0x84, 0, 0, 0, 0]), None);
    }
}
