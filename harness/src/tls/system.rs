//! The authorities that this machine trusts. They are read once in the life of the process: a proof makes thousands of
//! clients, and reading takes longer than most of what they do.

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, Error};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::{Arc, OnceLock};

/// Connections that trust them; none where they cannot be read, which the client itself explains.
pub(super) fn trust() -> Option<ClientConfig> {
    static TRUST: OnceLock<Option<ClientConfig>> = OnceLock::new();
    let mut trust = TRUST.get_or_init(|| made().ok()).clone()?;
    // What one run remembers of a handshake is no business of another's.
    trust.resumption = Resumption::default();
    Some(trust)
}

fn made() -> Result<ClientConfig, Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?;
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
