//! The `div` of a narrative (<https://hl7.org/fhir/R4/narrative.html>): FHIR JSON holds it as text, FHIR XML as markup.
//! Keeps it as it was written. Which XHTML elements are safe is not decided here.

use super::tokens::{Namespace, Tag, Token, Tokens, XHTML, declares_namespace};
use crate::model::{Issue, IssueCode};

/// Reads a div, from behind its start tag to its end, as the text that FHIR JSON holds.
/// A div that stands for itself is kept as written, but for line ends, which XML makes line feeds; one that
/// borrows prefixes from around it is written anew without them.
///
/// # Errors
/// Not well formed, nested too deeply, or not all in the XHTML namespace.
pub(in crate::fhir) fn collect(tokens: &mut Tokens<'_>, div: &Tag<'_>, max_depth: usize) -> Result<String, Issue> {
    if div.namespace != Namespace::Xhtml || div.local() != "div" {
        let text = format!("The narrative must be <div xmlns=\"{XHTML}\">…</div>.");
        return Err(tokens.fault(div.offset, text));
    }
    let mut plain = is_plain(div) && div.attributes.iter().any(|a| a.name == "xmlns");
    let mut written = String::new();
    let mut open: Vec<Option<&str>> = Vec::new();
    start(&mut written, &mut open, div, tokens, true)?;
    while !open.is_empty() {
        match tokens.next()? {
            Token::Open(tag) => {
                if tag.namespace != Namespace::Xhtml {
                    return Err(tokens.fault(tag.offset, "Only XHTML elements may stand in the narrative."));
                }
                if open.len() >= max_depth {
                    let mut issue = tokens.fault(tag.offset, "The narrative is nested too deeply.");
                    issue.code = IssueCode::TooLong;
                    return Err(issue);
                }
                plain &= is_plain(&tag) && !tag.attributes.iter().any(|a| declares_namespace(a.name));
                start(&mut written, &mut open, &tag, tokens, false)?;
            }
            Token::Close => {
                if let Some(Some(name)) = open.pop() {
                    written.push_str("</");
                    written.push_str(name);
                    written.push('>');
                }
            }
            Token::Text(text) | Token::Aside(text) => written.push_str(text),
            Token::End => return Err(tokens.fault(tokens.start(), "The narrative is not closed.")),
        }
    }
    let text = if plain { tokens.since(div.offset) } else { &written };
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Checks the text of a div as FHIR JSON holds it, and gives it in the form in which XML can hold it.
/// A div without namespace is put into XHTML, where it can only belong.
///
/// # Errors
/// Not one well-formed XHTML div.
pub(in crate::fhir) fn embed(text: &str, max_depth: usize) -> Result<String, Issue> {
    let text = text.trim();
    let named = text
        .strip_prefix("<div")
        .filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c)));
    let owned;
    let text = match named {
        Some(rest) if !rest.split('>').next().unwrap_or_default().contains("xmlns") => {
            owned = format!("<div xmlns=\"{XHTML}\"{rest}");
            &owned
        }
        _ => text,
    };
    let mut tokens = Tokens::new(text)?;
    let Token::Open(div) = tokens.next()? else {
        return Err(tokens.fault(0, "The narrative must begin with <div.".to_owned()));
    };
    let written = collect(&mut tokens, &div, max_depth)?;
    match tokens.next()? {
        Token::End => Ok(written),
        _ => Err(tokens.fault(tokens.start(), "Nothing may follow the </div> of the narrative.")),
    }
}

/// Whether a tag can stand anywhere as it is written.
fn is_plain(tag: &Tag<'_>) -> bool {
    !tag.name.contains(':') && tag.attributes.iter().all(|a| !a.name.contains(':') || a.name.starts_with("xml:"))
}

fn start<'a>(
    written: &mut String,
    open: &mut Vec<Option<&'a str>>,
    tag: &Tag<'a>,
    tokens: &Tokens<'_>,
    root: bool,
) -> Result<(), Issue> {
    written.push('<');
    written.push_str(tag.local());
    if root {
        written.push_str(" xmlns=\"");
        written.push_str(XHTML);
        written.push('"');
    }
    for attribute in tag.attributes.iter().filter(|a| !declares_namespace(a.name)) {
        if attribute.name.contains(':') && !attribute.name.starts_with("xml:") {
            let at = tag.attributes_at + attribute.offset;
            return Err(tokens.fault(at, "Only XHTML attributes may stand in the narrative."));
        }
        let quote = if attribute.raw.contains('"') { '\'' } else { '"' };
        written.push(' ');
        written.push_str(attribute.name);
        written.push('=');
        written.push(quote);
        written.push_str(attribute.raw);
        written.push(quote);
    }
    written.push_str(if tag.empty { "/>" } else { ">" });
    open.push((!tag.empty).then(|| tag.local()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::embed;

    const OPEN: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";

    #[test]
    fn a_proper_div_is_kept_as_written() {
        for inner in [
            "",
            "plain",
            " <p  class='a' >x<br/> y &amp; &#160;z</p >\n\t",
            "<![CDATA[<b>]]>",
            "<!-- c --><img src=\"#a\" alt=''/>",
            "<p xml:lang=\"cy\">bore da 😀</p>",
        ] {
            let div = format!("{OPEN}{inner}</div>");
            assert_eq!(embed(&div, 20).unwrap(), div);
        }
    }

    #[test]
    fn a_div_without_namespace_is_put_into_xhtml() {
        assert_eq!(embed(" <div><p>a</p></div>\n", 20).unwrap(), format!("{OPEN}<p>a</p></div>"));
        assert_eq!(
            embed("<div class=\"c\">a</div>", 20).unwrap(),
            "<div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"c\">a</div>"
        );
    }

    #[test]
    fn line_ends_become_line_feeds() {
        assert_eq!(embed(&format!("{OPEN}a\r\nb\rc</div>"), 20).unwrap(), format!("{OPEN}a\nb\nc</div>"));
    }

    #[test]
    fn what_is_not_one_xhtml_div_is_refused() {
        let table = [
            "text".to_owned(),
            "<p xmlns=\"http://www.w3.org/1999/xhtml\">a</p>".to_owned(),
            "<divx>a</divx>".to_owned(),
            "<div xmlns=\"http://hl7.org/fhir\">a</div>".to_owned(),
            format!("{OPEN}a</div><div/>"),
            format!("{OPEN}a</div>b"),
            format!("{OPEN}<p>a</div>"),
            format!("{OPEN}&nbsp;</div>"),
            format!("{OPEN}a & b</div>"),
            format!("{OPEN}<br></div>"),
            format!("{OPEN}<p a=\"1\"b=\"2\"/></div>"),
            format!("{OPEN}<x:p/></div>"),
            format!("{OPEN}<svg xmlns=\"http://www.w3.org/2000/svg\"/></div>"),
            format!("<!DOCTYPE div>{OPEN}a</div>"),
            format!("{OPEN}{}{}</div>", "<p>".repeat(21), "</p>".repeat(21)),
        ];
        for text in table {
            assert!(embed(&text, 20).is_err(), "{text}");
        }
    }
}
