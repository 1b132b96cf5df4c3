//! Deadlines follow the target's own pace: a quick target that falls silent is not waited for as long as the
//! user allows at most.

use bytes::Bytes;
use harness::client::{Client, Outbound};
use harness::record::Redactor;
use specs::evidence::{FailureKind, Outcome};
use std::time::{Duration, Instant};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn get(url: String) -> Outbound {
    Outbound {
        method: http::Method::GET,
        url,
        headers: Vec::new(),
        body: Bytes::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quick_target_that_falls_silent_is_given_up_soon_and_then_given_more_time() {
    let server = MockServer::start().await;
    Mock::given(path("/quick"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let silent = ResponseTemplate::new(200).set_delay(Duration::from_secs(120));
    Mock::given(path("/silent"))
        .respond_with(silent)
        .mount(&server)
        .await;
    let most = Duration::from_secs(60);
    let client = Client::new(most, Redactor::default(), &harness::tls::Tls::default()).unwrap();
    client.pace().at_least(Duration::from_secs(1));
    assert_eq!(client.pace().deadline(), most, "nothing is known yet");
    for _ in 0..20 {
        let answered = client.send(&get(format!("{}/quick", server.uri())), |_| ()).await;
        assert!(matches!(answered.outcome, Outcome::Response(_)));
    }
    let learned = client.pace().deadline();
    assert!(learned < Duration::from_secs(20), "{learned:?}");

    let began = Instant::now();
    let answered = client
        .send(&get(format!("{}/silent", server.uri())), |_| ())
        .await;
    let took = began.elapsed();
    let Outcome::Failure { kind, message } = answered.outcome else {
        panic!("{answered:?}");
    };
    assert_eq!(kind, FailureKind::Timeout);
    assert_eq!(
        message,
        format!("no complete response within {:.1} s", learned.as_secs_f64())
    );
    assert!(took >= learned && took < most / 2, "{took:?}");
    assert_eq!(
        client.pace().deadline(),
        learned * 2,
        "the next is given more time"
    );
}
