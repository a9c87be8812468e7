//! Which XHTML a narrative may hold (txt-1, <https://hl7.org/fhir/R4/narrative.html#xhtml>): text, its formatting,
//! links and pictures; nothing that runs, embeds or asks. Looks at markup that is already known to be well formed.

use super::div::is_element;
use super::div::scan::{Piece, Scanner, Tag};
use super::text::unescape;
use crate::model::{Issue, IssueCode};

/// Elements of old HTML that format and do nothing else; validation names them, but nobody is hurt by them.
const OLD: [&str; 5] = ["center", "font", "s", "strike", "u"];

/// Attributes that hold an address.
const ADDRESSES: [&str; 6] = ["href", "src", "cite", "longdesc", "background", "usemap"];

/// Schemes an address may have; one without scheme is relative and harmless.
const SCHEMES: [&str; 7] = ["http", "https", "mailto", "tel", "ftp", "urn", "cid"];

/// What a narrative holds that it may not; one finding at most, without the markup itself.
pub(in crate::fhir) fn refuse(div: &str) -> Option<Issue> {
    let mut scanner = Scanner::new(div);
    loop {
        match scanner.next().ok()? {
            Piece::Open(tag) => {
                if let Some(text) = fault(&tag) {
                    return Some(Issue::error(IssueCode::Invariant, text).rule("txt-1"));
                }
            }
            Piece::End => return None,
            _ => {}
        }
    }
}

fn fault(tag: &Tag<'_>) -> Option<&'static str> {
    if !is_element(tag.name) && !OLD.contains(&tag.name) {
        return Some("The narrative holds an element that is not allowed there. Keep to text, formatting and tables.");
    }
    tag.attributes.clone().find_map(|attribute| {
        let name = attribute.name.to_ascii_lowercase();
        let value = unescape(attribute.raw).unwrap_or_default();
        if name.starts_with("on") {
            Some("The narrative holds an event handler (on…), which is not allowed. Remove the attribute.")
        } else if ADDRESSES.contains(&name.as_str()) && !is_safe_address(&value, tag.name == "img") {
            Some("The narrative holds a link of a kind that is not allowed. Use an http or https address, or none.")
        } else if name == "style" && !is_safe_style(&value) {
            Some("The narrative holds a style that fetches or runs something. Remove it.")
        } else {
            None
        }
    })
}

/// Browsers pass over white space and control characters in a scheme, so this does too.
fn is_safe_address(address: &str, picture: bool) -> bool {
    let plain: String =
        address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>().to_ascii_lowercase();
    match plain.split_once(':') {
        None => true,
        // a colon behind these belongs to a path, a query or a fragment
        Some((before, _)) if before.contains(['/', '?', '#']) => true,
        Some(("data", rest)) => picture && rest.starts_with("image/") && !rest.starts_with("image/svg"),
        Some((scheme, _)) => SCHEMES.contains(&scheme),
    }
}

/// A backslash can hide any word of CSS, and a comment can part one.
fn is_safe_style(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    !["url(", "expression", "javascript:", "behavior", "behaviour", "-moz-binding", "@import", "\\", "/*"]
        .iter()
        .any(|word| style.contains(word))
}

#[cfg(test)]
mod tests {
    use super::refuse;

    fn div(inner: &str) -> String {
        format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")
    }

    #[test]
    fn what_runs_embeds_or_asks_is_refused() {
        let table = [
            "<script>alert(1)</script>",
            "<p><SCRIPT/></p>",
            "<style>p {}</style>",
            "<iframe src=\"https://a.example\"/>",
            "<object/>",
            "<embed src=\"a\"/>",
            "<form action=\"/\"/>",
            "<input type=\"text\"/>",
            "<p onclick=\"x()\">a</p>",
            "<p OnMouseOver='x()'>a</p>",
            "<a href=\"javascript:x()\">a</a>",
            "<a href=\" java&#10;script&#58;x()\">a</a>",
            "<a href=\"JAVASCRIPT:x()\">a</a>",
            "<a href=\"vbscript:x\">a</a>",
            "<a href=\"data:text/html;base64,AAAA\">a</a>",
            "<img src=\"data:image/svg+xml;base64,AAAA\" alt=\"\"/>",
            "<p style=\"background: url(https://a.example/x.png)\">a</p>",
            "<p style=\"width: expr\\65ssion(1)\">a</p>",
        ];
        for inner in table {
            let issue = refuse(&div(inner)).unwrap_or_else(|| panic!("{inner}"));
            assert_eq!((issue.code.code(), issue.rule.as_deref()), ("invariant", Some("txt-1")), "{inner}");
        }
        assert!(refuse("<div xmlns=\"http://www.w3.org/1999/xhtml\" onload=\"x\">a</div>").is_some());
    }

    #[test]
    fn formatting_links_and_pictures_are_allowed() {
        let table = [
            "plain &lt;script&gt; onclick=\"x\" javascript:",
            "<!-- <script> --><p class=\"a\" style=\"color: red\">a<br/><b>b</b></p>",
            "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>",
            "<a href=\"https://a.example/x?y=javascript:z\">a</a><a href=\"#b\">b</a><a href=\"a/b:c\">c</a>",
            "<a name=\"x\" href=\"mailto:a@b.example\">a</a><a href=\"tel:111\">b</a>",
            "<img src=\"#pic\" alt=\"a\"/><img src=\"data:image/png;base64,AAAA\" alt=\"\"/>",
        ];
        for inner in table {
            assert_eq!(refuse(&div(inner)), None, "{inner}");
        }
    }
}
