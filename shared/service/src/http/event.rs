//! The gateway's event as a request, and a response as the gateway takes it.
//!
//! `lambda_http::run` copies each event before it reads it, and decodes the text of each answer once more.
//! What is taken of it here, [`LambdaRequest`], is hidden in its docs: a newer version may have another.

use lambda_http::{
    Body, LambdaEvent, Request, RequestExt, Response,
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    request::LambdaRequest,
};

/// The request of an event, with the context that Lambda gives.
pub(super) fn request(event: LambdaEvent<ApiGatewayV2httpRequest>) -> Request {
    Request::from(LambdaRequest::ApiGatewayV2(event.payload)).with_lambda_context(event.context)
}

/// What the gateway makes a response of.
pub(super) fn answer(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (head, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = head.status.as_u16().into();
    answer.headers = head.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body).filter(|body| !matches!(body, Body::Empty));
    answer
}
