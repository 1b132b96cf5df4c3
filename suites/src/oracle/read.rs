//! An exchange with its bodies parsed, each once and only where somebody asks for it.

use serde_json::Value;
use specs::evidence::Exchange;
use std::cell::OnceCell;

/// An exchange that is looked at from several sides: parsing its bodies is most of what a look costs.
#[derive(Debug)]
pub struct Read<'e> {
    /// The exchange.
    pub exchange: &'e Exchange,
    request: OnceCell<Option<Value>>,
    response: OnceCell<Option<Value>>,
}

impl<'e> Read<'e> {
    /// Nothing is parsed yet.
    pub fn of(exchange: &'e Exchange) -> Self {
        Self {
            exchange,
            request: OnceCell::new(),
            response: OnceCell::new(),
        }
    }

    /// The body of the request, if it is JSON.
    pub fn request(&self) -> Option<&Value> {
        let parse = || self.exchange.request.body.json();
        self.request.get_or_init(parse).as_ref()
    }

    /// The body of the response, if there is one and it is JSON.
    pub fn response(&self) -> Option<&Value> {
        let parse = || self.exchange.response()?.body.json();
        self.response.get_or_init(parse).as_ref()
    }
}
