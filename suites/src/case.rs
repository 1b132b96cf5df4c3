//! Cases as data: one file each under `suites/cases/`, whose stem is the case's id.

use crate::context::Context;
use crate::judgement::Judgement;
use crate::laws::{self, Law};
use crate::own::{Demand, Own};
use crate::plan::Step;
use crate::{generated, schema, twins};
use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specs::catalogue::Requirement;
use specs::catalogue::{Demands, Profile};
use specs::evidence::{Observation, OwnFile, Phase};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// One experiment. Exactly one of `twins`, `law` and `generate` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::one_of_the_kinds)]
pub struct Case {
    /// Stable id, the stem of its file.
    #[serde(skip_deserializing)]
    pub id: String,
    /// What it shows, in a sentence.
    pub title: String,
    /// Every requirement that it speaks about; `*` stands for any part of the ids of clauses.
    pub requirements: Vec<String>,
    /// The operations it exercises; it runs where a profile has at least one.
    #[schemars(transform = schema::of_operations)]
    pub operations: Vec<String>,
    /// An honest request and its faulty twins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twins: Option<Twins>,
    /// The name of a law.
    #[schemars(transform = schema::law_names)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// An order to the generator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    /// Requirements of the user's own that this case is about, by id; ours have a file each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub demand: BTreeMap<String, Demand>,
}

/// What the generator is to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generate {
    /// Requests that are valid by the document and differ from the plainest one in one thing each.
    Covering,
    /// Requests that are valid by the document.
    Valid,
    /// Requests with one fault each.
    Invalid,
    /// Sequences of requests that belong together.
    Sequences,
}

/// An honest request and requests that differ from it in one fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Twins {
    /// Members to set in every request of the case, the honest one as well: JSON pointer and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, Value)>,
    /// The requirement that acceptance of the honest request shows, when a fault is refused.
    #[serde(default)]
    pub honest: Option<String>,
    /// Whether a token request is JSON instead of a form.
    #[serde(default)]
    pub json: bool,
    /// Whether the parameters of a token request stand in the query of its address.
    #[serde(default)]
    pub query: bool,
    /// The requirement about the form of refusals.
    #[serde(default)]
    pub form: Option<String>,
    /// The faults.
    #[schemars(length(min = 1))]
    pub fault: Vec<Fault>,
}

/// One deliberate fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What is wrong, in a few words.
    pub name: String,
    /// The requirement that says that it must be refused.
    pub requirement: String,
    /// Members to set: JSON pointer (or form field after a slash) and value.
    #[serde(default)]
    pub set: Vec<(String, Value)>,
    /// Members to remove.
    #[serde(default)]
    pub remove: Vec<String>,
    /// A body to send instead.
    #[serde(default)]
    pub raw: Option<String>,
    /// A media type to label it with.
    #[serde(default)]
    pub media_type: Option<String>,
    /// `none`, `tampered`, `unsigned`, `in-query`, `as-basic`, or a literal token.
    #[serde(default)]
    pub auth: Option<String>,
    /// One of [`SIGNINGS`](crate::twins::SIGNINGS), e.g. `absent`, or `before-change`: made before the members
    /// were set.
    #[serde(default)]
    #[schemars(transform = schema::signings)]
    pub sign: Option<String>,
    /// A reading, `=`, and an alternative: where the profile allows it, this is no fault.
    #[serde(default)]
    pub unless: Option<String>,
    /// The statuses that count as a refusal; any refusal when empty.
    #[serde(default)]
    #[schemars(inner(range(min = 100, max = 599)))]
    pub statuses: Vec<u16>,
    /// The error code that names the cause.
    #[serde(default)]
    pub code: Option<Code>,
    /// The requirement about the WWW-Authenticate header of the refusal.
    #[serde(default)]
    pub challenge: Option<String>,
}

/// The error code that a refusal should carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The requirement that says so.
    pub requirement: String,
    /// The codes that fit.
    pub any_of: Vec<String>,
}

/// Why the cases cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to load case {file}: {message}")]
pub struct CaseError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub message: String,
}

/// Cases, sorted by id, and what the user brought beside ours. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cases {
    all: Arc<[Case]>,
    own: Arc<Own>,
}

impl Default for Cases {
    fn default() -> Self {
        Self::bundled().clone()
    }
}

impl Cases {
    /// The cases built into this tool.
    pub fn bundled() -> &'static Self {
        static CASES: OnceLock<Cases> = OnceLock::new();
        CASES.get_or_init(|| Self::load().expect("the bundled cases are proven by a test"))
    }

    fn load() -> Result<Self, CaseError> {
        let mut cases = Vec::new();
        for file in FILES.files() {
            let path = file.path().display().to_string();
            let fail = |message: String| CaseError {
                file: path.clone(),
                message,
            };
            let text = file.contents_utf8().ok_or_else(|| fail("not UTF-8".to_owned()))?;
            let mut case: Case = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
            case.id = file
                .path()
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            case.check().map_err(fail)?;
            cases.push(case);
        }
        Ok(Self::of_all(cases, Own::default()))
    }

    pub(crate) fn of_all(mut cases: Vec<Case>, own: Own) -> Self {
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            all: cases.into(),
            own: Arc::new(own),
        }
    }

    /// What the user demands of a profile, beside what its documents do: what is about an operation of it.
    pub fn demands<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = &'a Requirement> + 'a {
        let served = |op: &String| op == "any" || profile.operations.contains_key(op);
        (self.own.requirements.values()).filter(move |r| r.operations.iter().any(served))
    }

    /// The files that the user brought.
    pub fn files(&self) -> &[OwnFile] {
        &self.own.files
    }

    pub(crate) fn own(&self) -> &Own {
        &self.own
    }

    /// Whether a case is the user's.
    pub fn is_own(&self, case: &Case) -> bool {
        Self::bundled().get(&case.id).is_none()
    }

    /// All of them.
    pub fn all(&self) -> &[Case] {
        &self.all
    }

    /// One by its id.
    pub fn get(&self, id: &str) -> Option<&Case> {
        self.all.iter().find(|case| case.id == id)
    }

    /// Those that run for a profile: it has one of their operations and demands one of their requirements.
    pub fn of<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = &'a Case> + 'a {
        let set = profile.requirement_set().ok();
        let own: Vec<&str> = self.demands(profile).map(|r| r.id.as_str()).collect();
        let demanded = move |id: &str| set.as_ref().is_some_and(|set| set.is_match(id)) || own.contains(&id);
        self.all.iter().filter(move |case| {
            let honest = case.twins.as_ref().and_then(|twins| twins.honest.as_ref());
            case.operations
                .iter()
                .any(|op| profile.operations.contains_key(op))
                // An honest request that the profile does not want accepted proves nothing.
                && honest.is_none_or(|r| demanded(r))
                && case.is_about_any_of(&demanded)
        })
    }
}

impl Case {
    /// Whether what it is made for is among these; how refusals look is not what faults are made for.
    fn is_about_any_of(&self, demanded: &impl Fn(&str) -> bool) -> bool {
        match &self.twins {
            Some(twins) => twins.fault.iter().any(|fault| demanded(&fault.requirement)),
            None => (self.requirements.iter()).any(|r| r.contains('*') || demanded(r)),
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let kinds = [self.twins.is_some(), self.law.is_some(), self.generate.is_some()];
        if kinds.iter().filter(|kind| **kind).count() != 1 {
            return Err("give exactly one of `twins`, `law` and `generate`".to_owned());
        }
        if let Some(name) = &self.law
            && laws::law(name).is_none()
        {
            return Err(format!(
                "there is no law `{name}`; known: {}",
                laws::names().join(", ")
            ));
        }
        Ok(())
    }

    /// Whether it speaks about a requirement.
    pub fn speaks_about(&self, requirement: &str) -> bool {
        self.requirements
            .iter()
            .any(|listed| match listed.split_once('*') {
                None => listed == requirement,
                Some((before, after)) => {
                    requirement.len() >= before.len() + after.len()
                        && requirement.starts_with(before)
                        && requirement.ends_with(after)
                }
            })
    }

    /// The requirements that it speaks about, of those that are demanded.
    pub fn requirements_of<'d>(&self, demands: &'d Demands) -> Vec<&'d str> {
        demands.iter().filter(|id| self.speaks_about(id)).collect()
    }

    /// How it comes to its requests.
    pub fn phase(&self) -> Phase {
        match self.generate {
            // Each keyword is violated once, at each member.
            None | Some(Generate::Covering | Generate::Invalid) => Phase::Deterministic,
            Some(Generate::Valid) => Phase::Random,
            Some(Generate::Sequences) => Phase::Stateful,
        }
    }

    fn law(&self) -> Option<&'static dyn Law> {
        self.law.as_deref().and_then(laws::law)
    }

    /// Whether it makes events happen, which takes a trigger at the target.
    pub fn needs_events(&self) -> bool {
        self.law().is_some_and(Law::needs_events)
    }

    /// Whether it adds people to the registry, so that it is run when the other cases are over.
    pub fn adds_records(&self) -> bool {
        // What is wrong with a generated report may be nothing to a registry, by the readings that it takes.
        let reports = || {
            self.operations
                .iter()
                .any(|operation| operation == "enrollment-updates")
        };
        match self.generate {
            Some(Generate::Sequences) => true,
            Some(_) => reports(),
            None => self.law().is_some_and(Law::adds_records),
        }
    }

    /// What to do next, given what was observed so far. A generated case is driven by the harness's
    /// generator and plans nothing here.
    pub fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        if let Some(twins) = &self.twins {
            return twins::next(self, twins, cx, seen);
        }
        self.law().and_then(|law| law.next(cx, seen))
    }

    /// What follows from what was observed.
    pub fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if let Some(twins) = &self.twins {
            return twins::judge(self, twins, cx, seen);
        }
        match (self.law(), self.generate) {
            (Some(law), _) => law.judge(cx, seen),
            (None, Some(Generate::Sequences)) => laws::sequence::judge(cx, seen),
            (None, Some(what)) => generated::judge(self, what, cx, seen),
            (None, None) => Vec::new(),
        }
    }

    /// The operations of this case that the profile has, in the case's order.
    pub fn operations_in<'a>(&'a self, cx: &'a Context) -> impl Iterator<Item = &'a str> + 'a {
        self.operations
            .iter()
            .map(String::as_str)
            .filter(|op| cx.serves(op) && !(self.is_about_tokens() && cx.is_open(op)))
    }

    /// Whether it tries what a caller may do without a good token.
    fn is_about_tokens(&self) -> bool {
        self.requirements.iter().any(|id| id == "dci.bearer.required")
    }
}
