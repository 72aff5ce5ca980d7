//! Questions, and what residents sent.

use super::*;

#[tokio::test]
async fn validation_gives_lines_findings() {
    let (line, client) = Line::start([
        Answer::Is(200, REQUEST, json!({})),
        Answer::Is(
            400,
            REQUEST,
            json!({"message": "m", "details":
            [{"message": "May not be empty", "property": "messages[0].text"}]}),
        ),
        Answer::Is(400, REQUEST, json!({"message": "Bad"})),
    ])
    .await;
    let messages = [Message::text("")];
    let mut found = Vec::new();
    for _ in 0..3 {
        let reply = client.validate(SendKind::Broadcast, &messages).await;
        found.push(reply.unwrap().value);
    }
    assert!(found[0].is_empty());
    assert_eq!(found[1][0].property, "messages[0].text");
    assert_eq!(found[2][0].message, "Bad");
    assert_eq!(line.calls()[0].path, "/v2/bot/message/validate/broadcast");
}

#[tokio::test]
async fn questions_go_to_their_addresses() {
    let answers = [
        json!({"userId": ID, "displayName": "山田"}),
        json!({"userIds": [ID], "next": "n"}),
        json!({"userIds": []}),
        json!({"type": "none"}),
        json!({"userId": ID, "basicId": "@mihon", "displayName": "みほん市"}),
        json!({"overview": {}, "messages": [], "clicks": []}),
        json!({"overview": {"requestId": "r", "delivered": 320, "uniqueImpression": 82, "uniqueClick": null}}),
        json!({"status": "ready", "success": 7}),
        json!({"status": "ready", "followers": 9}),
    ];
    let (line, client) = Line::start(answers.map(|body| Answer::Is(200, REQUEST, body))).await;
    let user: UserId = ID.parse().unwrap();
    let profile = client.profile(user).await.unwrap();
    assert_eq!(profile.value.unwrap().display_name, "山田");
    assert_eq!(profile.request_id.as_deref(), Some("r-1"));
    let page = client.followers(None, 1000).await.unwrap().value;
    assert_eq!((page.user_ids, page.next), (vec![user], Some("n".to_owned())));
    client.followers(Some("n+/="), 300).await.unwrap();
    client.quota().await.unwrap();
    client.bot_info().await.unwrap();
    client.aggregation_insight("d_1", "20261120", "20261121").await.unwrap();
    let insight = client.message_insight("r-9").await.unwrap().value.overview;
    assert_eq!((insight.unique_impression, insight.unique_click), (Some(82), None));
    let count = client.delivery_count(SendKind::Multicast, "20261120").await;
    assert_eq!(count.unwrap().value.success, Some(7));
    client.insight_followers("20261120").await.unwrap();
    let paths: Vec<String> = line.calls().into_iter().map(|call| call.path).collect();
    assert_eq!(
        paths,
        [
            &format!("/v2/bot/profile/{ID}"),
            "/v2/bot/followers/ids?limit=1000",
            "/v2/bot/followers/ids?limit=300&start=n%2B%2F%3D",
            "/v2/bot/message/quota",
            "/v2/bot/info",
            "/v2/bot/insight/message/event/aggregation?customAggregationUnit=d_1&from=20261120&to=20261121",
            "/v2/bot/insight/message/event?requestId=r-9",
            "/v2/bot/message/delivery/multicast?date=20261120",
            "/v2/bot/insight/followers?date=20261120",
        ]
    );
}

#[tokio::test]
async fn nobody_and_nonsense() {
    let (_, client) = Line::start([
        Answer::Is(404, &[], json!({"message": "Not found"})),
        Answer::Is(200, REQUEST, json!({"displayName": 7})),
        Answer::Raw(200, vec![b'['; 5 * 1024 * 1024]),
    ])
    .await;
    let user: UserId = ID.parse().unwrap();
    assert_eq!(client.profile(user).await.unwrap().value, None);
    for _ in 0..2 {
        let error = client.profile(user).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { status: 200, .. }));
    }
}

#[tokio::test]
async fn content_is_ready_preparing_or_gone() {
    let (line, client) = Line::start([
        Answer::Raw(200, vec![7; 100_000]),
        Answer::Raw(200, vec![7; 100_000]),
        Answer::Is(202, &[], json!({})),
        Answer::Is(410, &[], json!({"message": "Gone"})),
    ])
    .await;
    let mut sizes = Vec::new();
    for max in [100_000, 99_999] {
        match client.content("325708").await.unwrap().value {
            Content::Ready(body) => {
                assert_eq!(body.length, Some(100_000));
                sizes.push(body.bytes(max).await.unwrap().map(|bytes| bytes.len()));
            }
            Content::Preparing => panic!("it is ready"),
        }
    }
    assert_eq!(sizes, [Some(100_000), None]);
    let preparing = client.content("325708").await.unwrap().value;
    assert!(matches!(preparing, Content::Preparing));
    let gone = client.content("325708").await.unwrap_err();
    assert_eq!(gone.status(), Some(410));
    assert_eq!(line.calls()[0].path, "/v2/bot/message/325708/content");
    for bad in ["", "../info", "1/2", "1?x", "%2e%2e"] {
        let error = client.content(bad).await.unwrap_err();
        assert!(matches!(error, Error::NotSent(_)));
    }
    assert_eq!(line.calls().len(), 4);
}
