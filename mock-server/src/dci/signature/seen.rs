//! A signature of the partner: whether it proves anything, and whether a mistake lets it through that does not.

use super::Unproven;
use crate::service::Service;
use crate::{Defect, clock};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use specs::catalogue::SignatureScheme;
use specs::wire::covered::Covered;
use specs::wire::http_signature::{Field, Moment};
use specs::wire::key::{Algorithm, PublicKey};
use specs::wire::scheme::{self, SchemeError};
use specs::wire::{canonical, confusion, demo, jws};

/// A signature, and what is known of it.
pub(super) struct Seen<'a> {
    pub(super) cx: &'a Service,
    pub(super) scheme: SignatureScheme,
    /// The keys of the partner, or of the client that has one of its own.
    pub(super) keys: Vec<PublicKey>,
    pub(super) text: &'a str,
    pub(super) sender: Option<&'a str>,
    /// How far clocks may be apart; none where times are not looked at.
    pub(super) skew: Option<i64>,
}

impl Seen<'_> {
    /// Whether the partner signed header and message, and not too long ago.
    pub(super) fn verified(&self, covered: &Covered) -> Result<(), Unproven> {
        if self.cx.commits(Defect::SignatureRespelt) {
            let respelt = self.respelt(covered).ok_or_else(Unproven::over_other_bytes)?;
            return Ok(self.by_partner(&respelt)?);
        }
        let verified = self.by_partner(covered);
        if verified.is_ok() || self.is_believed(covered) {
            return Ok(());
        }
        Ok(verified?)
    }

    fn by_partner(&self, covered: &Covered) -> Result<(), SchemeError> {
        let now = self.moment(clock::now());
        scheme::verify_by_any(self.scheme, covered, self.text, &self.keys, self.sender, now)
    }

    fn moment(&self, now: f64) -> Moment {
        let skew = self.skew;
        Moment { now, skew }
    }

    fn by(&self, key: &PublicKey, covered: &Covered, sender: Option<&str>, now: f64) -> bool {
        scheme::verify(self.scheme, covered, self.text, key, sender, self.moment(now)).is_ok()
    }

    /// Whether any key of the partner makes this true.
    fn of_partner(&self, proves: impl Fn(&PublicKey) -> bool) -> bool {
        self.keys.iter().any(proves)
    }

    /// Whether a mistake lets a signature through that proves nothing.
    fn is_believed(&self, covered: &Covered) -> bool {
        let commits = |defect| self.cx.commits(defect);
        let now = clock::now();
        (commits(Defect::SignatureUnchecked) && self.has_syntax())
            || (commits(Defect::SignatureOverMessageAccepted)
                && self.by_partner(&covered.message_alone()).is_ok())
            || (commits(Defect::SignatureOverHeaderAccepted)
                && self.by_partner(&covered.header_alone()).is_ok())
            || (commits(Defect::SignatureTailIgnored)
                && self.without_tail().is_some_and(|text| {
                    let now = self.moment(now);
                    scheme::verify_by_any(self.scheme, covered, &text, &self.keys, self.sender, now).is_ok()
                }))
            || (commits(Defect::SignatureAnyKey) && self.by_any_key(covered))
            || (commits(Defect::SignatureKeyIdIgnored)
                && self.of_partner(|key| self.by(key, covered, self.sender, now)))
            || (commits(Defect::SignaturePayloadIgnored) && self.of_partner(|key| self.over_anything(key)))
            || (commits(Defect::SignatureAlgorithmTrusted) && self.algorithm().as_deref() == Some("none"))
            || (commits(Defect::SignaturePublicKeySecret)
                && self.of_partner(|key| confusion::is_believed(self.scheme, covered, self.text, key)))
            || (commits(Defect::SignatureExpiredAccepted) && self.at_another_time(covered, true))
            || (commits(Defect::SignatureFutureAccepted) && self.at_another_time(covered, false))
            || (commits(Defect::SignatureSenderUnchecked)
                && self.of_partner(|key| self.by(key, covered, None, now)))
    }

    /// The text with as many bytes of signature as the scheme's keys make.
    fn without_tail(&self) -> Option<String> {
        let size = match scheme::algorithm(self.scheme)? {
            Algorithm::Ed25519 => 64,
            Algorithm::Rsa => 256,
        };
        let cut = |bytes: Vec<u8>| bytes.into_iter().take(size).collect::<Vec<u8>>();
        Some(match self.scheme {
            SignatureScheme::DciHttpSignature => {
                let mut field = Field::parse(self.text).ok()?;
                field.signature = STANDARD.encode(cut(STANDARD.decode(&field.signature).ok()?));
                field.to_string()
            }
            SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader => {
                let (before, last) = self.text.rsplit_once('.')?;
                let last = URL_SAFE_NO_PAD.encode(cut(URL_SAFE_NO_PAD.decode(last).ok()?));
                format!("{before}.{last}")
            }
            _ => STANDARD.encode(cut(STANDARD.decode(self.text).ok()?)),
        })
    }

    /// Whether the text could be a signature of the scheme: a server that does not verify it still reads it.
    fn has_syntax(&self) -> bool {
        match self.scheme {
            SignatureScheme::DciHttpSignature => {
                let now = self.moment(clock::now());
                Field::parse(self.text).is_ok_and(|field| field.check(self.sender, now).is_ok())
            }
            SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader => {
                self.algorithm().as_deref() == Some(jws::ALGORITHM)
            }
            _ => true,
        }
    }

    /// The algorithm that the text names.
    fn algorithm(&self) -> Option<String> {
        match self.scheme {
            SignatureScheme::DciHttpSignature => Field::parse(self.text).ok().map(|field| field.algorithm),
            SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader => jws::algorithm_of(self.text),
            _ => None,
        }
    }

    fn by_any_key(&self, covered: &Covered) -> bool {
        let other = match scheme::algorithm(self.scheme) {
            Some(Algorithm::Ed25519) => demo::OTHER_ED25519_PUB_PEM,
            _ => demo::OTHER_PUB_PEM,
        };
        let other = PublicKey::from_pem(other).ok();
        let own = self.cx.ring.own().public();
        let mut keys = other.into_iter().chain([own]);
        keys.any(|key| self.by(&key, covered, self.sender, clock::now()))
    }

    /// Whether this key's holder signed a token, whatever it holds.
    fn over_anything(&self, key: &PublicKey) -> bool {
        match (self.scheme, key) {
            (SignatureScheme::JwsCompact, PublicKey::Rsa(key)) => jws::verify_any(self.text, key).is_ok(),
            _ => false,
        }
    }

    /// Whether it would be valid at the time that it names: before now where it has expired, after now where
    /// it is yet to come.
    fn at_another_time(&self, covered: &Covered, expired: bool) -> bool {
        let named = Field::parse(self.text).ok().map(|field| field.created as f64);
        named.is_some_and(|named| {
            (named < clock::now()) == expired
                && self.of_partner(|key| self.by(key, covered, self.sender, named))
        })
    }

    /// What a library makes of header and message: without spaces, and with text as it is, not escaped.
    /// `None` where what was signed cannot be that.
    fn respelt(&self, covered: &Covered) -> Option<Covered> {
        let value = covered.to_value()?;
        let respelt = Covered::in_value(&value);
        let same = match self.scheme {
            SignatureScheme::DciHttpSignature => !canonical::text(&value).contains("\\u"),
            SignatureScheme::JwsCompact => jws::payload_of(self.text) == respelt.to_text(),
            _ => true,
        };
        same.then_some(respelt)
    }
}
