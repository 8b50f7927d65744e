//! Deleting goes on until nothing is left.

use crate::{
    backend::{Backend, chat_debug, chat_of, ran, turn},
    canned::{CannedServer, ID, answer},
};
use client::{Client, Error, replay::record};
use local::issuer::TokenRole;

fn some_left() -> String {
    answer(202, "", r#"{"complete":false}"#)
}

fn done() -> String {
    answer(204, "", "")
}

#[tokio::test]
async fn a_chat_and_a_run_are_deleted() {
    let backend = Backend::new().await;
    let turns = [turn("one", &["hello"]), turn("two", &["hello"])];
    for turn in &turns {
        record(&backend.recorder(), turn).await.unwrap();
    }
    let (chat, run) = (turns[0].chat, turns[0].run.id.unwrap());
    backend.alice().delete_debug_run(chat, run, |_| panic!("it is small")).await.unwrap();
    assert_eq!(backend.alice().get_debug_run(chat, run).await.unwrap_err().status(), Some(404));
    let out = backend.printed(&["delete", "chat", &turns[1].chat.to_string(), "--yes"]).await;
    assert!(out.contains("is deleted, for ever"), "{out}");
    let again = backend.ran(TokenRole::User, &["runs", &turns[1].chat.to_string()]).await;
    assert_eq!(again.code, Some(3), "{again:?}");
}

/// Only a chat of many megabytes takes the service several calls.
#[tokio::test]
async fn what_one_call_leaves_the_next_one_deletes() {
    let server = CannedServer::answering([some_left(), some_left(), done(), some_left(), done()]);
    let client = Client::new(&server.url, "s3cret").unwrap();
    let mut told = Vec::new();
    client.delete_chat(chat_of("s"), |calls| told.push(calls)).await.unwrap();
    assert_eq!((told, server.requests().len()), (vec![1, 2], 3));
    let ran = ran({
        let mut command = chat_debug(&server.url, "s3cret");
        command.args(["delete", "run", ID, ID, "--yes"]);
        command
    })
    .await;
    assert_eq!((ran.code, server.requests().len()), (Some(0), 2), "{ran:?}");
    assert!(ran.err.contains("going on (1)") && ran.out.contains("is deleted, for ever"), "{ran:?}");
}

#[tokio::test]
async fn a_deletion_that_never_ends_is_given_up_and_says_what_is_left() {
    let server = CannedServer::answering(vec![some_left(); 300]);
    let error = Client::new(&server.url, "s3cret").unwrap().delete_chat(chat_of("s"), |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Undeleted { calls: 100, .. }) && error.is_unavailable(), "{error:?}");
    assert_eq!(server.requests().len(), 100);
    let mut command = chat_debug(&server.url, "s3cret");
    command.args(["delete", "chat", ID, "--yes"]);
    let ran = ran(command).await;
    assert_eq!(ran.code, Some(5), "the same command may succeed later");
    assert!(ran.out.is_empty() && ran.err.contains("Delete it again"), "{ran:?}");
}

#[tokio::test]
async fn a_deletion_that_fails_in_the_middle_says_that_the_rest_is_left() {
    let server = CannedServer::answering([some_left(), answer(500, "", r#"{"message":"Internal Server Error"}"#)]);
    let mut command = chat_debug(&server.url, "s3cret");
    command.args(["delete", "chat", ID, "--yes"]);
    let ran = ran(command).await;
    assert!(ran.code == Some(1) && ran.err.contains("The rest is left"), "{ran:?}");
}

#[tokio::test]
async fn nothing_is_deleted_unasked() {
    let backend = Backend::new().await;
    for arguments in [&["delete", "chat", ID][..], &["delete", "run", ID, ID]] {
        let ran = backend.ran(TokenRole::User, arguments).await;
        assert!(ran.code == Some(2) && ran.err.contains("--yes"), "{ran:?}");
    }
    assert!(backend.asked().is_empty());
}
