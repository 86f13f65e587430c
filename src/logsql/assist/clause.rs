//! The words that steer a pipe or join filters, and what each does: what completion and hover say of a word that is no
//! construct of its own.

use crate::text::Lang;

/// A word and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clause {
    /// The word.
    pub word: &'static str,
    en: &'static str,
    ko: &'static str,
}

impl Clause {
    /// The clause of this word, in any case.
    pub fn find(word: &str) -> Option<&'static Self> {
        CLAUSES.iter().find(|clause| clause.word.eq_ignore_ascii_case(word))
    }

    /// What it does.
    pub const fn summary(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }
}

macro_rules! clauses {
    ($($word:literal { en: $en:literal, ko: $ko:literal })*) => {
        /// All of them, by word.
        pub const CLAUSES: &[Clause] = &[$(Clause { word: $word, en: $en, ko: $ko },)*];
    };
}

clauses! {
    "abs" { en: "The value without its sign.", ko: "절댓값." }
    "after" { en: "So many rows after each match.", ko: "일치한 행 뒤의 행 수." }
    "and" { en: "Both filters hold; a blank means the same.", ko: "두 필터를 모두 만족. 공백도 같은 뜻." }
    "as" { en: "The name of the result.", ko: "결과의 이름." }
    "asc" { en: "Upwards, as without the word.", ko: "오름차순(기본값)." }
    "at" { en: "The field in which it is done.", ko: "작업할 필드." }
    "before" { en: "So many rows before each match.", ko: "일치한 행 앞의 행 수." }
    "by" { en: "The fields to group or order by.", ko: "묶거나 정렬할 기준 필드." }
    "case" { en: "A case of `switch`, with its filter in brackets.", ko: "`switch`의 한 경우. 괄호 안에 필터." }
    "ceil" { en: "Rounded up.", ko: "올림." }
    "concurrency" { en: "How many threads the server may use.", ko: "서버가 쓸 스레드 수." }
    "day_range" { en: "A time of day, as [08:00, 18:00).", ko: "하루 중 시간대. 예: [08:00, 18:00)" }
    "default" { en: "What counts where the left side is no number.", ko: "왼쪽이 숫자가 아닐 때 쓸 값." }
    "desc" { en: "Downwards.", ko: "내림차순." }
    "drop_duplicates" { en: "Each word once.", ko: "같은 단어는 한 번만." }
    "exp" { en: "e to this power.", ko: "e의 거듭제곱." }
    "fields" { en: "Only these fields.", ko: "이 필드만." }
    "floor" { en: "Rounded down.", ko: "내림." }
    "from" { en: "The field whose text is taken apart.", ko: "분해할 텍스트가 있는 필드." }
    "hits" { en: "How many rows each value has.", ko: "값마다의 행 수." }
    "if" { en: "Only for rows that match the filter in brackets.", ko: "괄호 안의 필터에 맞는 행에만." }
    "ignore_global_time_filter" { en: "The range of the request does not count.", ko: "요청의 시간 범위를 무시." }
    "inner" { en: "Rows without a partner are dropped.", ko: "짝이 없는 행은 버림." }
    "keep_const_fields" { en: "Fields with one value only are shown too.", ko: "값이 하나뿐인 필드도 표시." }
    "keep_original_fields" { en: "A value that is there already stays.", ko: "이미 있는 값은 그대로 둠." }
    "limit" { en: "At most so many.", ko: "최대 개수." }
    "ln" { en: "The natural logarithm.", ko: "자연로그." }
    "max" { en: "The largest of the values.", ko: "가장 큰 값." }
    "max_value_len" { en: "Fields with longer values are left out.", ko: "값이 더 긴 필드는 제외." }
    "max_values_per_field" { en: "Fields with more values are left out.", ko: "값이 더 많은 필드는 제외." }
    "min" { en: "The smallest of the values.", ko: "가장 작은 값." }
    "not" { en: "The filter behind it does not hold; `!` means the same.", ko: "뒤의 필터를 만족하지 않음. `!`와 같음." }
    "not_in" { en: "None of the values.", ko: "어느 값도 아님." }
    "now" { en: "The moment at which the query runs.", ko: "쿼리를 실행하는 시각." }
    "offset" { en: "So many rows are left out, or so much time is shifted.", ko: "건너뛸 행 수 또는 옮길 시간." }
    "on" { en: "The fields to join by, as `by`.", ko: "결합 기준 필드. `by`와 같음." }
    "options" { en: "Options of the query, in front of its filter.", ko: "필터 앞에 두는 쿼리 옵션." }
    "or" { en: "One of the filters holds.", ko: "필터 중 하나를 만족." }
    "partition" { en: "The limit counts for each group of these fields.", ko: "이 필드들의 그룹마다 limit 적용." }
    "prefix" { en: "What is put before the names of the joined fields.", ko: "결합한 필드 이름 앞에 붙일 말." }
    "prettify" { en: "Known shapes get names: <IP4>, <UUID>, <TIME>.", ko: "알려진 형태에 이름을 붙임: <IP4>, <UUID>, <TIME>." }
    "rand" { en: "A number from 0 up to 1.", ko: "0 이상 1 미만의 난수." }
    "rank" { en: "The number of the row in its order.", ko: "정렬 순서에서 행의 번호." }
    "result_prefix" { en: "What is put before the names of the fields.", ko: "필드 이름 앞에 붙일 말." }
    "round" { en: "Rounded, to a step where one is given.", ko: "반올림. 단위를 줄 수 있음." }
    "skip_empty_results" { en: "An empty result changes nothing.", ko: "결과가 비면 값을 바꾸지 않음." }
    "switch" { en: "A result for each case; a row counts in the first that it fits.", ko: "경우마다 결과 하나. 행은 처음 맞는 경우에만 들어감." }
    "time_window" { en: "How far the surrounding rows may lie away.", ko: "주변 행을 찾을 시간 폭." }
    "week_range" { en: "Days of the week, as [Mon, Fri].", ko: "요일 범위. 예: [Mon, Fri]" }
    "with" { en: "`with hits`: how many rows each value has.", ko: "`with hits`: 값마다의 행 수." }
    "xor" { en: "The bits that are set in one of both.", ko: "둘 중 한쪽에만 있는 비트." }
}

#[cfg(test)]
mod tests {
    use super::super::super::registry;
    use super::super::super::token::{Kind, tokens};
    use super::super::super::trace::Expected;
    use super::*;

    #[test]
    fn the_words_are_in_order_and_every_one_says_what_it_does() {
        assert!(CLAUSES.is_sorted_by_key(|clause| clause.word));
        assert!(
            CLAUSES.iter().all(|clause| clause.en.ends_with(['.', ')', ']'][..].as_ref()) && !clause.ko.is_empty())
        );
    }

    #[test]
    fn every_word_that_the_parser_asks_for_is_known() {
        let mut unknown = std::collections::BTreeSet::new();
        for doc in registry::all() {
            for token in tokens(doc.example).iter().filter(|token| token.kind == Kind::Blank) {
                let expected = super::super::traced(&doc.example[..token.span.end]).into_expected();
                for word in expected {
                    let Expected::Word(word) = word else { continue };
                    let plain = word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                    let known = Clause::find(&word).is_some() || registry::find(&word).is_some();
                    let known = known || registry::is_filter_name(&word);
                    if plain && !known {
                        unknown.insert(word);
                    }
                }
            }
        }
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
