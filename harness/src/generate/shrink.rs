//! Making a counterexample smaller: a value tree is simplified as long as what it holds still fails.

use proptest::strategy::ValueTree;

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
