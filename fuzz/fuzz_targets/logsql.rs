#![no_main]

use gatewatch::logsql;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let parse = logsql::parse(text);
    // Tokens have no gaps: a text is never changed by looking at it.
    let tokens: String = parse.tokens.iter().map(|token| &text[token.span.clone()]).collect();
    assert_eq!(tokens, text);
    for diagnostic in &parse.diagnostics {
        assert!(text.get(diagnostic.span.clone()).is_some(), "{diagnostic:?}");
    }
    if let Ok(query) = parse.query() {
        // Printing is a fixed point of parsing.
        let printed = query.to_string();
        assert_eq!(logsql::format(&printed).as_deref(), Ok(printed.as_str()));
    }
});
