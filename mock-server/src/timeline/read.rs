//! A script as it is written, TOML or JSON: a list `event` of `{at or after, profile, reg_event_type, record}`.

use super::{Happening, Timeline};
use crate::dci::event;
use crate::file::{self, FileError, Wrong};
use serde_json::{Map, Value};
use specs::catalogue::{Profile, Registry};
use std::path::Path;
use std::time::Duration;

/// How many events a script may hold.
const MOST_EVENTS: usize = 10_000;
/// The latest time of an event, in seconds: 30 days.
const LATEST: f64 = 2_592_000.0;
const MEMBERS: [&str; 5] = ["at", "after", "profile", "reg_event_type", "record"];

impl Timeline {
    /// Reads a script for these profiles.
    pub(crate) fn read(path: &Path, profiles: &[Profile]) -> Result<Self, FileError> {
        file::read(path, |written| Self::of(written, profiles))
    }

    fn of(written: &Value, profiles: &[Profile]) -> Result<Self, Wrong> {
        let listed = written.get("event").and_then(Value::as_array);
        let listed = listed.ok_or_else(|| {
            let remedy = "begin each event with a line `[[event]]`, or write `{\"event\": […]}` in JSON";
            Wrong::new("", "there is no list `event`", remedy)
        })?;
        let others = written.as_object().into_iter().flat_map(Map::keys);
        if let Some(other) = { others }.find(|name| *name != "event") {
            let message = format!("there is no `{other}` in a timeline");
            return Err(Wrong::new(
                &format!("/{other}"),
                message,
                "remove it; a timeline has a list `event`",
            ));
        }
        if listed.len() > MOST_EVENTS {
            let message = format!("{} events", listed.len());
            let remedy = format!("write at most {MOST_EVENTS}");
            return Err(Wrong::new(&format!("/event/{MOST_EVENTS}"), message, remedy));
        }
        let mut happenings = Vec::new();
        let mut before = Duration::ZERO;
        for (nth, event) in listed.iter().enumerate() {
            let entry = Entry {
                at: format!("/event/{nth}"),
                event,
            };
            let happening = entry.read(nth + 1, before, profiles)?;
            before = happening.at;
            happenings.push(happening);
        }
        // Of several at one time, the one that is written first happens first.
        happenings.sort_by_key(|happening| happening.at);
        Ok(Self(happenings))
    }
}

/// One event as it is written.
struct Entry<'v> {
    at: String,
    event: &'v Value,
}

impl Entry<'_> {
    fn wrong(&self, member: &str, message: impl Into<String>, remedy: impl Into<String>) -> Wrong {
        Wrong::new(&format!("{}{member}", self.at), message, remedy)
    }

    fn read(&self, nth: usize, before: Duration, profiles: &[Profile]) -> Result<Happening, Wrong> {
        let members = self.event.as_object();
        let members =
            members.ok_or_else(|| self.wrong("", "an event is a table", "begin it with `[[event]]`"))?;
        if let Some(unknown) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let near = MEMBERS
                .into_iter()
                .min_by_key(|known| strsim::damerau_levenshtein(known, unknown));
            let near = near.filter(|known| strsim::damerau_levenshtein(known, unknown) <= 3);
            let remedy = match near {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("an event has {}", MEMBERS.join(", ")),
            };
            return Err(self.wrong(
                &format!("/{unknown}"),
                format!("an event has no `{unknown}`"),
                remedy,
            ));
        }
        let (profile, registry) = self.profile(profiles)?;
        let event_type = self.text("reg_event_type")?;
        let event_type = event_type.ok_or_else(|| {
            let remedy = format!("name one of {}", registry.event_types.join(", "));
            self.wrong("", "the event has no reg_event_type", remedy)
        })?;
        event::check_type(registry, event_type)
            .map_err(|message| self.wrong("/reg_event_type", message, "name one of these"))?;
        Ok(Happening {
            nth,
            at: self.time(before)?,
            profile: profile.id.clone(),
            event_type: event_type.to_owned(),
            record: self.record(registry)?,
        })
    }

    fn text(&self, member: &str) -> Result<Option<&str>, Wrong> {
        match self.event.get(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => {
                let remedy = "put it in quotation marks";
                Err(self.wrong(&format!("/{member}"), format!("{member} is no text"), remedy))
            }
        }
    }

    fn profile<'p>(&self, profiles: &'p [Profile]) -> Result<(&'p Profile, &'p Registry), Wrong> {
        let tells = profiles
            .iter()
            .filter(|profile| profile.operations.contains_key("subscribe"));
        let telling: Vec<_> = tells.filter_map(|p| Some((p, p.registry.as_ref()?))).collect();
        let ids: Vec<&str> = telling.iter().map(|(profile, _)| profile.id.as_str()).collect();
        let remedy = match ids.as_slice() {
            [] => "serve a profile with subscriptions, e.g. `--profile dci-crvs`".to_owned(),
            ids => format!("name one of {}", ids.join(", ")),
        };
        match (self.text("profile")?, telling.as_slice()) {
            (None, [only]) => Ok(*only),
            (None, _) => Err(self.wrong("", "it is not said in which profile the event happens", remedy)),
            (Some(id), telling) => {
                let found = telling.iter().find(|(profile, _)| profile.id == id).copied();
                let message = format!("no profile `{id}` with subscriptions is served");
                found.ok_or_else(|| self.wrong("/profile", message, remedy))
            }
        }
    }

    /// `at` counts from the start, `after` from the event that is written before this one.
    fn time(&self, before: Duration) -> Result<Duration, Wrong> {
        let (member, from) = match (self.event.get("at"), self.event.get("after")) {
            (Some(_), None) => ("at", Duration::ZERO),
            (None, Some(_)) => ("after", before),
            _ => {
                let remedy = "give either `at`, in seconds after the start, or `after`, in seconds after the event before";
                return Err(self.wrong("", "it is not said when the event happens", remedy));
            }
        };
        let seconds = self.event[member]
            .as_f64()
            .filter(|seconds| (0.0..=LATEST).contains(seconds));
        let time = seconds.map(|seconds| from + Duration::from_secs_f64(seconds));
        time.filter(|time| time.as_secs_f64() <= LATEST).ok_or_else(|| {
            let message = format!("`{member}` is no time");
            let remedy =
                format!("give a number of seconds, so that the event is within {LATEST} s of the start");
            self.wrong(&format!("/{member}"), message, remedy)
        })
    }

    fn record(&self, registry: &Registry) -> Result<Option<Value>, Wrong> {
        let record = match self.event.get("record") {
            None => return Ok(None),
            Some(Value::String(text)) if text == "somebody" => return Ok(None),
            Some(record) => record,
        };
        let remedy = "correct the record, or write `record = \"somebody\"`";
        if !record.is_object() {
            return Err(self.wrong("/record", "the record is no table", remedy));
        }
        event::check_record(registry, record)
            .map_err(|(at, message)| self.wrong(&format!("/record{at}"), message, remedy))?;
        Ok(Some(record.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::catalogue::Catalogue;
    use specs::written::Written;

    fn read(text: &str, profiles: &[&str]) -> Result<Timeline, (usize, Wrong)> {
        let profile = |id: &&str| Catalogue::bundled().profile(id).unwrap().clone();
        let profiles: Vec<Profile> = profiles.iter().map(profile).collect();
        let written = Written::read(text).unwrap();
        Timeline::of(written.value(), &profiles).map_err(|wrong| (written.line(&wrong.pointer), wrong))
    }

    const BIRTH: &str = "reg_event_type = \"REGISTER\"\n";

    #[test]
    fn times_count_from_the_start_or_from_the_event_before() {
        let text = format!(
            "[[event]]\nafter = 2\n{BIRTH}[[event]]\nafter = 0.5\n{BIRTH}[[event]]\nat = 1\n{BIRTH}[[event]]\nafter = 1\n{BIRTH}"
        );
        let timeline = read(&text, &["dci-social", "digit-exchange"]).unwrap();
        let order: Vec<_> = timeline.0.iter().map(|h| (h.nth, h.at.as_secs_f64())).collect();
        assert_eq!(order, [(3, 1.0), (1, 2.0), (4, 2.0), (2, 2.5)]);
        assert!(read("event = []", &["dci-social"]).unwrap().0.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_a_remedy() {
        let with = |lines: &str| format!("[[event]]\nat = 1\n{BIRTH}[[event]]\n{lines}");
        for (text, line, message, remedy) in [
            (String::new(), 1, "no list `event`", "[[event]]"),
            ("event = 1".to_owned(), 1, "no list `event`", "[[event]]"),
            (
                "a = 1\nevent = []".to_owned(),
                1,
                "no `a` in a timeline",
                "remove it",
            ),
            (with(BIRTH), 4, "when", "`after`"),
            (with(&format!("at = 1\nafter = 1\n{BIRTH}")), 4, "when", "`at`"),
            (
                with(&format!("at = -1\n{BIRTH}")),
                5,
                "`at` is no time",
                "seconds",
            ),
            (
                with(&format!("after = 2592000\n{BIRTH}")),
                5,
                "`after` is no time",
                "seconds",
            ),
            (
                with(&format!("at = \"noon\"\n{BIRTH}")),
                5,
                "`at` is no time",
                "seconds",
            ),
            (with("at = 1\n"), 4, "no reg_event_type", "REGISTER"),
            (
                with("at = 1\nreg_event_type = \"BIRTH\""),
                6,
                "unknown reg_event_type",
                "one of these",
            ),
            (with("at = 1\nreg_event_type = 7"), 6, "no text", "quotation"),
            (
                with(&format!("at = 1\n{BIRTH}profile = \"dci-crvs\"")),
                7,
                "`dci-crvs`",
                "dci-social",
            ),
            (
                with(&format!("at = 1\n{BIRTH}recrod = 1")),
                7,
                "no `recrod`",
                "did you mean `record`?",
            ),
            (
                with(&format!("at = 1\n{BIRTH}whatsoever = 1")),
                7,
                "no `whatsoever`",
                "an event has",
            ),
            (
                with(&format!("at = 1\n{BIRTH}record = \"nobody\"")),
                7,
                "no table",
                "somebody",
            ),
            (
                with(&format!("at = 1\n{BIRTH}[event.record]\nbirth_date = 1")),
                7,
                "no identifier",
                "somebody",
            ),
        ] {
            let (at, wrong) = read(&text, &["dci-social"]).unwrap_err();
            assert_eq!(at, line, "{text}: {wrong:?}");
            assert!(wrong.message.contains(message), "{text}: {wrong:?}");
            assert!(wrong.remedy.contains(remedy), "{text}: {wrong:?}");
        }
        let two = read(&with(""), &["dci-social", "dci-crvs"]).unwrap_err();
        assert!(two.1.remedy.contains("dci-social, dci-crvs"), "{two:?}");
        let none = read(&with(""), &["digit-exchange"]).unwrap_err();
        assert!(none.1.remedy.contains("--profile dci-crvs"), "{none:?}");
    }

    #[test]
    fn records_have_the_form_of_the_registry() {
        let text = format!(
            "[[event]]\nat = 1\n{BIRTH}[event.record]\n[[event.record.demographic_info.identifier]]\nidentifier_type = \"UIN\"\nidentifier_value = \"7\"\n"
        );
        let timeline = read(&text, &["dci-social"]).unwrap();
        assert!(timeline.0[0].record.is_some());
        let wrong = text.replace(
            "[[event.record.demographic",
            "[event.record.marital_status]\n[[event.record.demographic",
        );
        let (line, wrong) = read(&wrong, &["dci-social"]).unwrap_err();
        assert_eq!(line, 5, "{wrong:?}");
        assert!(wrong.message.contains("/marital_status: expected"), "{wrong:?}");
    }
}
