use super::*;
use serde_json::json;

const ID: &str = "U8e742f61d673b39c7fff3cecb7536ef0";

#[test]
fn requests_have_lines_names_and_leave_defaults_out() {
    let multicast = MulticastRequest {
        to: vec![ID.parse().unwrap()],
        messages: vec![Message::text("a")],
        notification_disabled: false,
        custom_aggregation_units: Vec::new(),
    };
    let plain = json!({"to": [ID], "messages": [{"type": "text", "text": "a"}]});
    assert_eq!(serde_json::to_value(&multicast).unwrap(), plain);
    assert_eq!(serde_json::from_value::<MulticastRequest>(plain).unwrap(), multicast);

    let quiet = MulticastRequest {
        notification_disabled: true,
        custom_aggregation_units: vec!["d_1".to_owned()],
        ..multicast
    };
    let wire = serde_json::to_value(&quiet).unwrap();
    assert_eq!(wire["notificationDisabled"], true);
    assert_eq!(wire["customAggregationUnits"], json!(["d_1"]));
}

#[test]
fn answers_are_read_leniently() {
    let quota: Quota = serde_json::from_value(json!({"type": "generous", "new": 1})).unwrap();
    assert_eq!(quota.kind, QuotaKind::Other);
    let quota: Quota = serde_json::from_value(json!({"type": "limited", "value": 200})).unwrap();
    assert_eq!((quota.kind, quota.value), (QuotaKind::Limited, Some(200)));
    let count: DeliveryCount =
        serde_json::from_value(json!({"status": "unavailable_for_privacy"})).unwrap();
    assert_eq!((count.status, count.success), (CountStatus::Other, None));
    let insight: AggregationInsight = serde_json::from_value(json!({
        "overview": {"uniqueImpression": null, "uniqueClick": 21, "uniqueMediaPlayed100Percent": 20},
        "messages": [{"seq": 1, "impression": 30, "mediaPlayed25Percent": null}],
        "clicks": [{"seq": 1, "url": "https://example.com", "click": null}]
    }))
    .unwrap();
    assert_eq!(insight.overview.unique_impression, None);
    assert_eq!(insight.overview.unique_click, Some(21));
    assert_eq!(insight.overview.unique_media_played_100_percent, Some(20));
    assert_eq!(insight.messages[0].impression, Some(30));
    let error: ErrorBody = serde_json::from_value(json!({"message": "no"})).unwrap();
    assert!(error.details.is_empty());
}

#[test]
fn refused_recipients_are_found() {
    let body: ErrorBody = serde_json::from_value(json!({"message": "m", "details": [
        {"message": "invalid", "property": "to[3]"},
        {"message": "invalid", "property": "messages[0].text"},
        {"message": "invalid", "property": "to[41]"},
        {"message": "no property"}]}))
    .unwrap();
    assert_eq!(body.refused_recipients(), [3, 41]);
}

#[test]
fn debug_tells_nothing_personal_or_secret() {
    let body = ErrorBody::new(format!("The user {ID} is unknown"));
    assert_eq!(format!("{body:?}"), "ErrorBody(\"The user U… is unknown\")");
    let profile: Profile =
        serde_json::from_value(json!({"userId": ID, "displayName": "山田"})).unwrap();
    assert_eq!(format!("{profile:?}"), "Profile { .. }");
    let token = StatelessToken {
        access_token: "secret".to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: 900,
    };
    assert!(!format!("{token:?}").contains("secret"));
    let claims: IdTokenClaims = serde_json::from_value(
        json!({"iss": "i", "sub": ID, "aud": "a", "exp": 9, "name": "山田"}),
    )
    .unwrap();
    assert_eq!(format!("{claims:?}"), "IdTokenClaims { iat: None, exp: 9, .. }");
}
