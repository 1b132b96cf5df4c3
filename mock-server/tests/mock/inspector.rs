//! The inspector: its page, its stream, its switches, and who may use them.

use crate::bench::{Bench, config, envelope, predicate};
use crate::talk::{Partner, count, event, event_type, everything};
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

fn request(b: &Bench) -> Value {
    envelope("t", &[predicate(&[b.date_is("eq", "2020-11-02")])])
}

/// Reads from the stream until it has said all of this.
async fn hears(response: &mut reqwest::Response, heard: &mut String, words: &[&str]) {
    let hear = async {
        while !words.iter().all(|word| heard.contains(word)) {
            let piece = response.chunk().await.unwrap().unwrap();
            heard.push_str(std::str::from_utf8(&piece).unwrap());
        }
    };
    let all = tokio::time::timeout(Duration::from_secs(5), hear).await;
    assert!(all.is_ok(), "{words:?} is not in {heard}");
}

#[tokio::test]
async fn the_stream_tells_what_happens() {
    let b = Bench::new("dci-social", &[]).await;
    let url = format!("http://{}/_dcx/stream", b.mock.addr());
    let mut stream = b.client.get(&url).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    hears(&mut stream, &mut heard, &["retry: "]).await;
    b.sync_search(&request(&b)).await;
    hears(
        &mut stream,
        &mut heard,
        &["id: 2\nevent: entry\ndata: {\"id\":2,"],
    )
    .await;
    assert!(!heard.contains("id: 1\n"), "what was before is not told: {heard}");
    b.house("DELETE", "/_dcx/faults", None).await;
    b.house("POST", "/_dcx/reset", None).await;
    hears(&mut stream, &mut heard, &["event: changed\n", "event: reset\n"]).await;

    b.sync_search(&request(&b)).await;
    let mut again = b
        .client
        .get(&url)
        .header("last-event-id", "2")
        .send()
        .await
        .unwrap();
    let mut heard = String::new();
    hears(&mut again, &mut heard, &["id: 3\nevent: entry"]).await;
    b.sync_search(&request(&b)).await;
    hears(&mut again, &mut heard, &["id: 4\nevent: entry"]).await;
    assert_eq!(heard.matches("id: 3\n").count(), 1, "{heard}");
}

#[tokio::test]
async fn readers_of_the_stream_do_not_hold_up_the_end() {
    let b = Bench::new("dci-social", &[]).await;
    let url = format!("http://{}/_dcx/stream", b.mock.addr());
    let mut stream = b.client.get(&url).send().await.unwrap();
    hears(&mut stream, &mut String::new(), &["retry: "]).await;
    tokio::time::timeout(Duration::from_millis(1500), b.mock.stop())
        .await
        .unwrap();
}

#[tokio::test]
async fn defects_are_switched_while_it_runs() {
    let b = Bench::new("dci-social", &[]).await;
    let reference = async || b.sync_search(&request(&b)).await.at("/header/action").clone();
    let honest = reference().await;
    let switch = async |ids: &[&str]| {
        b.house("PUT", "/_dcx/defects", Some(&json!({"active": ids})))
            .await
    };
    let wrong = "breaks-dci.form.reply-header.action.required";
    assert_eq!(
        switch(&["ge-as-gt", wrong]).await.json["active"],
        json!(["ge-as-gt", wrong])
    );
    assert_ne!(reference().await, honest);
    let unchecked = request(&b);
    let mut unchecked = unchecked;
    unchecked["header"]["action"] = "notify".into();
    assert_eq!(b.sync_search(&unchecked).await.status, 400);
    assert_eq!(switch(&["action-unchecked"]).await.status, 200);
    assert_eq!(
        (reference().await, b.sync_search(&unchecked).await.status),
        (honest.clone(), 200)
    );

    let told = b.house("GET", "/_dcx/defects", None).await.json;
    assert_eq!(told["active"], json!(["action-unchecked"]));
    let available = told["available"].as_array().unwrap();
    assert!(
        available
            .iter()
            .any(|d| d["id"] == wrong && d["profiles"] == json!(["dci-social"]))
    );
    assert!(
        available.iter().all(|d| d["id"] != "exchange-any-sender"),
        "no profile here can commit it"
    );
    for (ids, hint) in [
        (["ge-as-gtt"], "did you mean `ge-as-gt`?"),
        (["exchange-any-sender"], "no profile"),
    ] {
        let refused = switch(&ids).await;
        assert_eq!(refused.status, 422);
        assert!(
            refused.at("/errors/0/message").as_str().unwrap().contains(hint),
            "{}",
            refused.json
        );
    }
    assert_eq!(
        b.house("GET", "/_dcx/defects", None).await.json["active"],
        json!(["action-unchecked"])
    );
    switch(&[]).await;
    assert_eq!(
        (reference().await, b.sync_search(&unchecked).await.status),
        (honest, 400)
    );
}

#[tokio::test]
async fn a_reset_takes_everything_back() {
    let b = Bench::new("dci-crvs", &[]).await;
    let partner = Partner::of(&b).await;
    partner.subscribe("s", &[everything(&b)]).await;
    let told = event(&b, &json!({"reg_event_type": event_type(&b)})).await;
    assert_eq!(told.at("/notified"), 1);
    let registry = b.profile.registry.as_ref().unwrap();
    let number =
        told.json["record"].pointer(&registry.identifiers).unwrap()[0][&registry.identifier_value].clone();
    let number = number.as_str().unwrap();
    assert_eq!(count(&b, number).await, 1);
    b.house("PUT", "/_dcx/defects", Some(&json!({"active": ["ge-as-gt"]})))
        .await;
    b.house("PUT", "/_dcx/faults", Some(&json!({"faults": ["dcx-delay=0"]})))
        .await;

    assert_eq!(b.house("POST", "/_dcx/reset", None).await.status, 200);
    assert_eq!(
        b.house("GET", "/_dcx/journal", None).await.json["entries"],
        json!([])
    );
    assert_eq!(
        b.house("GET", "/_dcx/defects", None).await.json["active"],
        json!([])
    );
    assert_eq!(
        b.house("GET", "/_dcx/faults", None).await.json["faults"],
        json!([])
    );
    assert_eq!(b.get("/_dcx/subscriptions").await.json, json!([]));
    assert_eq!(b.get("/_dcx/events").await.json, json!([]));
    assert_eq!(
        count(&b, number).await,
        0,
        "the token of before is still good, the newcomer is gone"
    );
}

#[tokio::test]
async fn strangers_may_neither_look_nor_switch() {
    let b = Bench::new("dci-crvs", &[]).await;
    let port = b.mock.addr().port();
    let call = async |method: &str, path: &str, headers: &[(&str, String)]| {
        let url = format!("http://127.0.0.1:{port}{path}");
        let mut request = b.client.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let host = |name: &str| ("host", format!("{name}:{port}"));
    let origin = |name: &str| ("origin", format!("http://{name}:{port}"));
    for path in [
        "/_dcx/",
        "/_dcx/journal",
        "/_dcx/stream",
        "/_dcx/defects",
        "/_dcx/events",
        "/_dcx/mailbox",
    ] {
        assert_eq!(call("GET", path, &[host("rebound.example")]).await, 403, "{path}");
    }
    for (method, path) in [
        ("POST", "/_dcx/reset"),
        ("DELETE", "/_dcx/faults"),
        ("PUT", "/_dcx/defects"),
        ("POST", "/_dcx/events"),
    ] {
        assert_eq!(call(method, path, &[origin("evil.example")]).await, 403, "{path}");
        assert_eq!(
            call(
                method,
                path,
                &[host("rebound.example"), origin("rebound.example")]
            )
            .await,
            403,
            "{path}"
        );
    }
    assert_eq!(call("DELETE", "/_dcx/faults", &[origin("127.0.0.1")]).await, 200);
    assert_eq!(call("GET", "/_dcx/profiles", &[host("localhost")]).await, 200);
    assert_eq!(call("GET", "/_dcx/", &[]).await, 200);
    assert_eq!(call("GET", "/_dcx/nothing", &[]).await, 404);
}

#[tokio::test]
async fn it_is_there_once_for_all_profiles() {
    let b = Bench::with(config(&["openspp-dci", "dci-crvs", "digit-exchange"])).await;
    let told = b.house("GET", "/_dcx/profiles", None).await.json;
    let ids: Vec<&Value> = told["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["id"])
        .collect();
    assert_eq!(json!(ids), json!(["openspp-dci", "dci-crvs", "digit-exchange"]));
    assert_eq!(told["profiles"][1]["base_path"], "/dci/crvs");
    assert!(
        told["profiles"][1]["event_types"]
            .as_array()
            .is_some_and(|types| !types.is_empty())
    );
    assert_eq!(told["profiles"][0]["event_types"], json!([]));
    assert!(!told.to_string().contains("secret"));
    b.exchange("program", &json!({})).await;
    let of_one = b
        .house("GET", "/_dcx/journal?profile=openspp-dci,digit-exchange", None)
        .await
        .json;
    assert!(
        of_one["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|e| e["profile"] != "dci-crvs")
    );
}

/// A browser that is installed here.
fn browser() -> Option<&'static str> {
    let works = |name: &&str| {
        Command::new(name)
            .arg("--version")
            .output()
            .is_ok_and(|o| o.status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(works)
}

/// The page as a browser has made it.
async fn dumped(browser: &str, url: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let dump = dir.path().join("dump.html");
    let mut running = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=3000",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            dir.path().join("profile").display()
        ))
        .arg(url)
        .stdout(std::fs::File::create(&dump).unwrap())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while running.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            running.kill().unwrap();
            running.wait().unwrap();
            panic!("the browser does not come to an end");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    std::fs::read_to_string(&dump).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_shows_the_exchanges() {
    let Some(browser) = browser() else {
        // Who has no browser sees this with `--nocapture`, and the rest of the tests still run.
        eprintln!("no Chromium is installed; the page is not driven");
        return;
    };
    let b = Bench::new("dci-social", &[]).await;
    let mut wrong = request(&b);
    wrong["header"]["sender_idd"] = "<img onerror=alert(1)>".into();
    wrong["header"].as_object_mut().unwrap().shift_remove("sender_id");
    b.sync_search(&wrong).await;
    b.sync_search(&request(&b)).await;
    let page = dumped(browser, &format!("http://{}/_dcx/#still", b.mock.addr())).await;
    for shown in [
        "role=\"option\" id=\"entry-2\"",
        "role=\"option\" id=\"entry-3\"",
        "<span class=\"verdict refused\">refused</span>",
        "<span class=\"verdict accepted\">accepted</span>",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}
