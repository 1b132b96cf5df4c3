//! The laws need no fixture: on mocks with the bugs that registries are known for, they find each of them by
//! what they learned from the mock itself. Nothing is configured but an address and credentials.

use futures::StreamExt;
use futures::stream::iter;
use harness::prove::kill;
use mock_server::Mistake;
use specs::catalogue::Catalogue;

/// The bug, the defect that commits it, the requirement that it breaks, and the case that finds it.
const BUGS: [(&str, &str, &str, &str); 13] = [
    (
        "the condition is ignored",
        "or-as-and",
        "dci.sync-search.condition-or",
        "sync-search.conditions",
    ),
    (
        "the query as a whole is ignored",
        "predicate-ignored",
        "dci.sync-search.predicate-satisfied",
        "sync-search.seen-value",
    ),
    (
        "expression2 is ignored",
        "expression2-ignored",
        "dci.sync-search.condition-and",
        "sync-search.conditions",
    ),
    (
        "`ge` is treated as `gt`",
        "ge-as-gt",
        "dci.sync-search.bounds",
        "sync-search.bounds",
    ),
    (
        "`not` is ignored",
        "not-ignored",
        "dci.sync-search.condition-not",
        "sync-search.not",
    ),
    (
        "an unknown operator matches all",
        "operator-unknown-matches-all",
        "dci.form.search.message.search-request.search-criteria.query.expression1.operator.enum",
        "request.generated-invalid",
    ),
    (
        "page 2 equals page 1",
        "page-two-repeats-one",
        "dci.sync-search.pages-partition",
        "sync-search.pages",
    ),
    (
        "total_count is that of the page",
        "total-of-page",
        "dci.sync-search.page-total",
        "sync-search.pages",
    ),
    (
        "dates are sorted as texts",
        "sort-as-text",
        "dci.sync-search.sort",
        "sync-search.sort",
    ),
    (
        "a bad item drops the items after it",
        "batch-stops-at-bad-item",
        "dci.sync-search.echo-reference",
        "sync-search.bad-item",
    ),
    (
        "records are those of another registry",
        "records-of-another-registry",
        "dci.sync-search.reg-type",
        "sync-search.registry",
    ),
    (
        "a callback carries another request's records",
        "callback-records-of-another",
        "dci.search.in-flight",
        "search.in-flight",
    ),
    (
        "a refused item is told to have succeeded",
        "bad-item-succeeds",
        "dci.sync-search.bad-item",
        "sync-search.bad-item",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn bugs_that_registries_are_known_for_are_caught_without_fixtures() {
    let profile = Catalogue::bundled().profile("dci-social").unwrap();
    let found = iter(BUGS).map(async |(bug, defect, requirement, case)| {
        let kill = kill(profile, Mistake::from_id(defect).unwrap(), 1).await.unwrap();
        let caught = kill.requirement == requirement && kill.killed_by == [case];
        (!caught).then(|| format!("{bug} ({defect}): {} by {:?}", kill.requirement, kill.killed_by))
    });
    let missed: Vec<Option<String>> = found.buffered(4).collect().await;
    let missed: Vec<String> = missed.into_iter().flatten().collect();
    assert!(missed.is_empty(), "\n  {}\n", missed.join("\n  "));
}
