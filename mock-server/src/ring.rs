//! The keys of one profile: those that are registered for its partner, and our own, which can be replaced while
//! the mock runs.

use crate::{Keys, clock};
use specs::catalogue::SignatureScheme;
use specs::wire::key::{PrivateKey, PublicKey};
use std::sync::{PoisonError, RwLock};

/// How long a key that was replaced stays in the key set, in seconds, unless somebody says otherwise: whoever was
/// sent a message before has that long to verify it.
pub(crate) const GRACE: f64 = 300.0;

/// The keys of a profile.
#[derive(Debug)]
pub(crate) struct Ring(RwLock<Held>);

#[derive(Debug)]
struct Held {
    partner: Vec<PublicKey>,
    own: PrivateKey,
    retired: Vec<Retired>,
}

/// A key of ours that signs no longer.
#[derive(Debug, Clone)]
pub(crate) struct Retired {
    pub(crate) key: PublicKey,
    /// Until when it is served, in seconds since 1970.
    pub(crate) until: f64,
}

impl Ring {
    /// The keys to begin with.
    pub(crate) fn of(keys: &Keys, scheme: SignatureScheme) -> Self {
        Self(RwLock::new(Held {
            partner: keys.registered(scheme),
            own: keys.receiver_of(scheme),
            retired: Vec::new(),
        }))
    }

    fn held<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys by any of which a message of the partner may be signed.
    pub(crate) fn partner(&self) -> Vec<PublicKey> {
        self.held(|held| held.partner.clone())
    }

    /// From now on the partner has these keys and no others.
    pub(crate) fn register(&self, keys: Vec<PublicKey>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).partner = keys;
    }

    /// The key that signs our messages.
    pub(crate) fn own(&self) -> PrivateKey {
        self.held(|held| held.own.clone())
    }

    /// Those of our former keys whose grace is not over.
    pub(crate) fn retired(&self) -> Vec<Retired> {
        let now = clock::now();
        self.held(|held| held.retired.iter().filter(|r| r.until > now).cloned().collect())
    }

    /// The keys of our key set: first the one that signs.
    pub(crate) fn served(&self) -> Vec<PublicKey> {
        let retired = self.retired().into_iter().map(|retired| retired.key);
        std::iter::once(self.own().public()).chain(retired).collect()
    }

    /// From now on this key signs; the former one is served for so many seconds.
    pub(crate) fn rotate(&self, fresh: PrivateKey, grace: f64) {
        let now = clock::now();
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let former = std::mem::replace(&mut held.own, fresh).public();
        held.retired.retain(|retired| retired.until > now);
        let until = now + grace;
        held.retired.insert(0, Retired { key: former, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_key_is_served_until_its_grace_is_over() {
        let scheme = SignatureScheme::DciHttpSignature;
        let ring = Ring::of(&Keys::demo(), scheme);
        let first = ring.own().public();
        assert_eq!(ring.served(), std::slice::from_ref(&first));
        let fresh = || PrivateKey::generate(first.algorithm());
        ring.rotate(fresh(), 60.0);
        let second = ring.own().public();
        assert_ne!(first, second);
        assert_eq!(ring.served(), [second.clone(), first.clone()]);
        ring.rotate(fresh(), 0.0);
        assert_eq!(ring.served(), [ring.own().public(), first]);
        assert!(!ring.served().contains(&second));
    }

    #[test]
    fn the_partner_has_the_keys_that_were_registered_last() {
        let scheme = SignatureScheme::JwsCompact;
        let keys = Keys::demo();
        let ring = Ring::of(&keys, scheme);
        assert_eq!(ring.partner(), [keys.sender_of(scheme).public()]);
        ring.register(vec![keys.receiver_of(scheme).public()]);
        assert_eq!(ring.partner(), [keys.receiver_of(scheme).public()]);
    }
}
