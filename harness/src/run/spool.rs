//! What is too much to be kept in memory until it is told: lines of JSON, in a nameless file once there are
//! many of them. Where no file can be had, they stay in memory: nothing is lost for want of room.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;

/// From so many bytes on, lines go into the file.
const HELD: usize = 256 * 1024;

/// Values in the order in which they were added.
#[derive(Debug)]
pub struct Spool<T> {
    /// The lines that are not in the file.
    held: Vec<u8>,
    file: Option<File>,
    /// How many bytes of the file count.
    filed: u64,
    /// Whether the file failed, so that no other is tried.
    full: bool,
    len: usize,
    of: PhantomData<fn(T)>,
}

impl<T> Default for Spool<T> {
    fn default() -> Self {
        Self {
            held: Vec::new(),
            file: None,
            filed: 0,
            full: false,
            len: 0,
            of: PhantomData,
        }
    }
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    /// Adds a value.
    pub fn push(&mut self, value: &T) {
        serde_json::to_writer(&mut self.held, value).expect("what is recorded can be written as JSON");
        self.held.push(b'\n');
        self.len += 1;
        if self.held.len() >= HELD && !self.full {
            self.full = self.file().is_err();
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Moves what is held into the file.
    fn file(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        // After a write that failed half way, what counts ends where it ended before.
        file.seek(SeekFrom::Start(self.filed))?;
        file.write_all(&self.held)?;
        self.filed += self.held.len() as u64;
        self.held.clear();
        Ok(())
    }

    /// The lines, from the first one on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn lines(&mut self) -> io::Result<impl BufRead + '_> {
        let filed: Box<dyn Read + '_> = match &mut self.file {
            Some(file) => {
                file.seek(SeekFrom::Start(0))?;
                Box::new(file.take(self.filed))
            }
            None => Box::new(io::empty()),
        };
        Ok(BufReader::new(filed.chain(Cursor::new(self.held.as_slice()))))
    }

    /// The values, from the first one on. After an error there is no other.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn values(&mut self) -> io::Result<impl Iterator<Item = io::Result<T>> + '_> {
        let mut lines = self.lines()?;
        let mut line = Vec::new();
        let mut failed = false;
        Ok(std::iter::from_fn(move || {
            if failed {
                return None;
            }
            line.clear();
            let value = match lines.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => serde_json::from_slice(&line).map_err(io::Error::from),
                Err(error) => Err(error),
            };
            failed = value.is_err();
            Some(value)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(count: usize) -> Spool<String> {
        let mut spool = Spool::default();
        for n in 0..count {
            spool.push(&format!("{n} {}", "x".repeat(1000)));
        }
        spool
    }

    #[track_caller]
    fn whole(mut spool: Spool<String>, count: usize) {
        assert_eq!(spool.len(), count);
        // Twice, since a log is read by several reports.
        for _ in 0..2 {
            let values: Vec<String> = spool.values().unwrap().map(Result::unwrap).collect();
            assert_eq!(values.len(), count);
            for (n, value) in values.iter().enumerate() {
                assert!(value.starts_with(&format!("{n} ")));
            }
        }
    }

    #[test]
    fn values_come_back_in_order_from_memory_and_from_the_file() {
        whole(filled(0), 0);
        whole(filled(3), 3);
        let spool = filled(1000);
        assert!(spool.file.is_some() && spool.held.len() < HELD);
        whole(spool, 1000);
    }

    #[test]
    fn what_no_file_takes_stays_in_memory() {
        let mut spool = filled(1000);
        // A file that can be read and not written, as on a disk that is full.
        let readable = tempfile::NamedTempFile::new().unwrap();
        let mut lines = Vec::new();
        spool.lines().unwrap().read_to_end(&mut lines).unwrap();
        std::fs::write(readable.path(), &lines[..usize::try_from(spool.filed).unwrap()]).unwrap();
        spool.file = Some(File::open(readable.path()).unwrap());
        for n in 1000..2000 {
            spool.push(&format!("{n} {}", "x".repeat(1000)));
        }
        assert!(spool.full);
        whole(spool, 2000);
    }
}
