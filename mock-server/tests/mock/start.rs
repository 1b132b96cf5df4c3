//! Starting, addresses, stopping.

use crate::bench::{Bench, config, profile};
use mock_server::{Config, Defect, MockServer, StartError};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_single_profile_is_served_below_its_base_path_and_at_the_root() {
    let b = Bench::new("dci-social", &[]).await;
    let origin = format!("http://{}", b.mock.addr());
    assert_eq!(b.endpoint.base_url, format!("{origin}/dci/social"));
    for path in ["/registry/sync/search", "/dci/social/registry/sync/search"] {
        let reply = b.client.post(format!("{origin}{path}")).send().await.unwrap();
        assert_eq!(reply.status(), 401, "{path}");
    }
    assert_eq!(
        b.client
            .get(format!("{origin}/healthz"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn several_profiles_keep_to_their_base_paths() {
    let b = Bench::with(config(&["openspp-dci", "dci-social", "digit-exchange"])).await;
    let origin = format!("http://{}", b.mock.addr());
    let urls: Vec<&str> = b.mock.endpoints().iter().map(|e| e.base_url.as_str()).collect();
    assert_eq!(
        urls,
        [
            &origin,
            &format!("{origin}/dci/social"),
            &format!("{origin}/digit-exchange")
        ]
    );
    let status = async |path: &str| {
        b.client
            .post(format!("{origin}{path}"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(status("/registry/sync/search").await, 401);
    assert_eq!(status("/dci/social/registry/search").await, 401);
    assert_eq!(status("/registry/search").await, 404);
    assert_eq!(status("/digit-exchange/v1/exchange/program").await, 400);
    assert_eq!(status("/v1/exchange/program").await, 404);
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let b = Bench::new("openspp-dci", &[]).await;
    let missing = b.call("/registry/notify", "{}").await;
    assert_eq!(
        (missing.status, missing.at("/errors/0/code")),
        (404, &json!("err.request.not_found"))
    );
    let wrong_method = b.get("/registry/sync/search").await;
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, "POST"));
    assert_eq!(wrong_method.at("/errors/0/code"), "err.request.not_found");
}

#[tokio::test]
async fn endpoints_tell_a_client_all_it_needs() {
    let b = Bench::with(config(&["dci-social", "digit-exchange"])).await;
    let listed = serde_json::to_value(b.mock.endpoints()).unwrap();
    let members: Vec<&String> = listed[0].as_object().unwrap().keys().collect();
    let expected = [
        "id",
        "base_url",
        "token_url",
        "client_id",
        "client_secret",
        "db_name",
        "sender_id",
        "receiver_id",
    ];
    assert_eq!(members, expected);
    assert_eq!(
        listed[0]["token_url"],
        format!("{}/oauth2/client/token", listed[0]["base_url"].as_str().unwrap())
    );
    assert_eq!(listed[0]["db_name"], json!(null));
    assert_eq!(
        (&listed[1]["id"], &listed[1]["client_secret"]),
        (&json!("digit-exchange"), &json!(null))
    );
}

#[tokio::test]
async fn impossible_wishes_are_explained() {
    let start = async |config: Config| MockServer::start(config).await.unwrap_err();
    assert!(matches!(start(Config::default()).await, StartError::NoProfile));
    let twice = config(&["dci-social", "dci-social"]);
    assert!(matches!(start(twice).await, StartError::SameAddress { .. }));
    let idle = Config {
        defects: vec![Defect::AckNack],
        ..config(&["openspp-dci"])
    };
    assert!(
        start(idle)
            .await
            .to_string()
            .contains("`ack-nack` exists only under dci-beneficiary, dci-crvs,")
    );
    let mut odd = profile("dci-social");
    let operation = odd.operations["token"].clone();
    odd.operations.insert("guess".to_owned(), operation);
    let odd = Config {
        profiles: vec![odd],
        ..Config::default()
    };
    assert!(matches!(start(odd).await, StartError::UnknownOperation { .. }));
    let running = Bench::new("dci-social", &[]).await;
    let second = Config {
        listen: running.mock.addr(),
        ..config(&["dci-social"])
    };
    assert!(matches!(start(second).await, StartError::Listen { .. }));
}

#[tokio::test]
async fn it_stops_when_told_and_when_dropped() {
    let refuses = async |address| {
        let refused = async { while tokio::net::TcpStream::connect(address).await.is_ok() {} };
        tokio::time::timeout(Duration::from_secs(3), refused)
            .await
            .is_ok()
    };
    let told = Bench::new("openspp-dci", &[]).await;
    let address = told.mock.addr();
    told.mock.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let dropped = Bench::new("openspp-dci", &[]).await;
    let address = dropped.mock.addr();
    drop(dropped);
    assert!(refuses(address).await);
}
