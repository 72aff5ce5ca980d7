//! Postcodes are looked up in Japan Post's KEN_ALL.CSV as it is published: Shift_JIS, half-width
//! readings, a long name over several lines.

use crate::line::platform_with;
use crate::support::both;
use services::postcode::{is_there, look};

const ROWS: &str = "01101,\"060  \",\"0600000\",\"ﾎｯｶｲﾄﾞｳ\",\"ｻｯﾎﾟﾛｼﾁｭｳｵｳｸ\",\"ｲｶﾆｹｲｻｲｶﾞﾅｲﾊﾞｱｲ\",\"北海道\",\"札幌市中央区\",\"以下に掲載がない場合\",0,0,0,0,0,0\r\n\
    01101,\"064  \",\"0640941\",\"ﾎｯｶｲﾄﾞｳ\",\"ｻｯﾎﾟﾛｼﾁｭｳｵｳｸ\",\"ｱｻﾋｶﾞｵｶ\",\"北海道\",\"札幌市中央区\",\"旭ケ丘\",0,0,1,0,0,0\r\n\
    03302,\"02851\",\"0285102\",\"ｲﾜﾃｹﾝ\",\"ｲﾜﾃｸﾞﾝｸｽﾞﾏｷﾏﾁ\",\"ｸｽﾞﾏｷ(ﾀﾞｲ40\",\"岩手県\",\"岩手郡葛巻町\",\"葛巻（第４０地割「５７番地\",1,1,0,0,0,0\r\n\
    03302,\"02851\",\"0285102\",\"ｲﾜﾃｹﾝ\",\"ｲﾜﾃｸﾞﾝｸｽﾞﾏｷﾏﾁ\",\"125-ﾀﾞｲ45)\",\"岩手県\",\"岩手郡葛巻町\",\"１２５」～第４５地割）\",1,1,0,0,0,0\r\n\
    37403,\"766  \",\"7660001\",\"ｶｶﾞﾜｹﾝ\",\"ﾅｶﾀﾄﾞｸﾞﾝｺﾄﾋﾗﾁｮｳ\",\"ｺﾄﾋﾗﾁｮｳﾉﾂｷﾞﾆ1-426ﾊﾞﾝﾁｶﾞｸﾙﾊﾞｱｲ(ｶﾜﾋｶﾞｼ)\",\"香川県\",\"仲多度郡琴平町\",\"琴平町の次に１～４２６番地がくる場合（川東）\",0,0,0,0,0,0\r\n";

#[test]
fn a_postcode_is_found_in_the_file_as_it_is_published() {
    both(async |t| {
        let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(ROWS);
        assert!(!lost && std::str::from_utf8(&bytes).is_err(), "it is no UTF-8");
        let path = t.dir.path().join("KEN_ALL.CSV");
        std::fs::write(&path, &bytes).unwrap();
        let platform = platform_with(&t, "http://127.0.0.1:9", |s| s.postcode_file = Some(path));
        assert!(is_there(&platform));
        for (digits, city, town) in [
            ("0600000", "札幌市中央区", ""),
            ("0640941", "札幌市中央区", "旭ケ丘"),
            ("0285102", "岩手郡葛巻町", "葛巻"),
            ("7660001", "仲多度郡琴平町", ""),
        ] {
            let area = look(&platform, digits).await.unwrap();
            assert_eq!((area.city.as_str(), area.town.as_str()), (city, town), "{digits}");
        }
        assert_eq!(look(&platform, "0640941").await.unwrap().prefecture, "北海道");
        assert_eq!(look(&platform, "9999999").await, None);
    });
}
