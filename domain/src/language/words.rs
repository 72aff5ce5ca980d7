//! The few words that Kairan itself says in each language.

use super::Language;

impl Language {
    /// The language in itself, for residents.
    pub fn label(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::Easy => "やさしい日本語",
            Self::English => "English",
            Self::ChineseSimplified => "中文（简体）",
            Self::ChineseTraditional => "中文（繁體）",
            Self::Korean => "한국어",
            Self::Vietnamese => "Tiếng Việt",
            Self::Portuguese => "Português",
            Self::Spanish => "Español",
            Self::Filipino => "Filipino",
            Self::Nepali => "नेपाली",
            Self::Indonesian => "Bahasa Indonesia",
        }
    }

    /// The language in Japanese, for staff.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::Easy => "やさしい日本語",
            Self::English => "英語",
            Self::ChineseSimplified => "中国語（簡体字）",
            Self::ChineseTraditional => "中国語（繁体字）",
            Self::Korean => "韓国語",
            Self::Vietnamese => "ベトナム語",
            Self::Portuguese => "ポルトガル語",
            Self::Spanish => "スペイン語",
            Self::Filipino => "フィリピン語",
            Self::Nepali => "ネパール語",
            Self::Indonesian => "インドネシア語",
        }
    }

    /// The mark of a drill.
    pub(super) fn drill(self) -> &'static str {
        match self {
            Self::Japanese => "【訓練】",
            Self::Easy => "【訓練（くんれん）】",
            Self::English => "【DRILL】",
            Self::ChineseSimplified => "【演练】",
            Self::ChineseTraditional => "【演練】",
            Self::Korean => "【훈련】",
            Self::Vietnamese => "【DIỄN TẬP】",
            Self::Portuguese => "【SIMULADO】",
            Self::Spanish => "【SIMULACRO】",
            Self::Filipino => "【PAGSASANAY】",
            Self::Nepali => "【अभ्यास】",
            Self::Indonesian => "【LATIHAN】",
        }
    }

    /// The mark of a test.
    pub(super) fn test(self) -> &'static str {
        match self {
            Self::Japanese => "【試験】",
            Self::Easy => "【試験（しけん）】",
            Self::English => "【TEST】",
            Self::ChineseSimplified => "【测试】",
            Self::ChineseTraditional => "【測試】",
            Self::Korean => "【시험】",
            Self::Vietnamese => "【THỬ NGHIỆM】",
            Self::Portuguese => "【TESTE】",
            Self::Spanish => "【PRUEBA】",
            Self::Filipino => "【PAGSUBOK】",
            Self::Nepali => "【परीक्षण】",
            Self::Indonesian => "【UJI COBA】",
        }
    }

    /// What is said before pictures and videos of a drill or a test. The base names them; the
    /// others say 「what follows」, which holds for one and for several.
    pub(super) fn before_pictures(self, drill: bool, what: &str) -> String {
        let words = match (self, drill) {
            (Self::Japanese, _) => {
                let word = if drill { "訓練" } else { "試験" };
                return format!("次の{what}は、{word}のものです");
            }
            (Self::Easy, true) => "次（つぎ）に 届（とど）くものは、訓練（くんれん）です",
            (Self::Easy, false) => "次（つぎ）に 届（とど）くものは、試験（しけん）です",
            (Self::English, true) => "What is shown below is part of a drill.",
            (Self::English, false) => "What is shown below is part of a test.",
            (Self::ChineseSimplified, true) => "以下内容仅用于演练。",
            (Self::ChineseSimplified, false) => "以下内容仅用于测试。",
            (Self::ChineseTraditional, true) => "以下內容僅用於演練。",
            (Self::ChineseTraditional, false) => "以下內容僅用於測試。",
            (Self::Korean, true) => "다음 내용은 훈련용입니다.",
            (Self::Korean, false) => "다음 내용은 시험용입니다.",
            (Self::Vietnamese, true) => "Nội dung sau đây chỉ dùng cho diễn tập.",
            (Self::Vietnamese, false) => "Nội dung sau đây chỉ dùng để thử nghiệm.",
            (Self::Portuguese, true) => "O que segue abaixo faz parte de um simulado.",
            (Self::Portuguese, false) => "O que segue abaixo faz parte de um teste.",
            (Self::Spanish, true) => "Lo que sigue es parte de un simulacro.",
            (Self::Spanish, false) => "Lo que sigue es parte de una prueba.",
            (Self::Filipino, true) => "Ang susunod ay para sa pagsasanay.",
            (Self::Filipino, false) => "Ang susunod ay para sa pagsubok.",
            (Self::Nepali, true) => "तलको सामग्री अभ्यासका लागि हो।",
            (Self::Nepali, false) => "तलको सामग्री परीक्षणका लागि हो।",
            (Self::Indonesian, true) => "Konten berikut hanya untuk latihan.",
            (Self::Indonesian, false) => "Konten berikut hanya untuk uji coba.",
        };
        words.to_owned()
    }

    /// What whoever got a wrong delivery is told where nobody wrote other words: written
    /// beforehand, since nobody should have to find them then.
    pub fn correction(self) -> &'static str {
        match self {
            Self::Japanese => {
                "【訂正】さきほどお届けしたお知らせに、まちがいがありました。取り消します。\n\nご迷惑をおかけしました。正しい内容は、あらためてお届けします。"
            }
            Self::Easy => {
                "【訂正（ていせい）】さっきの お知らせは、まちがいでした。\n\nすみません。正（ただ）しい お知らせを、あとで 送（おく）ります。"
            }
            Self::English => {
                "【Correction】The message we sent you earlier was wrong. Please disregard it.\n\nWe are sorry for the trouble. We will send the correct information again."
            }
            Self::ChineseSimplified => {
                "【更正】刚才发送的通知有误，现予以取消。\n\n给您带来不便，深表歉意。正确的内容将另行通知。"
            }
            Self::ChineseTraditional => {
                "【更正】剛才發送的通知有誤，現予以取消。\n\n造成您的不便，深感抱歉。正確的內容將另行通知。"
            }
            Self::Korean => {
                "【정정】조금 전에 보내 드린 안내에 잘못이 있어 취소합니다.\n\n불편을 드려 죄송합니다. 올바른 내용은 다시 보내 드리겠습니다."
            }
            Self::Vietnamese => {
                "【Đính chính】Thông báo chúng tôi vừa gửi có sai sót. Xin vui lòng bỏ qua thông báo đó.\n\nChúng tôi xin lỗi vì sự bất tiện này. Nội dung đúng sẽ được gửi lại sau."
            }
            Self::Portuguese => {
                "【Correção】O aviso que enviamos há pouco estava errado. Por favor, desconsidere-o.\n\nPedimos desculpas pelo transtorno. Enviaremos novamente a informação correta."
            }
            Self::Spanish => {
                "【Corrección】El aviso que enviamos hace poco era erróneo. Por favor, no lo tenga en cuenta.\n\nDisculpe las molestias. Volveremos a enviar la información correcta."
            }
            Self::Filipino => {
                "【Pagwawasto】Mali ang abisong ipinadala namin kanina. Huwag po itong pansinin.\n\nPaumanhin po sa abala. Ipapadala naming muli ang tamang impormasyon."
            }
            Self::Nepali => {
                "【सच्याइएको】हामीले अघि पठाएको सूचना गलत थियो। कृपया त्यसलाई बेवास्ता गर्नुहोस्।\n\nअसुविधाका लागि माफी चाहन्छौं। सही जानकारी फेरि पठाउनेछौं।"
            }
            Self::Indonesian => {
                "【Koreksi】Pemberitahuan yang kami kirim tadi salah. Mohon abaikan.\n\nKami mohon maaf atas ketidaknyamanan ini. Informasi yang benar akan kami kirim kembali."
            }
        }
    }
}
