//! What is refused of encrypted messages.

use super::super::Law;
use super::super::support::{exchange, sent};
use super::{PLAIN, SEALED, TAMPERED, is_accepted, offered, request, requirement, unread};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe, error_code};
use crate::plan::{Sealing, Step};
use specs::evidence::{Exchange, Observation};

/// One way to spoil an encrypted message.
#[derive(Debug, Clone, Copy)]
struct Fault {
    /// What is wrong, which is the step's label.
    name: &'static str,
    sealing: Sealing,
    /// The last word of the requirement that wants it refused.
    word: &'static str,
}

const TAG: Fault = Fault {
    name: TAMPERED,
    sealing: Sealing::Tag,
    word: "checked",
};
const FLAG: Fault = Fault {
    name: "a message in clear that is called encrypted",
    sealing: Sealing::FlagOnly,
    word: "flag",
};
const ALL: [Fault; 5] = [
    TAG,
    Fault {
        name: "one letter of the content changed",
        sealing: Sealing::Content,
        word: "checked",
    },
    Fault {
        name: "encrypted for another key",
        sealing: Sealing::OtherKey,
        word: "recipient",
    },
    Fault {
        name: "an algorithm that is not supported",
        sealing: Sealing::Algorithm,
        word: "algorithm",
    },
    FLAG,
];

/// An operation that refuses what cannot be decrypted.
pub(in super::super) struct Refused {
    operation: &'static str,
    faults: &'static [Fault],
    /// The requirements that are judged.
    words: &'static [&'static str],
}

/// A search that is answered at once refuses each.
pub(in super::super) static CHECKED: Refused = Refused {
    operation: "sync-search",
    faults: &ALL,
    words: &["checked", "recipient", "algorithm", "flag"],
};

/// The acknowledgement of a search says why.
pub(in super::super) static CODE: Refused = Refused {
    operation: "search",
    faults: &[TAG, FLAG],
    words: &["checked", "error-code"],
};

/// An exchange refuses each and says why.
pub(in super::super) static EXCHANGE: Refused = Refused {
    operation: "exchange",
    faults: &ALL,
    words: &["checked", "recipient", "algorithm", "flag", "error-code"],
};

impl Law for Refused {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let honest = [(PLAIN, Sealing::None), (SEALED, Sealing::Own)];
        let faults = self.faults.iter().map(|fault| (fault.name, fault.sealing));
        let n = sent(seen);
        if n >= honest.len() && offered(cx, self.operation, &[], seen).is_err() || n < seen.len() {
            return None;
        }
        let (label, sealing) = honest.into_iter().chain(faults).nth(n)?;
        Some(Step::send(request(cx, self.operation, label, sealing)))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if let Err(judgements) = offered(cx, self.operation, self.words, seen) {
            return judgements;
        }
        let mut taken = 0;
        let mut judgements = Vec::new();
        for fault in self.faults {
            let id = requirement(self.operation, fault.word);
            let Some((index, e)) = exchange(seen, fault.name) else {
                judgements.push(Judgement::undecided(&id, "the case was cut short"));
                continue;
            };
            let answer = classify(e);
            taken += usize::from(is_accepted(answer));
            judgements.push(judged(&id, fault, index, e, answer));
            if answer == Answer::Refused && self.words.contains(&"error-code") {
                judgements.push(code(&requirement(self.operation, "error-code"), fault, index, e));
            }
        }
        if taken == self.faults.len() {
            return unread(cx, self.operation, self.words);
        }
        let ids: Vec<String> = self
            .words
            .iter()
            .map(|word| requirement(self.operation, word))
            .collect();
        judgements.retain(|judgement| ids.contains(&judgement.requirement));
        judgements
    }
}

fn judged(id: &str, fault: &Fault, index: usize, e: &Exchange, answer: Answer) -> Judgement {
    match answer {
        Answer::Refused => Judgement::held(id),
        Answer::NoAnswer => Judgement::undecided(id, describe(e)),
        _ => {
            let expected = format!(
                "an encrypted message is refused where it is spoilt: {}",
                fault.name
            );
            Judgement::violated(id, index, Some("/message".to_owned()), expected, describe(e))
        }
    }
}

/// Whether a refusal names its cause.
fn code(id: &str, fault: &Fault, index: usize, e: &Exchange) -> Judgement {
    let pointer = "/message/error/code";
    let found = error_code(e);
    match found.as_deref().unwrap_or("no code") {
        "err.encryption.invalid" => Judgement::held(id),
        found => {
            let expected = format!("err.encryption.invalid for {}", fault.name);
            Judgement::violated(id, index, Some(pointer.to_owned()), expected, found)
        }
    }
}
