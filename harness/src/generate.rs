//! Making requests from schemas: valid ones that use what the document allows, and ones with a single
//! fault, both as proptest value trees, so that a counterexample can be made smaller.

pub mod bodies;
pub mod body;
pub mod cover;
pub mod fault;
pub mod flat;
pub mod grow;
pub mod schema;
pub mod shrink;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use specs::wire::digest::sha256_hex;

/// A proptest runner whose values follow from the seed and the name of what is generated.
pub fn runner(seed: u64, what: &str) -> TestRunner {
    let hex = sha256_hex(format!("{seed}\n{what}").as_bytes());
    let bytes: Vec<u8> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| hex_byte(pair[0]) << 4 | hex_byte(pair[1]))
        .collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(
        Config {
            failure_persistence: None,
            ..Config::default()
        },
        rng,
    )
}

fn hex_byte(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c - b'0',
        _ => c.wrapping_sub(b'a').wrapping_add(10),
    }
}
