//! The script is played: from the start, again after a reset, and on after the file has changed.

use super::{Happening, Timeline};
use crate::house::{House, Place};
use crate::journal::{Entry, Kind, Side, Verdict};
use crate::steering::EVENT;
use crate::{clock, dci};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::info;

/// What is played, and since when.
#[derive(Debug)]
pub(crate) struct Play(watch::Sender<Act>);

#[derive(Debug, Clone)]
struct Act {
    timeline: Arc<Timeline>,
    began: Instant,
    /// What happens up to this time has happened, or never does.
    past: Option<Duration>,
}

impl Play {
    pub(crate) fn of(timeline: Timeline) -> Self {
        Self(watch::Sender::new(Act {
            timeline: Arc::new(timeline),
            began: Instant::now(),
            past: None,
        }))
    }

    /// Begins anew.
    pub(crate) fn restart(&self) {
        self.0.send_modify(|act| {
            act.began = Instant::now();
            act.past = None;
        });
    }

    /// Goes on with another script: of its events, those whose time is yet to come. Returns how many these are.
    pub(crate) fn go_on_with(&self, timeline: Timeline) -> usize {
        let mut count = 0;
        self.0.send_modify(|act| {
            act.timeline = Arc::new(timeline);
            act.past = Some(act.began.elapsed());
            count = act.to_come().count();
        });
        count
    }
}

impl Act {
    fn to_come(&self) -> impl Iterator<Item = &Happening> {
        let happenings = self.timeline.0.iter();
        happenings.filter(|happening| self.past.is_none_or(|past| happening.at > past))
    }
}

/// Plays the script until the mock stops.
pub(crate) fn spawn(house: &Arc<House>) {
    let house = Arc::clone(house);
    let mut stopped = house.stopped.clone();
    house.play.restart();
    let mut acts = house.play.0.subscribe();
    tokio::spawn(async move {
        let playing = async {
            loop {
                let act = acts.borrow_and_update().clone();
                tokio::select! {
                    () = play(&house, &act) => {
                        // The sender is part of the house.
                        let _ = acts.changed().await;
                    }
                    _ = acts.changed() => {}
                }
            }
        };
        tokio::select! {
            () = playing => {}
            () = stopped.wait() => {}
        }
    });
}

async fn play(house: &Arc<House>, act: &Act) {
    for happening in act.to_come() {
        tokio::time::sleep_until((act.began + happening.at).into()).await;
        let places = Arc::clone(house);
        if let Some(place) = { places.places() }.find(|place| place.service().profile.id == happening.profile)
        {
            // To its end, whatever becomes of the script meanwhile.
            let happening = happening.clone();
            let happened = tokio::spawn(async move { happen(&place, &happening).await });
            let _ = happened.await;
        }
    }
}

async fn happen(place: &Place, happening: &Happening) {
    let (at, started) = (clock::now(), Instant::now());
    let cx = place.service();
    let event_type = &happening.event_type;
    let record = happening.record.clone();
    let record = record.unwrap_or_else(|| cx.register().somebody(happening.nth, event_type));
    let plan = place.house.steering.plan(&cx.profile, EVENT, &HeaderMap::new());
    let body = json!({"reg_event_type": event_type, "record": record});
    let mut notified = 0;
    // Life goes on in the registries that clients have of their own as well.
    for own in place.isolated() {
        notified += dci::happen(&own, event_type, record.clone(), plan.manner()).await;
    }
    notified += dci::happen(&cx, event_type, record, plan.manner()).await;
    let says = format!("{event_type}: {notified} notified");
    info!(
        profile = cx.profile.id,
        nth = happening.nth,
        says,
        "event of the timeline"
    );
    if place.house.journal.is_kept() {
        let line = format!("timeline, event {}", happening.nth);
        place.house.journal.put(Entry {
            at,
            kind: Kind::Change,
            profile: cx.profile.id.clone(),
            operation: EVENT.to_owned(),
            verdict: Verdict::Accepted,
            says,
            steered: plan.steered(),
            request: Side::of(line, &HeaderMap::new(), &Bytes::from(body.to_string())),
            milliseconds: started.elapsed().as_secs_f64() * 1000.0,
            ..Entry::default()
        });
    }
}
