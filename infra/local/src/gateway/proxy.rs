//! One plain URL for the API, as a deployed stage has: the emulator tells APIs apart by a path of its own.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, task::JoinSet};

#[derive(Clone)]
struct Upstream {
    client: Client<HttpConnector, Body>,
    prefix: String,
}

/// Lets everything through, unread and unchanged, as long as what it returns is kept.
pub(super) fn serve(listener: TcpListener, endpoint: &str, api: &str) -> JoinSet<()> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let prefix = format!("{endpoint}/_aws/execute-api/{api}/$default");
    let router = Router::new().fallback(pass).with_state(Upstream { client, prefix });
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        // It never ends by itself: an error of `accept` is tried again.
        let _never = axum::serve(listener, router).await;
    });
    serving
}

async fn pass(State(upstream): State<Upstream>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let Ok(uri) = format!("{}{path}", upstream.prefix).parse::<Uri>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    match upstream.client.request(request).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(_) => (StatusCode::BAD_GATEWAY, "The emulator gave no answer.").into_response(),
    }
}
