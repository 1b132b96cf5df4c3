//! Whom callbacks over https trust: the authorities of this machine. They are read once in the life of the process,
//! since that takes longer than all the rest of a mock's start.

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, Error};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::{Arc, OnceLock};

/// How callbacks are secured; none where the authorities cannot be read, which the client itself explains.
pub(super) fn trust() -> Option<ClientConfig> {
    static TRUST: OnceLock<Option<ClientConfig>> = OnceLock::new();
    let mut trust = TRUST.get_or_init(|| made().ok()).clone()?;
    // What one mock remembers of a handshake is no business of another's.
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
