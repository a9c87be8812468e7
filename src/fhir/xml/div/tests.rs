//! Narratives and what is wrong with them, one row a rule.

use super::{Wrong, read};

const OPEN: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";

fn wrongs(div: &str) -> Vec<Wrong<'_>> {
    read(div, false).faults.into_iter().map(|(_, wrong)| wrong).collect()
}

#[test]
fn sound_narratives_have_nothing_wrong() {
    let table = [
        "a",
        "<p class='a' style=\"color: red\">a<br/>b <b>c</b> &amp; &#160;z</p>\n<!-- <script> --><![CDATA[<x>]]>",
        "<table border='1'><caption>a</caption><thead><tr><th>a</th></tr></thead>\n<tbody> <tr><td colspan=\"2\"><p>a</p><ul><li>b</li></ul></td></tr></tbody></table>",
        "<a href=\"https://a.example/x?y=1&amp;z=2\">a</a> <a href='#'>top</a> <a href=\"mailto:a@b.example\">b</a>",
        "<dl><dt>a</dt><dd>b</dd></dl><blockquote><p>a</p></blockquote><hr></hr>",
        "<img src=\"data:image/png;base64,AAAA\" alt=\"\"/>",
        "<div lang='en' xml:lang='en'>a</div> <div xml:lang='cy'>b</div>",
        "<h:p xmlns:h='http://www.w3.org/1999/xhtml'>a</h:p>",
    ];
    for inner in table {
        let div = format!("{OPEN}{inner}</div>");
        let found = read(&div, false);
        assert!(found.faults.is_empty() && found.has_content, "{inner}: {:?}", found.faults);
    }
    assert_eq!(wrongs(&format!(" {OPEN}a</div>\n")), []);
    assert_eq!(read("<div>a</div>", true).faults, []);
}

#[test]
fn each_fault_is_found() {
    let table: &[(&str, &[Wrong<'_>])] = &[
        ("<script>x</script>", &[Wrong::Element("script")]),
        ("<P>a</P>", &[Wrong::Element("P")]),
        ("<p onclick='x'>a</p>", &[Wrong::Attribute("onclick", "p")]),
        ("<p onclick='x'>a</p><p onclick='x'>a</p>", &[Wrong::Attribute("onclick", "p")]),
        ("<pre xml:space='preserve'>a</pre>", &[Wrong::XmlSpace]),
        ("<p>a<div>b</div></p>", &[Wrong::InParagraph("div")]),
        ("<p><b><p>b</p></b></p>", &[Wrong::InParagraph("p")]),
        ("<span><ul><li>b</li></ul></span>", &[Wrong::BlockInText("ul")]),
        ("<dl><dd><div>a</div></dd></dl>", &[Wrong::BlockInText("div")]),
        ("<b>a<i>b<b>c</b></i></b>", &[Wrong::Nested("b")]),
        ("<a href='#'>a<b><a href='#'>b</a></b></a>", &[Wrong::Nested("a")]),
        (
            "<ol start='2' type='a'><li value='3'>a</li></ol>",
            &[Wrong::Attribute("start", "ol"), Wrong::Attribute("type", "ol"), Wrong::Attribute("value", "li")],
        ),
        ("<p class='a' title='b' class='c'>a</p>", &[Wrong::Doubled("class")]),
        ("<p title='a<b'>a</p>", &[Wrong::BracketIn("title")]),
        ("<p class='a'title='b'>a</p>", &[Wrong::Touching("title")]),
        ("<p x:y='1'>a</p>", &[Wrong::Prefix("x"), Wrong::Attribute("x:y", "p")]),
        ("<x:p>a</x:p>", &[Wrong::Prefix("x")]),
        ("<b xmlns:x='http://www.w3.org/1999/xhtml'><x:i>a</x:i></b><x:i>a</x:i>", &[Wrong::Prefix("x")]),
        ("<x:b xmlns:x='urn:x'>a</x:b>", &[Wrong::InnerNamespace("urn:x")]),
        ("<x:b xmlns:x='http://www.w3.org/1999/xhtml'>a</b>", &[Wrong::Mismatch("x:b", "b")]),
        ("a<!-- b -- c -->", &[Wrong::Hyphens]),
        ("a<!-- b --->", &[Wrong::Hyphens]),
        ("a<?x y?>", &[Wrong::Instruction]),
        ("a]]>", &[Wrong::SectionEnd]),
        ("</div><div>b", &[Wrong::Trailing]),
        ("</div>b<div>", &[Wrong::Trailing]),
        ("<br>a</br>", &[Wrong::NotEmpty("br")]),
        ("<hr><b/></hr>", &[Wrong::NotEmpty("hr")]),
        ("<td>a</td>", &[Wrong::Misplaced("td", "div")]),
        ("<ul><p>a</p></ul>", &[Wrong::Misplaced("p", "ul")]),
        ("<ul>a<li>b</li></ul>", &[Wrong::TextIn("ul")]),
        ("<table><td>a</td></table>", &[Wrong::Misplaced("td", "table")]),
        ("&nbsp;a", &[Wrong::Entity("nbsp")]),
        ("a & b", &[Wrong::Entity("")]),
        ("<p title='&copy;'>a</p>", &[Wrong::Entity("copy")]),
        ("<td nowrap>a</td>", &[Wrong::Misplaced("td", "div"), Wrong::Unquoted("nowrap")]),
        ("<a href=''>a</a>", &[Wrong::EmptyLink]),
        ("<a href='https://a.example/a b'>a</a>", &[Wrong::LinkCharacters("https://a.example/a b")]),
        ("<a href='javascript:x()'>a</a>", &[Wrong::ActiveLink]),
        ("<a href=' Java&#10;script:x()'>a</a>", &[Wrong::LinkCharacters(" Java&#10;script:x()"), Wrong::ActiveLink]),
        ("<a href='urn:oid:1.2.3'>a</a>", &[Wrong::LiteralLink("urn")]),
        ("<a href='ftp://a.example'>a</a>", &[Wrong::UnknownScheme("ftp")]),
        ("<img src='data:image/png;base64,AAA' alt=''/>", &[Wrong::DataLink]),
        ("<p id='a'>a</p><a name='a'>b</a><p id='b'/>", &[Wrong::SameId("a")]),
        ("a<div xml:lang='en'>b</div>", &[Wrong::MixedLanguages]),
        ("<p xml:lang='en'>a</p><div xml:lang='en'>b</div>", &[Wrong::MixedLanguages]),
        (
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            &[Wrong::Element("svg"), Wrong::InnerNamespace("http://www.w3.org/2000/svg")],
        ),
        ("<!DOCTYPE x>", &[Wrong::Doctype]),
        ("a < b", &[Wrong::LooseBracket]),
        ("<p>a", &[Wrong::Mismatch("p", "div")]),
        ("<br>", &[Wrong::Mismatch("br", "div")]),
        ("</p>", &[Wrong::Mismatch("div", "p")]),
        ("</div><p>a</p>", &[Wrong::Trailing]),
        ("<!-- a", &[Wrong::Unclosed]),
    ];
    for (inner, expected) in table {
        let div = format!("{OPEN}{inner}</div>");
        assert_eq!(wrongs(&div), *expected, "{inner}");
    }
}

#[test]
fn the_root_is_one_div_of_xhtml() {
    let table: &[(&str, &[Wrong<'_>])] = &[
        ("<div>a</div>", &[Wrong::Namespace]),
        ("<div xmlns='http://hl7.org/fhir'>a</div>", &[Wrong::Namespace]),
        ("<p xmlns='http://www.w3.org/1999/xhtml'>a</p>", &[Wrong::RootName("p")]),
        ("<div xmlns='http://www.w3.org/1999/xhtml' onload='x'>a</div>", &[Wrong::Attribute("onload", "div")]),
        ("", &[Wrong::NoRoot]),
        ("a", &[Wrong::NoRoot]),
        ("<div xmlns='http://www.w3.org/1999/xhtml'>a", &[Wrong::Unclosed]),
        ("<div xmlns='http://www.w3.org/1999/xhtml'", &[Wrong::Unclosed]),
    ];
    for (div, expected) in table {
        assert_eq!(wrongs(div), *expected, "{div}");
    }
}

#[test]
fn white_space_is_no_content_and_a_picture_is() {
    let table = [
        ("", false),
        (" \n<p> <b/></p><!-- a -->", false),
        ("&#32;&#x9;", false),
        ("&#160;", true),
        ("\u{a0}", true),
        ("<p>.</p>", true),
        ("<img src='#a' alt=''/>", true),
        ("<![CDATA[a]]>", true),
    ];
    for (inner, expected) in table {
        assert_eq!(read(&format!("{OPEN}{inner}</div>"), false).has_content, expected, "{inner}");
    }
    assert!(!read("<div xmlns='http://www.w3.org/1999/xhtml'/>", false).has_content);
}

#[test]
fn ids_links_and_languages_are_kept() {
    let div = "<div xmlns='http://www.w3.org/1999/xhtml' lang='en' xml:lang='cy' id='r'><a id='x' name='x' href='#a&amp;b'>a</a><img src='#p' alt=''/></div>";
    let found = read(div, false);
    assert_eq!(found.ids, ["r", "x"]);
    let targets: Vec<_> = found.targets.iter().map(|(target, picture)| (target.as_ref(), *picture)).collect();
    assert_eq!(targets, [("a&b", false), ("p", true)]);
    assert_eq!(found.language, (Some("en"), Some("cy")));
    let parts = format!("{OPEN} <div xml:lang='cy' lang='cy'>a</div></div>");
    assert_eq!(read(&parts, false).language, (Some("cy"), Some("cy")));
    let mixed = format!("{OPEN}a<div xml:lang='cy'>a</div></div>");
    assert_eq!(read(&mixed, false).language, (None, None));
}

#[test]
fn a_narrative_of_endless_faults_or_depth_is_read_in_time_linear_in_its_length() {
    let deep = format!("{OPEN}{}{}</div>", "<div>".repeat(100_000), "</div>".repeat(100_000));
    assert_eq!(wrongs(&deep), []);
    let many: Vec<String> = (0..100_000).map(|n| format!("<x{n} id='{n}' y{n}='1'/>")).collect();
    let many = format!("{OPEN}{}</div>", many.concat());
    let start = std::time::Instant::now();
    assert_eq!(wrongs(&many).len(), 50);
    assert!(start.elapsed().as_secs() < 5);
    let open = "<a href='".repeat(50_000);
    assert!(!wrongs(&format!("{OPEN}{open}")).is_empty());
    let prefixes: Vec<String> = (0..50_000).map(|n| format!("<x{n}:p xmlns:x{n}='urn:x'>")).collect();
    let attributes: Vec<String> = (0..50_000).map(|n| format!(" a{n}='1'")).collect();
    assert!(!wrongs(&format!("{OPEN}{}<p{}/>", prefixes.concat(), attributes.concat())).is_empty());
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn what_the_reader_of_xml_refuses_is_an_error_in_json_and_only_that() {
    let severe = |inner: &str| {
        let div = format!("{OPEN}{inner}</div>");
        read(&div, false).faults.iter().any(|(_, wrong)| wrong.severity().refuses())
    };
    for inner in [
        "<p class='a' class='b'/>",
        "<x:p>a</x:p>",
        "<p title='<'>a</p>",
        "<!-- -- -->a",
        "<?x?>a",
        "<p class=a>a</p>",
        "a</div><div>b",
        "a</div>b",
        "<a href='#'><a href='#'>a</a></a>",
    ] {
        assert!(severe(inner), "{inner}");
    }
    for name in ["b", "i", "em", "code", "small", "strong", "q", "sub"] {
        assert!(!severe(&format!("<{name}>a<{name}>b</{name}></{name}>")), "{name}");
    }
}

#[test]
fn prefixes_of_markup_may_be_declared_around_it() {
    assert_eq!(read("<h:div><h:p>a</h:p></h:div>", true).faults, []);
}
