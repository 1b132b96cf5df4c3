//! What became of transactions: enough of each to answer for it later.

use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How many transactions of all senders are remembered.
const MOST_KEPT: usize = 4000;
/// How many bytes of requests and answers are remembered.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What kind of transaction it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Search,
    Subscribe,
    Unsubscribe,
}

impl Subject {
    /// Its `txn_type`.
    fn word(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
        }
    }

    /// The kind of this `txn_type`.
    pub(crate) fn of(txn_type: &str) -> Option<Self> {
        Some(match txn_type {
            "search" => Self::Search,
            "subscribe" => Self::Subscribe,
            "unsubscribe" => Self::Unsubscribe,
            _ => return None,
        })
    }
}

/// What a transaction leaves behind.
#[derive(Debug, Clone)]
pub(crate) enum Answered {
    /// The items of a search, which can be made again: as a JSON text, a fraction of what values take.
    Searches(Box<str>),
    /// The message that answered it.
    Message(Value),
}

impl Answered {
    /// The items of a search, and how many bytes they take.
    pub(crate) fn of_searches(searches: &[Value]) -> (Self, usize) {
        // What was read from JSON can be written as such.
        let text = serde_json::to_string(searches).unwrap_or_default();
        let weight = text.len();
        (Self::Searches(text.into()), weight)
    }
}

/// The items of a search that was remembered.
pub(crate) fn read_searches(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// One transaction.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "transaction_id is the field's own word")]
pub(crate) struct Transaction {
    pub(crate) subject: Subject,
    pub(crate) sender: String,
    pub(crate) transaction_id: String,
    /// As it was acknowledged.
    pub(crate) correlation_id: String,
    /// The reference_id of each item.
    pub(crate) references: Vec<String>,
    /// The subscriptions that it made or ended.
    pub(crate) codes: Vec<String>,
    pub(crate) answered: Answered,
    /// About how many bytes it takes to remember it.
    pub(crate) weight: usize,
}

impl Transaction {
    /// As it is kept in a store.
    pub(crate) fn written(&self) -> Value {
        let (form, answered) = match &self.answered {
            Answered::Searches(searches) => ("searches", read_searches(searches).into()),
            Answered::Message(message) => ("message", message.clone()),
        };
        json!({
            "subject": self.subject.word(),
            "sender": self.sender,
            "transaction_id": self.transaction_id,
            "correlation_id": self.correlation_id,
            "references": self.references,
            "codes": self.codes,
            "form": form,
            "answered": answered,
            "weight": self.weight,
        })
    }

    /// What was kept.
    pub(crate) fn read(mut written: Value) -> Option<Self> {
        let answered = written.get_mut("answered")?.take();
        let text = |name: &str| written.get(name)?.as_str().map(ToOwned::to_owned);
        let texts = |name: &str| {
            let texts = written.get(name)?.as_array()?.iter();
            texts
                .map(|t| t.as_str().map(ToOwned::to_owned))
                .collect::<Option<Vec<_>>>()
        };
        Some(Self {
            subject: Subject::of(written.get("subject")?.as_str()?)?,
            sender: text("sender")?,
            transaction_id: text("transaction_id")?,
            correlation_id: text("correlation_id")?,
            references: texts("references")?,
            codes: texts("codes")?,
            answered: match (written.get("form")?.as_str()?, answered) {
                ("searches", Value::Array(searches)) => Answered::of_searches(&searches).0,
                ("message", message) => Answered::Message(message),
                _ => return None,
            },
            weight: usize::try_from(written.get("weight")?.as_u64()?).ok()?,
        })
    }
}

/// The transactions of one profile.
#[derive(Debug, Default)]
pub(crate) struct Transactions(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Sender → transactions, oldest first.
    by_sender: HashMap<String, VecDeque<Arc<Transaction>>>,
    /// transaction_id → the newest that has it: most questions are about one of these.
    by_id: HashMap<String, Arc<Transaction>>,
    /// Whose each transaction is, oldest first.
    order: VecDeque<String>,
    weight: usize,
}

impl Transactions {
    pub(crate) fn remember(&self, transaction: Transaction) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.weight += transaction.weight;
        kept.order.push_back(transaction.sender.clone());
        let transaction = Arc::new(transaction);
        let of_sender = kept.by_sender.entry(transaction.sender.clone()).or_default();
        of_sender.push_back(Arc::clone(&transaction));
        kept.by_id.insert(transaction.transaction_id.clone(), transaction);
        while kept.order.len() > MOST_KEPT || (kept.weight > MOST_BYTES && kept.order.len() > 1) {
            kept.drop_oldest();
        }
    }

    /// The newest transaction of a sender with this id, where it is of this kind.
    pub(crate) fn by_id(&self, sender: &str, id: &str, subject: Subject) -> Option<Arc<Transaction>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_sender = kept.by_sender.get(sender)?;
        let same = |t: &Arc<Transaction>| t.transaction_id == id && t.subject == subject;
        let newest = kept.by_id.get(id).filter(|t| t.sender == sender && same(t));
        newest
            .cloned()
            .or_else(|| of_sender.iter().rev().find(|t| same(t)).cloned())
    }

    /// The transactions of a sender, at most so many, that are wanted; newest first.
    pub(crate) fn of(
        &self,
        sender: &str,
        most: usize,
        wanted: impl Fn(&Transaction) -> bool,
    ) -> Vec<Arc<Transaction>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_sender = kept.by_sender.get(sender).into_iter().flatten().rev();
        of_sender.take(most).filter(|t| wanted(t)).cloned().collect()
    }
}

impl Kept {
    fn drop_oldest(&mut self) {
        let Some(sender) = self.order.pop_front() else {
            return;
        };
        let Some(of_sender) = self.by_sender.get_mut(&sender) else {
            return;
        };
        if let Some(oldest) = of_sender.pop_front() {
            self.weight = self.weight.saturating_sub(oldest.weight);
            let indexed = self.by_id.get(&oldest.transaction_id);
            if indexed.is_some_and(|newest| Arc::ptr_eq(newest, &oldest)) {
                self.by_id.remove(&oldest.transaction_id);
            }
        }
        if of_sender.is_empty() {
            self.by_sender.remove(&sender);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(sender: &str, id: usize, weight: usize) -> Transaction {
        Transaction {
            subject: Subject::Search,
            sender: sender.to_owned(),
            transaction_id: id.to_string(),
            correlation_id: String::new(),
            references: Vec::new(),
            codes: Vec::new(),
            answered: Answered::of_searches(&[]).0,
            weight,
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for answered in [
            Answered::of_searches(&[json!({"reference_id": "r"})]).0,
            Answered::Message(json!({"transaction_id": "t"})),
        ] {
            let written = Transaction {
                subject: Subject::Unsubscribe,
                references: vec!["r".to_owned()],
                codes: vec!["c".to_owned(), "d".to_owned()],
                answered,
                ..transaction("a", 7, 5)
            };
            let read = Transaction::read(written.written()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{written:?}"));
        }
        assert!(Transaction::read(json!({"subject": "search"})).is_none());
    }

    fn ids(transactions: &Transactions, sender: &str) -> Vec<String> {
        transactions
            .of(sender, usize::MAX, |_| true)
            .iter()
            .map(|t| t.transaction_id.clone())
            .collect()
    }

    #[test]
    fn each_sender_has_transactions_of_their_own_newest_first() {
        let kept = Transactions::default();
        for (sender, id) in [("a", 1), ("b", 2), ("a", 3)] {
            kept.remember(transaction(sender, id, 1));
        }
        assert_eq!(ids(&kept, "a"), ["3", "1"]);
        assert_eq!(ids(&kept, "b"), ["2"]);
        assert!(ids(&kept, "c").is_empty());
    }

    #[test]
    fn a_transaction_is_found_by_its_id_as_long_as_it_is_remembered() {
        let kept = Transactions::default();
        for (sender, id) in [("a", 1), ("b", 1), ("a", 2)] {
            kept.remember(transaction(sender, id, 1));
        }
        let found = |sender: &str, id: &str| kept.by_id(sender, id, Subject::Search).is_some();
        assert!(found("a", "1") && found("b", "1") && found("a", "2"));
        assert!(!found("b", "2") && !found("c", "1"));
        assert!(kept.by_id("a", "2", Subject::Subscribe).is_none());
        kept.remember(transaction("a", 3, MOST_BYTES));
        assert!(!found("a", "1") && !found("b", "1") && found("a", "3"));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let kept = Transactions::default();
        kept.remember(transaction("old", 0, 1));
        (0..MOST_KEPT).for_each(|id| kept.remember(transaction("new", id, 1)));
        assert!(ids(&kept, "old").is_empty());
        assert_eq!(ids(&kept, "new").len(), MOST_KEPT);
        kept.remember(transaction("heavy", 1, MOST_BYTES));
        assert_eq!(ids(&kept, "heavy"), ["1"]);
        assert!(ids(&kept, "new").is_empty());
        kept.remember(transaction("heavy", 2, MOST_BYTES + 1));
        assert_eq!(ids(&kept, "heavy"), ["2"]);
    }
}
