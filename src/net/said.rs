//! What is said of a connection, whoever is at its other end: the log server, the model and the LAPI say the same of
//! the same trouble, and each adds what to do about it. Texts have to be made visible before they come in here.

crate::text::sentences! {
    no_answer(url: &str, cause: &str, advice: &str) {
        en: "{url} does not answer: {cause}. {advice}",
        ko: "{url} 응답 없음: {cause}. {advice}",
    }
    not_theirs(url: &str, whose: &str, message: &str, advice: &str) {
        en: "{url} gave an answer that is not {whose}'s: {message}. {advice}",
        ko: "{url} {whose}의 응답이 아닙니다: {message}. {advice}",
    }
}
