//! The user's document as a target: a profile that exists for this run only.

use super::operation::Operation;
use crate::target::{Credentials, Target, TargetKeys};
use crate::tls::Tls;
use serde_json::Value;
use specs::catalogue::{
    AuthStyle, Authentication, Catalogue, Demands, Operation as Place, Partner, Profile, Signature,
    SignatureScheme,
};
use specs::document::Document;
use std::path::Path;
use std::sync::Arc;
use suites::context::Schemas;

/// The id of the profile of every such run.
pub const PROFILE: &str = "openapi";

/// The last step of the address at which the DCI documents issue tokens.
pub(super) const TOKEN_PATH: &str = "/oauth2/client/token";

/// The profile that a document amounts to.
pub(super) fn profile(document: &Document, token_path: Option<&str>) -> Profile {
    let file = Path::new(document.name())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let title = match document.title() {
        "" => file.clone(),
        title => title.to_owned(),
    };
    let style = if token_path.is_some() {
        AuthStyle::OauthFormOrJson
    } else {
        AuthStyle::None
    };
    let place = |path: &str| Place {
        path: path.to_owned(),
        document_path: path.to_owned(),
        optional: false,
    };
    Profile {
        id: PROFILE.to_owned(),
        specification: format!("{file} {title}/{}", document.version()),
        title,
        document: file,
        edition: None,
        base_path: base_path(document).unwrap_or_default(),
        requirements: vec![format!("{PROFILE}.*")],
        levels: std::iter::empty().collect(),
        readings: std::iter::empty().collect(),
        authentication: Authentication {
            style,
            db_name: false,
        },
        signature: Signature {
            scheme: SignatureScheme::None,
        },
        operations: token_path
            .iter()
            .map(|path| ("token".to_owned(), place(path)))
            .collect(),
        partner: Partner {
            sender_id: "dcx".to_owned(),
            receiver_id: String::new(),
        },
        registry: None,
        exchange: None,
    }
}

/// The document at an address. With a token path, tokens are obtained there.
pub(super) fn target(
    document: &Document,
    url: &str,
    token_path: Option<&str>,
    credentials: Option<Credentials>,
    tls: Tls,
) -> Target {
    let profile = profile(document, token_path);
    Target {
        url: url.to_owned(),
        demands: Demands::of(&profile, Catalogue::bundled()),
        schemas: Arc::new(Schemas::default()),
        embedded: false,
        credentials,
        sender_id: profile.partner.sender_id.clone(),
        receiver_id: String::new(),
        keys: TargetKeys::demonstration(SignatureScheme::None),
        tls,
        events: None,
        known: Arc::default(),
        profile: Arc::new(profile),
    }
}

/// Where the document says that tokens are issued, below the base URL. Credentials go to no other host
/// than the target's, whatever the document says.
pub(super) fn token_path(document: &Document, url: &str) -> Option<String> {
    let of_operation = || {
        let token = |path: &&str| path.ends_with(TOKEN_PATH);
        document
            .operations()
            .iter()
            .filter(|o| o.method == "POST")
            .map(|o| o.path.as_str())
            .find(token)
    };
    let of_scheme = || {
        let schemes = document
            .value()
            .pointer("/components/securitySchemes")?
            .as_object()?;
        schemes
            .values()
            .find_map(|s| s.pointer("/flows/clientCredentials/tokenUrl")?.as_str())
    };
    if let Some(path) = of_operation() {
        return Some(path.to_owned());
    }
    let address = of_scheme()?;
    if address.starts_with('/') && !address.starts_with("//") {
        return Some(address.to_owned());
    }
    let rest = address.strip_prefix(url)?;
    rest.starts_with('/').then(|| rest.to_owned())
}

/// The path of the document's first server, without a trailing slash.
fn base_path(document: &Document) -> Option<String> {
    let server = document
        .value()
        .pointer("/servers/0/url")
        .and_then(Value::as_str)?;
    let path = match server.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => server,
    };
    let path = path.trim_end_matches('/');
    (path.starts_with('/') && !path.contains('{')).then(|| path.to_owned())
}

/// What the reader of a report should know from the start.
pub(super) fn notices(
    document: &Document,
    url: &str,
    operations: &[Arc<Operation>],
    authorised: bool,
) -> Vec<String> {
    let mut notices: Vec<String> = document
        .oddities()
        .iter()
        .take(5)
        .map(|oddity| format!("the document is odd, and was understood all the same: {oddity}"))
        .collect();
    if let Some(base) = base_path(document).filter(|base| !url.ends_with(base.as_str())) {
        notices.push(format!(
            "the document's server has the base path {base}, which {url} lacks; paths were appended to the URL as given"
        ));
    }
    let secured = operations.iter().filter(|o| o.doc.secured).count();
    if secured > 0 && !authorised {
        notices.push(format!(
            "{secured} operations are secured, and no token is at hand; what is answered 401 cannot be judged further"
        ));
    }
    notices
}
