//! One client: what it may do, and how it proves itself.

use super::entry::ClientEntry;
use super::secret::SecretHash;
use super::{Demonstration, is_id};
use crate::operation::Operation;
use serde_json::{Value, json};
use specs::wire::jwk;
use specs::wire::key::PublicKey;
use specs::wire::time::{format_date_time, parse_date_time};

/// Who made a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Demonstration,
    File,
    Control,
}

impl Origin {
    fn word(self) -> &'static str {
        match self {
            Self::Demonstration => "demonstration",
            Self::File => "file",
            Self::Control => "control",
        }
    }
}

/// Whether a client may do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Active,
    Expired,
    Revoked,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A secret, and until when it is good.
#[derive(Debug, Clone)]
struct Proof {
    hash: SecretHash,
    until: Option<f64>,
}

/// Who may obtain a token.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    origin: Origin,
    /// The newest first.
    proofs: Vec<Proof>,
    /// Without any, it may do everything.
    scopes: Option<Vec<String>>,
    /// The only sender of its messages, where one is registered.
    pub(crate) sender_id: Option<String>,
    /// What proves its messages, where it has a key of its own.
    pub(crate) key: Option<PublicKey>,
    /// Where it is called back if a request says nothing else.
    pub(crate) callback: Option<String>,
    expires: Option<f64>,
    revoked: bool,
}

impl Client {
    pub(super) fn demonstration(demonstration: &Demonstration) -> Self {
        let hash = SecretHash::of_open(&demonstration.secret);
        Self {
            id: demonstration.id.clone(),
            origin: Origin::Demonstration,
            proofs: vec![Proof { hash, until: None }],
            scopes: None,
            sender_id: None,
            key: None,
            callback: None,
            expires: None,
            revoked: false,
        }
    }

    /// The client that somebody described, or what is wrong with it.
    pub(super) fn of(entry: &ClientEntry, origin: Origin) -> Result<Self, String> {
        if !is_id(&entry.client_id) {
            let message = "client_id: give up to 64 letters, digits and `. _ ~ -`";
            return Err(message.to_owned());
        }
        let hash = entry.secret.clone();
        let hash = hash.ok_or("give client_secret or client_secret_hash")?;
        let key = entry.public_key.as_deref().map(PublicKey::from_pem);
        let expires = |text: &String| {
            let message = "expires: give a date and time such as 2027-01-31T12:00:00Z";
            parse_date_time(text).ok_or(message)
        };
        Ok(Self {
            id: entry.client_id.clone(),
            origin,
            proofs: vec![Proof { hash, until: None }],
            scopes: entry.scopes.as_deref().map(scopes).transpose()?,
            sender_id: entry.sender_id.clone().filter(|id| !id.is_empty()),
            key: key.transpose().map_err(|e| format!("public_key: {e}"))?,
            callback: entry.callback.clone().filter(|url| !url.is_empty()),
            expires: entry.expires.as_ref().map(expires).transpose()?,
            revoked: false,
        })
    }

    pub(super) fn has_secret(&self, presented: &str, now: f64) -> bool {
        let mut right = false;
        // All are looked at: how long it takes does not tell which one it was.
        for proof in &self.proofs {
            right |= proof.hash.is_of(presented) && proof.until.is_none_or(|until| now < until);
        }
        right
    }

    pub(super) fn rotate(&mut self, hash: SecretHash, until: f64) {
        self.proofs.truncate(1);
        for proof in &mut self.proofs {
            proof.until = Some(until);
        }
        self.proofs.insert(0, Proof { hash, until: None });
    }

    pub(super) fn revoke(&mut self) {
        self.revoked = true;
    }

    /// Whether it may do anything now.
    pub(crate) fn state(&self, now: f64) -> State {
        if self.revoked {
            State::Revoked
        } else if self.expires.is_some_and(|expires| expires <= now) {
            State::Expired
        } else {
            State::Active
        }
    }

    /// What it may do; `None` for everything.
    pub(crate) fn scopes(&self) -> Option<&[String]> {
        self.scopes.as_deref()
    }

    /// Whether it is kept in the store: those of a file are read from it again.
    pub(super) fn survives(&self) -> bool {
        self.origin == Origin::Control
    }

    /// For whoever looks: nothing secret, not even hashed.
    pub(crate) fn told(&self, now: f64) -> Value {
        let older = self.proofs.get(1).and_then(|proof| proof.until);
        json!({
            "client_id": self.id,
            "state": self.state(now).word(),
            "origin": self.origin.word(),
            "scopes": self.scopes,
            "sender_id": self.sender_id,
            "callback": self.callback,
            "key_thumbprint": self.key.as_ref().map(jwk::thumbprint),
            "expires": self.expires.map(format_date_time),
            "older_secret_until": older.filter(|until| now < *until).map(format_date_time),
        })
    }

    /// As it is kept in a store.
    pub(super) fn written(&self) -> Value {
        let proofs = self.proofs.iter();
        let proofs = proofs.map(|proof| json!({"hash": proof.hash.written(), "until": proof.until}));
        json!({
            "client_id": self.id,
            "secrets": proofs.collect::<Vec<_>>(),
            "scopes": self.scopes,
            "sender_id": self.sender_id,
            "public_key": self.key.as_ref().map(PublicKey::to_pem),
            "callback": self.callback,
            "expires": self.expires,
            "revoked": self.revoked,
        })
    }

    /// What was kept.
    pub(super) fn read(written: &Value) -> Option<Self> {
        let text = |name: &str| written.get(name)?.as_str().map(ToOwned::to_owned);
        let proof = |proof: &Value| {
            Some(Proof {
                hash: SecretHash::read(proof.get("hash")?.as_str()?)?,
                until: proof.get("until").and_then(Value::as_f64),
            })
        };
        let scopes = written.get("scopes").and_then(Value::as_array);
        let scopes = scopes.map(|scopes| {
            let scopes = scopes.iter().map(|s| s.as_str().map(ToOwned::to_owned));
            scopes.collect::<Option<Vec<_>>>()
        });
        let proofs = written.get("secrets")?.as_array()?.iter().map(proof);
        Some(Self {
            id: text("client_id").filter(|id| is_id(id))?,
            origin: Origin::Control,
            proofs: proofs.collect::<Option<Vec<_>>>()?,
            scopes: match scopes {
                None => None,
                Some(scopes) => Some(scopes?),
            },
            sender_id: text("sender_id"),
            key: match text("public_key") {
                None => None,
                Some(pem) => Some(PublicKey::from_pem(&pem).ok()?),
            },
            callback: text("callback"),
            expires: written.get("expires").and_then(Value::as_f64),
            revoked: written.get("revoked")?.as_bool()?,
        })
    }
}

/// Scopes as they are named here; the documents' examples write a slash where their list has a dot.
fn scopes(written: &[String]) -> Result<Vec<String>, String> {
    let known: Vec<&str> = Operation::scopes().collect();
    let mut scopes = Vec::new();
    for written in written {
        let scope = written.replace('/', ".");
        if !known.contains(&scope.as_str()) {
            let known = known.join(", ");
            return Err(format!(
                "scopes: there is no scope {written:?}; there are {known}"
            ));
        }
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> ClientEntry {
        ClientEntry {
            client_id: "partner-1".to_owned(),
            secret: Some(SecretHash::of("one")),
            scopes: Some(vec!["registry/search".to_owned(), "registry.search".to_owned()]),
            sender_id: Some("partner.example.org".to_owned()),
            public_key: Some(specs::wire::demo::SENDER_PUB_PEM.to_owned()),
            callback: Some("http://127.0.0.1:9/".to_owned()),
            expires: Some("2030-01-01T00:00:00Z".to_owned()),
            profile: None,
        }
    }

    #[test]
    fn a_client_that_was_kept_is_the_same() {
        let mut client = Client::of(&entry(), Origin::Control).unwrap();
        client.rotate(SecretHash::of("two"), 100.0);
        let read = Client::read(&client.written()).unwrap();
        assert_eq!(read.told(0.0), client.told(0.0));
        assert_eq!(read.scopes().unwrap(), ["registry.search"]);
        assert!(!read.told(0.0).to_string().contains("pbkdf2"));
    }

    #[test]
    fn a_secret_goes_on_for_its_grace_and_no_longer() {
        let mut client = Client::of(&entry(), Origin::Control).unwrap();
        client.rotate(SecretHash::of("two"), 100.0);
        let good = |client: &Client, now| ["one", "two", "three"].map(|s| client.has_secret(s, now));
        assert_eq!(good(&client, 99.0), [true, true, false]);
        assert_eq!(good(&client, 100.0), [false, true, false]);
        client.rotate(SecretHash::of("three"), 200.0);
        assert_eq!(good(&client, 50.0), [false, true, true]);
    }

    #[test]
    fn time_and_revocation_end_a_client() {
        let mut client = Client::of(&entry(), Origin::Control).unwrap();
        assert_eq!(client.state(0.0), State::Active);
        assert_eq!(client.state(9e9), State::Expired);
        client.revoke();
        assert_eq!(client.state(0.0), State::Revoked);
    }

    #[test]
    fn what_cannot_be_is_explained() {
        type Spoil = fn(&mut ClientEntry);
        let spoils: [(Spoil, &str); 5] = [
            (|e| e.client_id = "a b".to_owned(), "client_id"),
            (|e| e.secret = None, "client_secret"),
            (|e| e.scopes = Some(vec!["all".to_owned()]), "registry.search"),
            (|e| e.public_key = Some("no key".to_owned()), "public_key"),
            (|e| e.expires = Some("tomorrow".to_owned()), "expires"),
        ];
        for (spoil, said) in spoils {
            let mut entry = entry();
            spoil(&mut entry);
            let why = Client::of(&entry, Origin::File).unwrap_err();
            assert!(why.contains(said), "{why}");
        }
    }
}
