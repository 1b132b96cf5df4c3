//! The registries that clients have of their own, each made when its client first needs it.

use crate::service::Service;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// How many there may be: each holds its own indexes.
const MOST_REGISTRIES: usize = 64;

/// By profile and client.
#[derive(Debug, Default)]
pub(super) struct Own {
    made: RwLock<BTreeMap<(usize, String), Arc<Service>>>,
    /// Held while one is made, so that none is made twice.
    making: Mutex<()>,
}

impl Own {
    pub(super) fn making(&self) -> MutexGuard<'_, ()> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, nth: usize, client: &str) -> Option<Arc<Service>> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        made.get(&(nth, client.to_owned())).cloned()
    }

    /// Whether another one may be made.
    pub(super) fn has_room(&self) -> Result<(), String> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if made.len() < MOST_REGISTRIES {
            return Ok(());
        }
        Err(format!(
            "{MOST_REGISTRIES} clients have a registry of their own already; revoke one, or POST /_dcx/reset"
        ))
    }

    pub(super) fn put(&self, nth: usize, client: &str, service: &Arc<Service>) {
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.insert((nth, client.to_owned()), Arc::clone(service));
    }

    pub(super) fn forget(&self, nth: usize, client: &str) {
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.remove(&(nth, client.to_owned()));
    }

    pub(super) fn all(&self) -> Vec<Arc<Service>> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        made.values().cloned().collect()
    }

    /// Those of one profile.
    pub(super) fn of(&self, nth: usize) -> Vec<Arc<Service>> {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        let of_profile = made.iter().filter(|((of, _), _)| *of == nth);
        of_profile.map(|(_, service)| Arc::clone(service)).collect()
    }

    pub(super) fn clear(&self) {
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.clear();
    }
}
