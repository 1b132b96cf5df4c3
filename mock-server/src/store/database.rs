//! The SQLite file: one table, in which everything has a number, and what is replaced a key.

use super::{Kept, Kind, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What marks a file as ours: "dcx1".
const APPLICATION: i64 = 0x6463_7831;
/// The form of the table.
const FORM: i64 = 1;
/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often old entries are looked for.
const EVERY: i64 = 256;

const TABLE: &str = "
    CREATE TABLE kept (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        profile TEXT NOT NULL,
        kind TEXT NOT NULL,
        key TEXT,
        body TEXT NOT NULL,
        UNIQUE (profile, kind, key)
    ) STRICT;
    CREATE INDEX kept_by_kind ON kept (profile, kind, number);";

/// An open file.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens a file, or makes one, and holds it until the process ends.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::of(path, source);
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        let number = |pragma: &str| {
            let sql = format!("PRAGMA {pragma}");
            connection
                .query_row(&sql, [], |row| row.get::<_, i64>(0))
                .map_err(failed)
        };
        connection
            .pragma_update(None, "locking_mode", "EXCLUSIVE")
            .map_err(failed)?;
        let tables = "SELECT count(*) FROM sqlite_master";
        let tables: i64 = connection
            .query_row(tables, [], |row| row.get(0))
            .map_err(failed)?;
        let application = number("application_id")?;
        let is_new = application == 0 && tables == 0;
        if !is_new && application != APPLICATION {
            return Err(StoreError::Foreign {
                path: path.to_owned(),
            });
        }
        if !is_new {
            Self::examine(path, &connection, number("user_version")?)?;
        }
        // What was written survives the end of the process; the file stays whole if the machine fails.
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(failed)?;
        connection
            .pragma_update(None, "synchronous", "NORMAL")
            .map_err(failed)?;
        if is_new {
            let make = format!(
                "BEGIN EXCLUSIVE; {TABLE} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORM}; COMMIT;"
            );
            connection.execute_batch(&make).map_err(failed)?;
        } else {
            connection
                .execute_batch("BEGIN EXCLUSIVE; COMMIT;")
                .map_err(failed)?;
        }
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
        })
    }

    fn examine(path: &Path, connection: &Connection, found: i64) -> Result<(), StoreError> {
        if found != FORM {
            return Err(StoreError::Version {
                path: path.to_owned(),
                found,
                ours: FORM,
            });
        }
        let check = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        let message = check.map_err(|source| StoreError::of(path, source))?;
        if message == "ok" {
            return Ok(());
        }
        Err(StoreError::Damaged {
            path: path.to_owned(),
            message,
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> StoreError {
        |source| StoreError::of(&self.path, source)
    }

    pub(super) fn keep(
        &self,
        profile: &str,
        kind: Kind,
        key: Option<&str>,
        body: &str,
    ) -> Result<i64, StoreError> {
        const KEEP: &str = "INSERT INTO kept (profile, kind, key, body) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (profile, kind, key) DO UPDATE SET body = excluded.body RETURNING number";
        let connection = self.connection();
        let kept = connection
            .prepare_cached(KEEP)
            .and_then(|mut keep| keep.query_row(params![profile, kind.word(), key, body], |row| row.get(0)));
        let number: i64 = kept.map_err(self.failed())?;
        if let Some(most) = kind.most().filter(|_| number % EVERY == 0) {
            Self::trim(&connection, profile, kind, most).map_err(self.failed())?;
        }
        Ok(number)
    }

    /// Forgets all but the newest.
    fn trim(connection: &Connection, profile: &str, kind: Kind, most: usize) -> rusqlite::Result<()> {
        const OLDEST: &str = "SELECT number FROM kept WHERE profile = ?1 AND kind = ?2
            ORDER BY number DESC LIMIT 1 OFFSET ?3";
        const TRIM: &str = "DELETE FROM kept WHERE profile = ?1 AND kind = ?2 AND number <= ?3";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let parameters = params![profile, kind.word(), most];
        let oldest = connection.query_row(OLDEST, parameters, |row| row.get::<_, i64>(0));
        if let Some(oldest) = oldest.optional()? {
            connection.execute(TRIM, params![profile, kind.word(), oldest])?;
        }
        Ok(())
    }

    pub(super) fn forget(&self, number: i64) -> Result<(), StoreError> {
        let connection = self.connection();
        let forgotten = connection
            .prepare_cached("DELETE FROM kept WHERE number = ?1")
            .and_then(|mut forget| forget.execute([number]));
        forgotten.map(drop).map_err(self.failed())
    }

    /// What follows this beginning in the names of parts.
    pub(super) fn parts(&self, beginning: &str) -> Result<Vec<String>, StoreError> {
        const PARTS: &str = "SELECT DISTINCT substr(profile, length(?1) + 1) FROM kept
            WHERE substr(profile, 1, length(?1)) = ?1 ORDER BY 1";
        let connection = self.connection();
        let mut parts = connection.prepare_cached(PARTS).map_err(self.failed())?;
        let rows = parts.query_map([beginning], |row| row.get(0));
        rows.and_then(Iterator::collect).map_err(self.failed())
    }

    /// Forgets everything of a profile, and of the parts within its own.
    pub(super) fn clear(&self, profile: &str) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM kept
            WHERE profile = ?1 OR substr(profile, 1, length(?1) + 1) = ?1 || '/'";
        let connection = self.connection();
        let cleared = connection.execute(CLEAR, [profile]);
        cleared.map(drop).map_err(self.failed())
    }

    pub(super) fn all(&self, profile: &str, kind: Kind) -> Result<Vec<Kept>, StoreError> {
        const ALL: &str = "SELECT number, body FROM kept WHERE profile = ?1 AND kind = ?2 ORDER BY number";
        let connection = self.connection();
        let mut all = connection.prepare_cached(ALL).map_err(self.failed())?;
        let rows = all.query_map(params![profile, kind.word()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        });
        let rows = rows.map_err(self.failed())?;
        rows.map(|row| {
            let (number, body) = row.map_err(self.failed())?;
            let body = serde_json::from_str(&body).map_err(|_| StoreError::Damaged {
                path: self.path.clone(),
                message: format!("entry {number} cannot be read"),
            })?;
            Ok(Kept { number, body })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tempfile::tempdir;

    #[test]
    fn what_is_kept_is_found_again_in_order() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("state.db");
        let one = Database::open(&path).unwrap();
        for (key, body) in [
            (Some("a"), "1"),
            (Some("b"), "2"),
            (None, "3"),
            (None, "4"),
            (Some("a"), "5"),
        ] {
            one.keep("p", Kind::Record, key, body).unwrap();
        }
        one.keep("q", Kind::Record, Some("a"), "6").unwrap();
        let due = one.keep("p", Kind::Callback, None, "7").unwrap();
        one.forget(due).unwrap();
        drop(one);
        let other = Database::open(&path).unwrap();
        let all = |profile, kind| -> Vec<_> {
            let kept = other.all(profile, kind).unwrap();
            kept.into_iter().map(|kept| kept.body).collect()
        };
        assert_eq!(all("p", Kind::Record), [json!(5), json!(2), json!(3), json!(4)]);
        assert_eq!(all("q", Kind::Record), [json!(6)]);
        assert!(all("p", Kind::Callback).is_empty());
    }

    #[test]
    fn the_oldest_go_where_there_is_a_bound() {
        let dir = tempdir().unwrap();
        let database = Database::open(&dir.path().join("state.db")).unwrap();
        for n in 0..2000 {
            database.keep("p", Kind::Event, None, &n.to_string()).unwrap();
        }
        let kept = database.all("p", Kind::Event).unwrap();
        assert!((1000..1000 + 256).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept.last().unwrap().body, json!(1999));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_left_as_it_is() {
        let dir = tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let text = path("notes.txt");
        std::fs::write(&text, "these are my notes, and no database at all\n".repeat(40)).unwrap();
        assert!(matches!(Database::open(&text), Err(StoreError::Foreign { .. })));
        assert!(
            std::fs::read_to_string(&text)
                .unwrap()
                .starts_with("these are my notes")
        );

        let other = path("other.db");
        Connection::open(&other)
            .unwrap()
            .execute_batch("CREATE TABLE mine (a)")
            .unwrap();
        assert!(matches!(Database::open(&other), Err(StoreError::Foreign { .. })));

        let held = path("held.db");
        let holder = Database::open(&held).unwrap();
        assert!(matches!(Database::open(&held), Err(StoreError::InUse { .. })));
        drop(holder);
        let later = Connection::open(&held).unwrap();
        later.pragma_update(None, "user_version", 9).unwrap();
        drop(later);
        assert!(matches!(
            Database::open(&held),
            Err(StoreError::Version { found: 9, .. })
        ));

        let damaged = path("damaged.db");
        let database = Database::open(&damaged).unwrap();
        for n in 0..400 {
            database
                .keep("p", Kind::Record, None, &"9".repeat(100 + n))
                .unwrap();
        }
        drop(database);
        let mut bytes = std::fs::read(&damaged).unwrap();
        bytes[4096..].fill(0xa5);
        std::fs::write(&damaged, bytes).unwrap();
        assert!(matches!(
            Database::open(&damaged),
            Err(StoreError::Damaged { .. })
        ));

        let nowhere = path("no/such/folder/state.db");
        assert!(matches!(Database::open(&nowhere), Err(StoreError::Failed { .. })));
    }
}
