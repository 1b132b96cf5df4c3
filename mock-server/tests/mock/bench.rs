//! A running mock, a client, and requests to send.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use mock_server::{Config, Defect, Endpoint, MockServer};
use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Profile};
use specs::wire::demo;
use specs::wire::rsa::SigningKey;

pub(crate) fn profile(id: &str) -> Profile {
    Catalogue::bundled().profile(id).unwrap().clone()
}

pub(crate) fn config(profiles: &[&str]) -> Config {
    Config {
        profiles: profiles.iter().map(|id| profile(id)).collect(),
        ..Config::default()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
    /// Null where the text is no JSON.
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

pub(crate) struct Bench {
    pub(crate) mock: MockServer,
    pub(crate) endpoint: Endpoint,
    pub(crate) profile: Profile,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
}

impl Bench {
    /// A mock of one profile, with a token where it wants one.
    pub(crate) async fn new(profile: &str, defects: &[Defect]) -> Self {
        Self::with(Config {
            defects: defects.to_vec(),
            ..config(&[profile])
        })
        .await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let profile = config.profiles[0].clone();
        let mock = MockServer::start(config).await.unwrap();
        let endpoint = mock.endpoints()[0].clone();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut bench = Self {
            mock,
            endpoint,
            profile,
            client,
            token: String::new(),
        };
        if bench.profile.wants_token() {
            let mut reply = bench.token_form(&bench.credentials()).await;
            if reply.status != 200 {
                reply = bench.token_json(&bench.credentials()).await;
            }
            if reply.status != 200 {
                reply = bench.token_query(&bench.credentials()).await;
            }
            reply
                .at("/access_token")
                .as_str()
                .unwrap()
                .clone_into(&mut bench.token);
        }
        bench
    }

    pub(crate) async fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let mut request = self
            .client
            .post(format!("{}{path}", self.endpoint.base_url))
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        let request = self.client.get(format!("{}{path}", self.endpoint.base_url));
        read(request.send().await.unwrap()).await
    }

    /// Calls what the mock offers beside its profiles.
    pub(crate) async fn house(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let url = format!("http://{}{path}", self.mock.addr());
        let request = self.client.request(method.parse().unwrap(), url);
        let request = match body {
            Some(body) => request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
            None => request,
        };
        read(request.send().await.unwrap()).await
    }

    pub(crate) fn credentials(&self) -> Value {
        let mut credentials = json!({
            "grant_type": "client_credentials",
            "client_id": self.endpoint.client_id,
            "client_secret": self.endpoint.client_secret,
        });
        if let Some(name) = &self.endpoint.db_name {
            credentials["db_name"] = name.as_str().into();
        }
        credentials
    }

    pub(crate) async fn token_query(&self, parameters: &Value) -> Reply {
        let path = format!("/oauth2/client/token?{}", form(parameters));
        self.send(&path, &[], "").await
    }

    pub(crate) async fn token_form(&self, parameters: &Value) -> Reply {
        let body = form(parameters);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        self.send("/oauth2/client/token", &[(CONTENT_TYPE.as_str(), form)], body)
            .await
    }

    pub(crate) async fn token_json(&self, parameters: &Value) -> Reply {
        let json = [(CONTENT_TYPE.as_str(), "application/json")];
        self.send("/oauth2/client/token", &json, parameters.to_string())
            .await
    }

    /// Calls an operation as this bearer.
    pub(crate) async fn call_as(&self, authorization: Option<&str>, path: &str, body: &str) -> Reply {
        let mut headers = vec![(CONTENT_TYPE.as_str(), "application/json")];
        headers.extend(authorization.map(|value| (AUTHORIZATION.as_str(), value)));
        self.send(path, &headers, body.to_owned()).await
    }

    pub(crate) async fn call(&self, path: &str, body: &str) -> Reply {
        self.call_as(Some(&format!("Bearer {}", self.token)), path, body)
            .await
    }

    pub(crate) async fn sync_search(&self, request: &Value) -> Reply {
        self.call("/registry/sync/search", &request.to_string()).await
    }

    pub(crate) async fn search(&self, request: &Value) -> Reply {
        self.call("/registry/search", &request.to_string()).await
    }

    /// The records that a search returns.
    pub(crate) async fn records(&self, criteria: Value) -> Vec<Value> {
        let reply = self.sync_search(&envelope("t-1", &[criteria])).await;
        reply
            .at("/message/search_response/0/data/reg_records")
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// A predicate over one attribute.
    pub(crate) fn date_is(&self, operator: &str, value: impl Into<Value>) -> Value {
        let name = self.profile.registry.as_ref().unwrap().date_attribute.clone();
        json!({"attribute_name": name, "operator": operator, "attribute_value": value.into()})
    }

    /// The date of a record.
    pub(crate) fn date<'r>(&self, record: &'r Value) -> &'r str {
        let registry = self.profile.registry.as_ref().unwrap();
        let pointer = &registry.attributes[&registry.date_attribute];
        record
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The identifier of a record.
    pub(crate) fn id<'r>(&self, record: &'r Value) -> &'r str {
        let registry = self.profile.registry.as_ref().unwrap();
        let pointer = format!("{}/0/{}", registry.identifiers, registry.identifier_value);
        record
            .pointer(&pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub(crate) async fn exchange(&self, kind: &str, envelope: &Value) -> Reply {
        self.call_as(None, &format!("/v1/exchange/{kind}"), &envelope.to_string())
            .await
    }

    /// A signed message, with a header that the document's own example could have.
    pub(crate) fn message(&self, message: &str, sender_uri: &str) -> Value {
        json!({
            "signature": sender_key().sign(message.as_bytes()),
            "header": {
                "message_id": "123",
                "message_ts": "1708428280",
                "action": "create",
                "sender_id": self.endpoint.sender_id,
                "sender_uri": sender_uri,
                "receiver_id": self.endpoint.receiver_id,
            },
            "message": message,
        })
    }
}

fn form(parameters: &Value) -> String {
    let members = parameters.as_object().unwrap().iter();
    let pairs: Vec<(&String, &str)> = members.map(|(k, v)| (k, v.as_str().unwrap())).collect();
    serde_urlencoded::to_string(pairs).unwrap()
}

async fn read(response: reqwest::Response) -> Reply {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Reply {
        status,
        headers,
        text,
        json,
    }
}

pub(crate) fn sender_key() -> SigningKey {
    SigningKey::from_pem(demo::SENDER_KEY_PEM).unwrap()
}

/// A search request with these criteria.
pub(crate) fn envelope(transaction: &str, criteria: &[Value]) -> Value {
    let search = |(i, criteria): (usize, &Value)| {
        json!({
            "reference_id": format!("{transaction}-{i}"),
            "timestamp": "2026-01-05T10:00:00Z",
            "search_criteria": criteria,
        })
    };
    json!({
        "header": {
            "message_id": format!("m-{transaction}"),
            "message_ts": "2026-01-05T12:00:00+02:00",
            "action": "search",
            "sender_id": "spmis.example.org",
            "total_count": criteria.len(),
        },
        "message": {
            "transaction_id": transaction,
            "search_request": criteria.iter().enumerate().map(search).collect::<Vec<_>>(),
        },
    })
}

/// Criteria that a list of expressions makes, each an item of its own.
pub(crate) fn predicate(expressions: &[Value]) -> Value {
    let list: Vec<Value> = expressions.iter().map(|e| json!({"expression1": e})).collect();
    json!({"query_type": "predicate", "query": list})
}

/// Criteria with two expressions in one item.
pub(crate) fn joined(first: &Value, condition: &str, second: &Value) -> Value {
    let item = json!({"expression1": first, "condition": condition, "expression2": second});
    json!({"query_type": "predicate", "query": [item]})
}

/// The same value with one member replaced, or removed where there is no replacement.
pub(crate) fn with(value: &Value, pointer: &str, replacement: Option<Value>) -> Value {
    let mut value = value.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let Some(members) = value.pointer_mut(parent).and_then(Value::as_object_mut) else {
        return value;
    };
    match replacement {
        Some(replacement) => drop(members.insert(name.to_owned(), replacement)),
        None => drop(members.shift_remove(name)),
    }
    value
}
