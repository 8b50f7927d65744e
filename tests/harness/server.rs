//! The real handlers behind a port of this machine, as a browser reaches them.

use crate::world::{TestRequest, World};
use api::routes::{ROUTES, find};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use local::http_api::{self, Refusal};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A port at which a world answers, until the test ends.
pub struct WorldServer {
    /// `http://…`, without a path.
    pub origin: String,
    asked: Arc<Mutex<Vec<TestRequest>>>,
}

impl WorldServer {
    /// Serves a world.
    pub async fn of(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::default();
        let state = (world.app, Arc::clone(&asked));
        let router = Router::new().fallback(answer).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, asked }
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<TestRequest> {
        self.asked.lock().unwrap().clone()
    }
}

type Served = (&'static service::app::App, Arc<Mutex<Vec<TestRequest>>>);

async fn answer(State((app, asked)): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let method = ROUTES.iter().map(|route| route.method.as_str()).find(|method| *method == parts.method.as_str());
    let sent = TestRequest {
        method: method.unwrap_or("HEAD"),
        path: parts.uri.path_and_query().unwrap().to_string(),
        headers: http_api::headers(&parts.headers),
        body: Some(body.to_vec()).filter(|body| !body.is_empty()),
        deadline: 0,
    };
    asked.lock().unwrap().push(sent.clone());
    if find(sent.method, parts.uri.path()).is_none() {
        return Refusal::NotFound.into_response();
    }
    let (_, answered) = sent.answered(app).await;
    answered.response.map(|body| Body::from(body.to_vec()))
}
