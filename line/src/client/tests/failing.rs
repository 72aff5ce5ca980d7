//! What goes wrong, and what is known of it then.

use super::*;
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn a_401_is_tried_once_more_with_a_new_token() {
    let refused = || Answer::Is(401, REQUEST, json!({"message": "Authentication failed"}));
    let (line, client) =
        Line::start([refused(), Answer::Is(200, &[], json!({})), refused(), refused()]).await;
    client.multicast(&multicast(), KEY).await.unwrap();
    let calls = line.calls();
    assert_eq!(calls[1].header("authorization"), Some("Bearer token-2"));
    assert_eq!(calls[1].header("x-line-retry-key"), Some(KEY));
    assert_eq!(calls[0].body, calls[1].body);

    let error = client.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }));
    assert_eq!(error.request_id(), Some("r-1"));
    assert!(error.outcome_known() && !error.retry_same_key());
    assert_eq!(line.calls().len(), 4);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (line, patient) = Line::start([]).await;
    let hasty = client(&line.url, Duration::from_millis(200));
    let oauth = json!({"error": "invalid_client", "error_description": "no"});
    line.token_answers.lock().unwrap().extend([
        Answer::Is(400, &[], oauth),
        Answer::Is(503, &[], json!({})),
        Answer::Never,
    ]);
    let wrong = patient.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(&wrong, Error::Token(cause) if matches!(**cause, Error::Unauthorized { .. })));
    assert!(wrong.outcome_known() && !wrong.retry_same_key());
    for client in [&patient, &hasty] {
        let away = client.multicast(&multicast(), KEY).await.unwrap_err();
        assert!(matches!(away, Error::Token(_)));
        assert!(away.outcome_known() && away.retry_same_key());
    }
    assert!(line.calls().is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let details = json!({"message": "The request body has 1 error(s)",
        "details": [{"message": "Invalid user id", "property": "to[0]"}]});
    let rate = json!({"message": "The API rate limit has been exceeded. Try again later."});
    let quota = json!({"message": "You have reached your monthly limit."});
    let (_, client) = Line::start([
        Answer::Is(400, REQUEST, details),
        Answer::Is(429, REQUEST, rate),
        Answer::Is(429, REQUEST, quota),
        Answer::Is(500, REQUEST, json!({})),
        Answer::Raw(403, b"<html>".to_vec()),
        Answer::Raw(400, vec![b'x'; 1024 * 1024]),
    ])
    .await;
    let next = async || client.multicast(&multicast(), KEY).await.unwrap_err();

    let error = next().await;
    assert!(matches!(&error, Error::Refused { status: 400, body, .. }
        if body.refused_recipients() == [0]));
    assert!(error.outcome_known() && !error.retry_same_key());
    let error = next().await;
    assert!(matches!(error, Error::RateLimited { .. }));
    assert!(error.outcome_known() && error.retry_same_key());
    let error = next().await;
    assert!(matches!(error, Error::QuotaReached { .. }));
    assert!(error.outcome_known() && !error.retry_same_key());
    let error = next().await;
    assert!(matches!(error, Error::Unavailable { status: 500, .. }));
    assert!(!error.outcome_known() && error.retry_same_key());
    assert_eq!(error.request_id(), Some("r-1"));
    for status in [403, 400] {
        let error = next().await;
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.body().unwrap().message, "");
    }
}

#[tokio::test]
async fn silence_and_a_broken_connection_leave_the_outcome_open() {
    let (line, mut hasty) = Line::start([Answer::Never]).await;
    hasty.tokens.get(&hasty.http).await.unwrap();
    hasty.http = client(&line.url, Duration::from_millis(200)).http;
    let error = hasty.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(error, Error::Timeout), "{error:?}");
    assert!(!error.outcome_known() && error.retry_same_key());

    // A server that issues a token, then reads a request and hangs up.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (_, mut broken) = Line::start([]).await;
    broken.base.api = url;
    let hang_up = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut some = [0; 16];
        socket.read_exact(&mut some).await.unwrap();
    });
    let error = broken.multicast(&multicast(), KEY).await.unwrap_err();
    hang_up.await.unwrap();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert!(!error.outcome_known() && error.retry_same_key());

    // Nobody listens there any more: the request never left.
    let error = broken.multicast(&multicast(), KEY).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error:?}");
    assert!(error.outcome_known() && error.retry_same_key());
}

#[tokio::test]
async fn errors_show_neither_ids_nor_words() {
    let body = json!({"message": format!("The user {ID} is unknown")});
    let (_, mut client) = Line::start([Answer::Is(400, &[], body)]).await;
    let refused = client.multicast(&multicast(), KEY).await.unwrap_err();
    client.base.api = "http://127.0.0.1:1".to_owned();
    let not_sent = client.profile(ID.parse().unwrap()).await.unwrap_err();
    for error in [refused, not_sent] {
        for shown in [format!("{error:?}"), format!("{error}")] {
            assert!(!shown.contains(&ID[1..]), "{shown}");
            assert!(!shown.contains("避難"), "{shown}");
        }
    }
}
