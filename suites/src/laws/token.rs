//! Access tokens: the form of the reply, and what happens when a token has expired.

use super::Law;
use super::support::{exchange, sent, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe, schema_judgements};
use crate::plan::{Auth, Step};
use crate::request::{self, TokenForm};
use specs::catalogue::AuthStyle;
use specs::evidence::Observation;

/// The reply to a valid token request has the documented form.
pub(super) struct ReplyForm;

impl Law for ReplyForm {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let forms: &[(&str, TokenForm)] = match cx.profile.authentication.style {
            AuthStyle::None => &[],
            AuthStyle::OauthForm => &[("form", TokenForm::Form)],
            AuthStyle::OauthFormOrJson => &[("form", TokenForm::Form), ("json", TokenForm::Json)],
            AuthStyle::OauthQuery => &[("query", TokenForm::Query)],
        };
        let (label, form) = forms.get(sent(seen))?;
        Some(Step::send(request::token(cx, label, *form)))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.form.token-reply.token-type.required";
        let judgements: Vec<Judgement> = ["form", "json", "query"]
            .iter()
            .filter_map(|label| exchange(seen, label))
            .filter(|(_, exchange)| classify(exchange) == Answer::Accepted)
            .filter_map(|(index, exchange)| {
                let body = exchange.response()?.body.json()?;
                let shape = cx.schemas.declared("token", "200")?;
                // It was accepted as a token, so what belongs to no clause cannot be much.
                Some(schema_judgements(requirement, index, shape, &body, |_| true))
            })
            .flatten()
            .collect();
        if judgements.is_empty() {
            return vec![Judgement::undecided(
                requirement,
                "no valid token request was accepted",
            )];
        }
        judgements
    }
}

/// A token is accepted while it lives and refused afterwards.
pub(super) struct Expiry;

impl Law for Expiry {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let using = |label: &str, auth: Auth| {
            let mut send = request::plainest(cx, "sync-search", label);
            send.auth = auth;
            Some(Step::Send(Box::new(send)))
        };
        match (sent(seen), waits(seen)) {
            (0, _) => using("while it lives", Auth::OwnToken),
            (1, 0) => Some(Step::Expire {
                label: "while it lives".to_owned(),
            }),
            (1, _) => {
                let expired = matches!(seen.last(), Some(Observation::Wait { satisfied: true, .. }));
                let mut step =
                    using("expired", Auth::SameAs("while it lives".to_owned())).filter(|_| expired);
                if let Some(Step::Send(send)) = &mut step {
                    send.intent = specs::evidence::Intent::Faulty {
                        operator: "an expired token".to_owned(),
                        pointer: None,
                        honest: None,
                        sent: None,
                        rule: "dci.bearer.expiry".to_owned(),
                    };
                }
                step
            }
            _ => None,
        }
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.bearer.expiry";
        let alive = exchange(seen, "while it lives");
        let wait = seen.iter().find_map(|o| match o {
            Observation::Wait {
                satisfied, reason, ..
            } => Some((*satisfied, reason.clone())),
            _ => None,
        });
        vec![match (alive, wait, exchange(seen, "expired")) {
            (Some((_, alive)), _, _) if classify(alive) != Answer::Accepted => Judgement::undecided(
                requirement,
                format!("the token was not accepted while it lived: {}", describe(alive)),
            ),
            (_, Some((false, reason)), _) => Judgement::not_applicable(
                requirement,
                reason.unwrap_or_else(|| "the token did not expire while we waited".to_owned()),
            ),
            (Some(_), _, Some((index, expired))) => match expired.response().map(|r| r.status) {
                Some(401) => Judgement::held(requirement),
                Some(_) => Judgement::violated(
                    requirement,
                    index,
                    None,
                    "HTTP 401 for a token that has expired",
                    describe(expired),
                ),
                None => Judgement::undecided(requirement, describe(expired)),
            },
            _ => Judgement::undecided(requirement, "the case was cut short"),
        }]
    }
}
