//! Making a counterexample smaller: first what it has to do with is found by halving the differences from an
//! accepted request, then the value tree is simplified as long as what it holds there still fails.

mod differences;
#[cfg(test)]
mod measured;

use differences::{Difference, differences, with};
use proptest::strategy::ValueTree;
use serde_json::Value;

/// How many steps are taken at most. Values that do not fit cost no request, but time.
const MOST_STEPS: u32 = 2000;

/// The smallest value found that `fits` and `fails`, starting from the current one, which does both.
/// `fails` is asked at most `requests` times.
pub async fn smallest<T>(
    tree: &mut T,
    requests: u32,
    fits: impl Fn(&T::Value) -> bool,
    mut fails: impl AsyncFnMut(&T::Value) -> bool,
) -> T::Value
where
    T: ValueTree,
    T::Value: PartialEq,
{
    let mut smallest = tree.current();
    let (mut asked, mut steps) = (0, 0);
    while asked < requests && steps < MOST_STEPS {
        if !tree.simplify() {
            break;
        }
        loop {
            steps += 1;
            let value = tree.current();
            let still = if value == smallest {
                true
            } else if fits(&value) {
                asked += 1;
                fails(&value).await
            } else {
                false
            };
            if still {
                smallest = value;
                break;
            }
            if !tree.complicate() || steps >= MOST_STEPS || asked >= requests {
                return smallest;
            }
        }
    }
    smallest
}

/// The simplest value of a tree that `fits`, starting from the current one, which does: as if each failed.
pub fn simplest<T: ValueTree>(mut tree: T, fits: impl Fn(&T::Value) -> bool) -> T::Value {
    let mut simplest = tree.current();
    let mut steps = 0;
    while steps < MOST_STEPS && tree.simplify() {
        loop {
            steps += 1;
            let value = tree.current();
            if fits(&value) {
                simplest = value;
                break;
            }
            if !tree.complicate() || steps >= MOST_STEPS {
                return simplest;
            }
        }
    }
    simplest
}

/// The smallest failing body found around an honest one, which does not fail, starting from the tree's, which
/// does. `fails` is asked at most `requests` times.
pub async fn around(
    honest: &Value,
    tree: &mut impl ValueTree<Value = Value>,
    requests: u32,
    fits: impl Fn(&Value) -> bool,
    mut fails: impl AsyncFnMut(&Value) -> bool,
) -> Value {
    let failing = tree.current();
    let mut asked = 0;
    let mut counted = async |body: &Value| {
        asked += 1;
        fails(body).await
    };
    let matter = matter(honest, &failing, requests, &fits, &mut counted).await;
    let mut part = Part {
        whole: tree,
        honest,
        matter,
    };
    // What was drawn may only fit as a whole.
    if !fits(&part.current()) {
        return failing;
    }
    let left = requests.saturating_sub(asked);
    smallest(&mut part, left, fits, fails).await
}

/// The differences without any of which the body does not fail.
async fn matter(
    honest: &Value,
    failing: &Value,
    requests: u32,
    fits: &impl Fn(&Value) -> bool,
    fails: &mut impl AsyncFnMut(&Value) -> bool,
) -> Vec<Difference> {
    let mut matter = differences(honest, failing);
    let (mut parts, mut asked) = (2, 0);
    'smaller: while matter.len() > 1 && asked < requests {
        let size = matter.len().div_ceil(parts);
        let chunks = || {
            (0..matter.len())
                .step_by(size)
                .map(|from| from..(from + size).min(matter.len()))
        };
        let only = chunks().map(|chunk| (matter[chunk].to_vec(), 2));
        let others = chunks().filter(|_| parts > 2).map(|chunk| {
            let rest = [&matter[..chunk.start], &matter[chunk.end..]].concat();
            (rest, parts - 1)
        });
        let tried: Vec<(Vec<Difference>, usize)> = only.chain(others).collect();
        for (fewer, next) in tried {
            let body = with(honest, failing, &fewer);
            if !fits(&body) || asked >= requests {
                continue;
            }
            asked += 1;
            if fails(&body).await {
                (matter, parts) = (fewer, next);
                continue 'smaller;
            }
        }
        if parts >= matter.len() {
            break;
        }
        parts = (parts * 2).min(matter.len());
    }
    matter
}

/// A tree of bodies, of which only some differences from the honest body count.
struct Part<'a, T> {
    whole: &'a mut T,
    honest: &'a Value,
    matter: Vec<Difference>,
}

impl<T: ValueTree<Value = Value>> ValueTree for Part<'_, T> {
    type Value = Value;

    fn current(&self) -> Value {
        with(self.honest, &self.whole.current(), &self.matter)
    }

    fn simplify(&mut self) -> bool {
        self.whole.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.whole.complicate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::Strategy;
    use proptest::test_runner::TestRunner;

    #[tokio::test]
    async fn the_smallest_failing_number_is_found_and_requests_are_bounded() {
        let mut runner = TestRunner::deterministic();
        let strategy = 0..100_000u32;
        let mut tree = loop {
            let tree = strategy.new_tree(&mut runner).unwrap();
            if tree.current() >= 700 {
                break tree;
            }
        };
        assert_eq!(smallest(&mut tree, 200, |_| true, async |n| *n >= 700).await, 700);
        let mut asked = 0;
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        smallest(
            &mut tree,
            3,
            |_| true,
            async |_| {
                asked += 1;
                false
            },
        )
        .await;
        assert!(asked <= 3);
    }
}
