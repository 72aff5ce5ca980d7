//! Rich menus.

use super::*;
use crate::rich_menu::{Alias, Batch, BulkLink, BulkUnlink, Operation, Phase, RemoveAll, RichMenu};

const MENU: &str = "richmenu-88c05ef6921ae53f8b58a25f3a65faf7";

fn none() -> Answer {
    Answer::Is(404, REQUEST, json!({"message": "Not found"}))
}

fn empty() -> Answer {
    Answer::Is(200, REQUEST, json!({}))
}

#[tokio::test]
async fn calls_go_to_their_addresses() {
    let id = || Answer::Is(200, REQUEST, json!({"richMenuId": MENU}));
    let alias = json!({"richMenuAliasId": "a", "richMenuId": MENU});
    let (line, client) = Line::start([
        id(),
        empty(),
        empty(),
        id(),
        empty(),
        empty(),
        Answer::Is(200, REQUEST, json!({"aliases": [alias]})),
        empty(),
        id(),
        empty(),
        Answer::Is(202, REQUEST, json!({})),
        Answer::Is(202, REQUEST, json!({})),
        Answer::Is(202, REQUEST, json!({})),
        Answer::Is(
            200,
            REQUEST,
            json!({"phase": "ongoing", "acceptedTime": "2026-11-20T03:00:00.000Z"}),
        ),
        Answer::Is(200, REQUEST, json!({"richMenuId": MENU})),
        Answer::Is(200, REQUEST, json!({"richmenus": []})),
    ])
    .await;
    let user: UserId = ID.parse().unwrap();
    let alias = Alias { alias: "a".into(), menu: MENU.into() };
    assert_eq!(client.create_rich_menu(&RichMenu::default()).await.unwrap().value, MENU);
    client.set_rich_menu_picture(MENU, Picture::Png, vec![1, 2, 3]).await.unwrap();
    client.set_default_rich_menu(MENU).await.unwrap();
    assert_eq!(client.default_rich_menu().await.unwrap().value.as_deref(), Some(MENU));
    client.create_rich_menu_alias(&alias).await.unwrap();
    client.update_rich_menu_alias(&alias).await.unwrap();
    assert_eq!(client.rich_menu_aliases().await.unwrap().value, [alias]);
    client.link_rich_menu(user, MENU).await.unwrap();
    assert_eq!(client.rich_menu_of(user).await.unwrap().value.as_deref(), Some(MENU));
    client.unlink_rich_menu(user).await.unwrap();
    let bulk = BulkLink { rich_menu_id: MENU.into(), user_ids: vec![user] };
    client.link_rich_menu_to_many(&bulk).await.unwrap();
    client.unlink_rich_menu_from_many(&BulkUnlink { user_ids: vec![user] }).await.unwrap();
    let batch = Batch {
        operations: vec![Operation::UnlinkAll(RemoveAll::default())],
        resume_request_key: Some("k-1".into()),
    };
    let accepted = client.rich_menu_batch(&batch).await.unwrap();
    let request = accepted.request_id.unwrap();
    let progress = client.rich_menu_batch_progress(&request).await.unwrap().value.unwrap();
    assert_eq!(progress.phase, Phase::Ongoing);
    let figures = client.rich_menu_summary(MENU, "20261101", "20261120").await.unwrap();
    assert_eq!(figures.value.unwrap().impression, None);
    assert!(client.rich_menus().await.unwrap().value.is_empty());

    let calls = line.calls();
    let seen: Vec<String> =
        calls.iter().map(|call| format!("{} {}", call.method, call.path)).collect();
    assert_eq!(
        seen,
        [
            "POST /v2/bot/richmenu".to_owned(),
            format!("POST /v2/bot/richmenu/{MENU}/content"),
            format!("POST /v2/bot/user/all/richmenu/{MENU}"),
            "GET /v2/bot/user/all/richmenu".to_owned(),
            "POST /v2/bot/richmenu/alias".to_owned(),
            "POST /v2/bot/richmenu/alias/a".to_owned(),
            "GET /v2/bot/richmenu/alias/list".to_owned(),
            format!("POST /v2/bot/user/{ID}/richmenu/{MENU}"),
            format!("GET /v2/bot/user/{ID}/richmenu"),
            format!("DELETE /v2/bot/user/{ID}/richmenu"),
            "POST /v2/bot/richmenu/bulk/link".to_owned(),
            "POST /v2/bot/richmenu/bulk/unlink".to_owned(),
            "POST /v2/bot/richmenu/batch".to_owned(),
            "GET /v2/bot/richmenu/progress/batch?requestId=r-1".to_owned(),
            format!("GET /v2/bot/insight/richmenu/{MENU}/summary?from=20261101&to=20261120"),
            "GET /v2/bot/richmenu/list".to_owned(),
        ]
    );
    assert_eq!(calls[1].header("content-type"), Some("image/png"));
    assert_eq!(calls[1].body, [1, 2, 3].as_slice());
    assert_eq!(calls[2].header("content-length"), Some("0"));
    let body = |n: usize| serde_json::from_slice::<Value>(&calls[n].body).unwrap();
    assert_eq!(body(5), json!({"richMenuId": MENU}));
    assert_eq!(body(10), json!({"richMenuId": MENU, "userIds": [ID]}));
    let sent = json!({"operations": [{"type": "unlinkAll"}], "resumeRequestKey": "k-1"});
    assert_eq!(body(12), sent);
}

#[tokio::test]
async fn what_is_not_there_is_nothing() {
    let (_, client) = Line::start((0..9).map(|_| none())).await;
    let user: UserId = ID.parse().unwrap();
    assert_eq!(client.rich_menu(MENU).await.unwrap().value, None);
    assert_eq!(client.rich_menu_picture(MENU).await.unwrap().value, None);
    assert!(!client.delete_rich_menu(MENU).await.unwrap().value);
    assert_eq!(client.default_rich_menu().await.unwrap().value, None);
    assert_eq!(client.rich_menu_alias("a").await.unwrap().value, None);
    assert!(!client.delete_rich_menu_alias("a").await.unwrap().value);
    assert_eq!(client.rich_menu_of(user).await.unwrap().value, None);
    assert_eq!(client.rich_menu_batch_progress("r").await.unwrap().value, None);
    assert_eq!(client.rich_menu_daily(MENU, "20261101", "20261102").await.unwrap().value, None);
}

#[tokio::test]
async fn lines_findings_and_refusals() {
    let missing = json!({"message": "The request body has 1 error(s)",
        "details": [{"message": "must be specified", "property": "name"}]});
    let gone = json!({"message": "The request body has 1 error(s)",
        "details": [{"message": "Richmenu (r) is not found", "property": "operations[0].to"}]});
    let bytes = vec![0xff_u8; 3];
    let (line, client) = Line::start([
        Answer::Is(400, REQUEST, missing),
        Answer::Is(404, REQUEST, gone),
        empty(),
        Answer::Is(
            400,
            REQUEST,
            json!({"message": "An image has already been uploaded to the richmenu"}),
        ),
        Answer::Raw(200, bytes.clone()),
    ])
    .await;
    let found = client.check_rich_menu(&RichMenu::default()).await.unwrap().value;
    assert_eq!(found[0].property, "name");
    let found = client.check_rich_menu_batch(&Batch::default()).await.unwrap().value;
    assert_eq!(found[0].property, "operations[0].to");
    assert!(client.check_rich_menu_batch(&Batch::default()).await.unwrap().value.is_empty());
    let twice = client.set_rich_menu_picture(MENU, Picture::Jpeg, vec![1]).await.unwrap_err();
    assert_eq!(twice.status(), Some(400));
    assert!(twice.outcome_known() && !twice.retry_same_key());
    assert_eq!(client.rich_menu_picture(MENU).await.unwrap().value, Some(bytes));
    // What would become another address never leaves.
    let before = line.calls().len();
    for id in ["", "a/b", "..", "a?b", "é"] {
        assert!(matches!(client.rich_menu(id).await, Err(Error::NotSent(_))), "{id}");
        assert!(matches!(client.delete_rich_menu_alias(id).await, Err(Error::NotSent(_))));
    }
    assert_eq!(line.calls().len(), before);
}
