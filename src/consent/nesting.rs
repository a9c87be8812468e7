//! How deep a policy text nests, before Cedar reads it: what Cedar builds of it is walked by functions that call themselves,
//! and a text that is deep enough ends the process instead of being refused. Knows brackets, strings and comments; whether
//! the text is a policy is Cedar's to say.

/// Brackets, and `if` within `if`, one inside the other.
const DEEPEST: usize = 64;

/// Operators in one row, between the same brackets: they nest as well, in what Cedar builds of them. Past some thousands its
/// validator runs out of room and says nothing, and a policy that nobody checked would pass for a checked one.
const LONGEST: usize = 256;

/// What is wrong, in words.
pub(super) fn fault(text: &str) -> Option<String> {
    let mut open = vec![Level::default()];
    for token in tokens(text) {
        match (token, open.last_mut()) {
            (Token::Open, _) => open.push(Level::default()),
            (Token::Close, _) => {
                // More closed than opened is Cedar's to refuse.
                if open.len() > 1 {
                    open.pop();
                }
            }
            (Token::Separator, Some(level)) => *level = Level::default(),
            (Token::If, Some(level)) => level.ifs += 1,
            (Token::Link, Some(level)) => level.links += 1,
            (_, None) => {}
        }
        if open.len() - 1 + open.iter().map(|level| level.ifs).sum::<usize>() > DEEPEST {
            return Some(format!(
                "it nests deeper than {DEEPEST} levels of brackets and if/then/else: write it as several policies"
            ));
        }
        if open.last().is_some_and(|level| level.links > LONGEST) {
            return Some(format!(
                "it has more than {LONGEST} conditions or operators in one row: write several policies"
            ));
        }
    }
    None
}

/// Between two brackets.
#[derive(Default)]
struct Level {
    ifs: usize,
    links: usize,
}

#[derive(Clone, Copy)]
enum Token {
    Open,
    Close,
    /// What ends an expression without a bracket.
    Separator,
    If,
    Link,
}

fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, c) = rest.next()?;
            let token = match c {
                '(' | '[' | '{' => Token::Open,
                ')' | ']' | '}' => Token::Close,
                ',' | ';' => Token::Separator,
                '/' if rest.next_if(|(_, next)| *next == '/').is_some() => {
                    while rest.next_if(|(_, next)| *next != '\n').is_some() {}
                    continue;
                }
                '"' => {
                    while let Some((_, inside)) = rest.next() {
                        match inside {
                            '"' => break,
                            '\\' => drop(rest.next()),
                            _ => {}
                        }
                    }
                    continue;
                }
                '&' | '|' | '+' | '-' | '*' | '.' | '!' | ':' | '=' | '<' | '>' => Token::Link,
                _ if c.is_alphabetic() || c == '_' => {
                    while rest.next_if(|(_, next)| next.is_alphanumeric() || *next == '_').is_some() {}
                    let end = rest.peek().map_or(text.len(), |(place, _)| *place);
                    match text.get(start..end) {
                        Some("if") => Token::If,
                        Some("when" | "unless") => Token::Link,
                        _ => continue,
                    }
                }
                _ => continue,
            };
            return Some(token);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn what_nests_too_deep_is_found_whatever_it_nests_with() {
        for (open, close) in
            [("(", ")"), ("[", "]"), ("{a: ", "}"), ("if true then ", " else false"), ("if a then b else ", "")]
        {
            let text = |times: usize| format!("when {{ {}true{} }};", open.repeat(times), close.repeat(times));
            assert!(fault(&text(62)).is_none(), "{open}");
            assert!(fault(&text(65)).is_some_and(|text| text.contains("deeper than 64")), "{open}");
        }
        assert!(fault(&format!("true{}", " && true".repeat(1001))).is_some_and(|text| text.contains("in one row")));
        assert!(fault(&"when { true } ".repeat(1001)).is_some());
    }

    #[test]
    fn what_only_looks_deep_is_let_through() {
        for text in [
            format!("\"{}\"", "(".repeat(100)),
            format!("\"\\\"{}\"", "(".repeat(100)),
            format!("// {}\ntrue", "(".repeat(100)),
            "(a), [b], {c} ".repeat(100),
            "if a then b else c, ".repeat(100),
            "iffy ifs ".repeat(100),
        ] {
            assert_eq!(fault(&text), None, "{text}");
        }
    }
}
