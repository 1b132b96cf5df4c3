//! What was observed, in full and in one line.

use maud::{Markup, html};
use specs::evidence::{Exchange, Finding, Intent, Observation, Outcome};

use super::body::{Budget, markup};
use crate::text::{duration, one_line, plural, shorten, visible};
use crate::words;

/// An observation in full, with the members marked that a finding points to.
pub(super) fn full(observation: &Observation, finding: Option<&Finding>, budget: &Budget) -> Markup {
    let judged = finding.and_then(|f| f.pointer.as_deref());
    match observation {
        Observation::Exchange(exchange) => {
            let fault = finding
                .and_then(|f| f.counterexample.as_ref())
                .and_then(|c| c.pointer.as_deref())
                .or(match &exchange.intent {
                    Intent::Faulty { pointer, .. } => pointer.as_deref(),
                    Intent::Honest => None,
                });
            html! {
                div.pair {
                    div.half {
                        h4 { "Request" }
                        p.line { strong { (one_line(&exchange.request.method)) } " " span.mono { (url(&exchange.request.url)) } }
                        (headers(&exchange.request.headers))
                        (markup(&exchange.request.body, fault, budget))
                    }
                    div.half { (outcome(exchange, judged, budget)) }
                }
            }
        }
        Observation::Callback(callback) => html! {
            div.pair {
                div.half {
                    h4 { "Callback received" }
                    p.line { strong { (one_line(&callback.request.method)) } " " span.mono { (url(&callback.request.url)) } }
                    p.muted { "For step “" (one_line(&callback.label)) "”, " (duration(callback.at_us)) " after the case began." }
                    (headers(&callback.request.headers))
                    (markup(&callback.request.body, judged, budget))
                }
            }
        },
        Observation::Opened { content, .. } => html! {
            p { (brief(observation)) }
            @if let Some(content) = content { (markup(content, judged, budget)) }
        },
        Observation::Wait { .. } => html! { p { (brief(observation)) } },
    }
}

fn outcome(exchange: &Exchange, judged: Option<&str>, budget: &Budget) -> Markup {
    let took = duration(exchange.done_us.saturating_sub(exchange.sent_us));
    html! {
        @for (n, put_off) in exchange.put_off.iter().enumerate() {
            p.line {
                "Put off, time " (n + 1) ": " strong { "HTTP " (put_off.response.status) }
                @if let Some(later) = put_off.response.header("retry-after") {
                    ", Retry-After: " span.mono { (one_line(later)) }
                }
                span.muted { " after " (duration(put_off.done_us.saturating_sub(put_off.sent_us))) }
            }
        }
        h4 { "Response" }
        @match &exchange.outcome {
            Outcome::Response(response) => {
                p.line { strong { "HTTP " (response.status) } span.muted { " after " (took) } }
                (headers(&response.headers))
                (markup(&response.body, judged, budget))
            }
            Outcome::Failure { message, .. } => {
                p.line { strong { "None" } span.muted { " after " (took) } }
                p { (visible(message)) }
            }
        }
    }
}

fn headers(headers: &[(String, String)]) -> Markup {
    html! {
        @if !headers.is_empty() {
            details.headers {
                summary { (plural(headers.len() as u64, "header field", "header fields")) }
                pre { @for (name, value) in headers { (one_line(name)) ": " (shorten(&visible(value), 600)) "\n" } }
            }
        }
    }
}

fn url(url: &str) -> String {
    shorten(&one_line(url), 600).into_owned()
}

/// An observation in one line: step, method, path, status.
pub(super) fn brief(observation: &Observation) -> Markup {
    match observation {
        Observation::Exchange(exchange) => html! {
            span.step { (one_line(&exchange.label)) } " "
            span.mono { (one_line(&exchange.request.method)) " " (path(&exchange.request.url)) }
            " → " @match &exchange.outcome {
                Outcome::Response(response) => strong { (response.status) },
                Outcome::Failure { message, .. } => strong { (one_line(message)) },
            }
            " " span.muted { (duration(exchange.done_us.saturating_sub(exchange.sent_us))) }
            @if let Intent::Faulty { operator, pointer, honest, sent, .. } = &exchange.intent {
                " " span.muted {
                    "— deliberate fault: " (one_line(operator))
                    @if let Some(pointer) = pointer { " at " span.mono { (words::pointer_words(pointer)) } }
                    @if honest.is_some() || sent.is_some() {
                        ", " span.mono { (words::value_words(sent.as_ref(), "nothing")) }
                        " instead of " span.mono { (words::value_words(honest.as_ref(), "nothing")) }
                    }
                }
            }
        },
        Observation::Callback(callback) => html! {
            span.step { (one_line(&callback.label)) } " "
            span.mono { "← " (one_line(&callback.request.method)) " " (path(&callback.request.url)) }
            " " span.muted { "callback, " (duration(callback.at_us)) " after the case began" }
        },
        Observation::Opened {
            label, of, reason, ..
        } => html! {
            span.step { (one_line(label)) } " "
            "decrypted" @if let Some(of) = of { " the message of number " (of) } ": "
            strong { @match reason { None => "it was for us", Some(reason) => (one_line(reason)) } }
        },
        Observation::Wait {
            awaited,
            satisfied,
            reason,
            waited_us,
        } => html! {
            "Waited " (duration(*waited_us)) " for " (one_line(awaited)) ": "
            strong { @if *satisfied { "it came" } @else { "in vain" } }
            @if let Some(reason) = reason { " — " (one_line(reason)) }
        },
    }
}

/// The path of a URL; the whole of it where it is not one.
fn path(url: &str) -> String {
    let path = url
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    shorten(&one_line(path.unwrap_or(url)), 200).into_owned()
}
