//! The words of a narrative: XHTML without its markup, for documents by others that say something in no other way.

/// Text of a `div`, block elements on lines of their own; `None` where it has no visible character.
pub(crate) fn plain_text(div: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = div;
    while let Some(start) = rest.find('<') {
        out.push_str(rest.get(..start).unwrap_or_default());
        let tag = rest.get(start + 1..).unwrap_or_default();
        let end = tag.find('>').unwrap_or(tag.len());
        let name: String = tag
            .chars()
            .skip_while(|c| *c == '/')
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase();
        if BLOCKS.contains(&name.as_str()) {
            out.push('\n');
        }
        rest = tag.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    let lines = out.lines().map(|line| unescape(line.split_whitespace().collect::<Vec<_>>().join(" ").as_str()));
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    (!text.trim().is_empty()).then_some(text)
}

/// Elements that begin a line.
const BLOCKS: &[&str] =
    &["p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "blockquote"];

fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&nbsp;", " ")];
    let plain = pairs.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain));
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn markup_goes_and_words_stay_each_block_on_its_own_line() {
        let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><h2>Signs</h2><ul><li>No sleep &amp; no food</li>\n<li>I say &quot;fine&quot;,<br/>a &lt;lot&gt;</li></ul></div>";
        assert_eq!(plain_text(div).unwrap(), "Signs\nNo sleep & no food\nI say \"fine\",\na <lot>");
        assert_eq!(plain_text("<div><p> </p></div>"), None);
    }
}
