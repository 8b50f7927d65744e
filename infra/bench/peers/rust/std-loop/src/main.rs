//! The floor below every library: the runtime API spoken by hand over one connection, with std alone.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

const ANSWER: &str = r#"{"statusCode":200,"headers":{},"body":"hello","isBase64Encoded":false}"#;

fn main() -> io::Result<()> {
    let host = env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
    let mut api = BufReader::new(TcpStream::connect(&host)?);
    api.get_ref().set_nodelay(true)?;
    loop {
        write!(api.get_mut(), "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
        let id = read(&mut api)?;
        let length = ANSWER.len();
        let post = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{ANSWER}"
        );
        api.get_mut().write_all(post.as_bytes())?;
        read(&mut api)?;
    }
}

/// Reads one answer to its end, and gives the id of the request that it brings, if it brings one.
fn read(api: &mut impl BufRead) -> io::Result<String> {
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if api.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().map_err(io::Error::other)?;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") => id = value.to_owned(),
            Some(_) => {}
            None if line == "\r\n" => break,
            None => {}
        }
    }
    io::copy(&mut api.take(length), &mut io::sink())?;
    Ok(id)
}
