//! Pages partition a result, and sorting orders it.

use super::Law;
use super::support::{
    DISCOVERY, Sample, all_undecided, discovery, record_pointer, registry, reply, search, sent, show,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Reply, compare, value_of};
use crate::plan::Step;
use crate::request::{everybody, page};
use serde_json::{Value, json};
use specs::evidence::Observation;
use std::cmp::Ordering;

/// Three pages hold every record of a result once.
pub(super) struct Pages;

const SIZE: &str = "dci.sync-search.page-size";
const PARTITION: &str = "dci.sync-search.pages-partition";
const TOTAL: &str = "dci.sync-search.page-total";
const PAGES: usize = 3;

/// The search for everybody without pagination.
const UNPAGED: &str = "without pagination";

/// A page size by which the result fills three pages; small where the registry is large.
fn page_size(sample: &Sample) -> u64 {
    if sample.complete {
        sample.total.div_ceil(PAGES as u64)
    } else {
        10
    }
}

fn label(number: usize) -> String {
    format!("page {number}")
}

impl Law for Pages {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(discovery(cx)),
            // Nobody on the first page: is there anybody at all?
            1 if reply(seen, DISCOVERY).is_ok_and(|(_, page)| page.records().is_empty()) => {
                Some(search(cx, UNPAGED, &[everybody(cx, &[])]))
            }
            n @ 1..=PAGES => {
                let sample = Sample::of(cx, seen, 3).ok()?;
                let size = page_size(&sample);
                Some(search(cx, &label(n), &[everybody(cx, &[page(size, n as u64)])]))
            }
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let attempt = || -> Result<Vec<Judgement>, String> {
            if let (Ok((index, first)), Ok((_, unpaged))) = (reply(seen, DISCOVERY), reply(seen, UNPAGED))
                && first.records().is_empty()
                && !unpaged.records().is_empty()
            {
                return Ok(vec![Judgement::violated(
                    PARTITION,
                    index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    "the first records of the result on page 1, since pages are counted from 1",
                    format!(
                        "no record on page 1, although the same search without pagination returns {}",
                        unpaged.records().len()
                    ),
                )]);
            }
            let sample = Sample::of(cx, seen, 3)?;
            let size = page_size(&sample);
            let pages: Vec<(usize, Reply)> = (1..=PAGES)
                .map(|n| reply(seen, &label(n)))
                .collect::<Result<_, _>>()?;
            let mut judgements = Vec::new();
            let too_long = pages.iter().find(|(_, page)| page.records().len() as u64 > size);
            judgements.push(match too_long {
                None => Judgement::held(SIZE),
                Some((index, page)) => Judgement::violated(
                    SIZE,
                    *index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!("at most {size} records, as page_size asks"),
                    format!("{} records", page.records().len()),
                ),
            });
            judgements.push(partition(&sample, &pages));
            judgements.push(total(&sample, &pages));
            Ok(judgements)
        };
        attempt().unwrap_or_else(|reason| all_undecided(&[SIZE, PARTITION, TOTAL], &reason))
    }
}

fn partition(sample: &Sample, pages: &[(usize, Reply)]) -> Judgement {
    let mut earlier: Vec<(usize, &Value)> = Vec::new();
    for (number, (index, page)) in pages.iter().enumerate() {
        for (nth, record) in page.records().into_iter().enumerate() {
            if let Some((first, _)) = earlier.iter().find(|(n, r)| *n <= number && *r == record) {
                return Judgement::violated(
                    PARTITION,
                    *index,
                    Some(record_pointer(nth)),
                    "each record of the result on one page only",
                    format!(
                        "record {} of page {} stands on page {} already",
                        nth + 1,
                        number + 1,
                        first + 1
                    ),
                );
            }
            earlier.push((number, record));
        }
    }
    let missing = sample
        .records
        .iter()
        .filter(|record| !earlier.iter().any(|(_, r)| r == record))
        .count();
    if sample.complete && missing > 0 {
        let (index, _) = pages[0];
        return Judgement::violated(
            PARTITION,
            index,
            Some("/message/search_response/0/data/reg_records".to_owned()),
            format!(
                "pages 1 to {PAGES} together hold all {} records of the result",
                sample.records.len()
            ),
            format!("{missing} of them stand on no page"),
        );
    }
    if earlier.is_empty() {
        return Judgement::undecided(PARTITION, "the pages hold no record");
    }
    Judgement::held(PARTITION)
}

fn total(sample: &Sample, pages: &[(usize, Reply)]) -> Judgement {
    for (index, page) in pages {
        let stated = page.items.first().and_then(|item| item.total_count);
        let Some(stated) = stated else {
            return Judgement::violated(
                TOTAL,
                *index,
                Some("/message/search_response/0/pagination/total_count".to_owned()),
                format!("{}, the number of records of the result", sample.total),
                "no total_count in the answer to a search with pagination",
            );
        };
        if stated != sample.total {
            return Judgement::violated(
                TOTAL,
                *index,
                Some("/message/search_response/0/pagination/total_count".to_owned()),
                format!("{}, the number of records of the result", sample.total),
                stated.to_string(),
            );
        }
    }
    Judgement::held(TOTAL)
}

/// A sorted search returns the same records in the order asked for.
pub(super) struct Sort;

const SORT: &str = "dci.sync-search.sort";

impl Law for Sort {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let order = match sent(seen) {
            0 => return Some(discovery(cx)),
            1 => "asc",
            2 => "desc",
            _ => return None,
        };
        let attribute = &cx.profile.registry.as_ref()?.date_attribute;
        let sort = (
            "sort",
            json!([{"attribute_name": attribute, "sort_order": order}]),
        );
        Some(search(
            cx,
            order,
            &[everybody(cx, &[sort, page(super::support::SAMPLE_SIZE, 1)])],
        ))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let attempt = |order: &str, wrong: Ordering| -> Result<Judgement, String> {
            let sample = Sample::of(cx, seen, 2)?;
            let registry = registry(cx)?;
            let (index, reply) = reply(seen, order)?;
            let values: Vec<Option<&Value>> = reply
                .records()
                .into_iter()
                .map(|r| value_of(registry, r, &registry.date_attribute))
                .collect();
            let out_of_order = values.windows(2).position(|pair| match (pair[0], pair[1]) {
                (Some(left), Some(right)) => compare(left, right) == Some(wrong),
                _ => false,
            });
            let list = Some("/message/search_response/0/data/reg_records".to_owned());
            if let Some(nth) = out_of_order {
                let text = |value: Option<&Value>| value.map_or_else(|| "none".to_owned(), show);
                return Ok(Judgement::violated(
                    SORT,
                    index,
                    Some(record_pointer(nth + 1)),
                    format!("records in the order {order} of {}", registry.date_attribute),
                    format!("{} directly after {}", text(values[nth + 1]), text(values[nth])),
                ));
            }
            if sample.complete && reply.records().len() != sample.records.len() {
                return Ok(Judgement::violated(
                    SORT,
                    index,
                    list,
                    format!("the same {} records as without sort", sample.records.len()),
                    format!("{} records", reply.records().len()),
                ));
            }
            Ok(if reply.records().len() < 2 {
                Judgement::undecided(SORT, "fewer than two records were returned")
            } else {
                Judgement::held(SORT)
            })
        };
        [("asc", Ordering::Greater), ("desc", Ordering::Less)]
            .into_iter()
            .map(|(order, wrong)| {
                attempt(order, wrong).unwrap_or_else(|reason| Judgement::undecided(SORT, reason))
            })
            .collect()
    }
}
