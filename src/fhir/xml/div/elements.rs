//! The XHTML elements a narrative may use, and which of them may stand in which (<https://hl7.org/fhir/R4/narrative.html>;
//! HTML 4.0 chapters 7 to 11 and 15, links and pictures). What may stand where is as HL7's validator reads it. Facts only.

/// An element that narratives may use.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) marks: u8,
    /// The elements it may stand in directly; any if empty.
    pub(super) parents: &'static [&'static str],
    /// The elements that may stand in it directly, and no text; any if empty.
    pub(super) children: &'static [&'static str],
    /// Attributes of its own, beside those that all have.
    pub(super) attributes: &'static [&'static str],
}

/// It holds text: no `div`, `pre`, `table` or list anywhere in it.
pub(super) const TEXT: u8 = 1;
/// It does not stand in itself.
pub(super) const ONCE: u8 = 2;
/// It holds nothing.
pub(super) const VOID: u8 = 4;
/// It does not stand in a paragraph.
pub(super) const BLOCK: u8 = 8;
/// It does not stand in what holds text.
pub(super) const FLOW: u8 = 16;

const fn element(name: &'static str, marks: u8) -> Element {
    Element { name, marks, parents: &[], children: &[], attributes: &[] }
}

const fn has(name: &'static str, marks: u8, attributes: &'static [&'static str]) -> Element {
    Element { name, marks, parents: &[], children: &[], attributes }
}

const fn inside(
    name: &'static str,
    marks: u8,
    parents: &'static [&'static str],
    children: &'static [&'static str],
) -> Element {
    Element { name, marks, parents, children, attributes: &[] }
}

/// How many there are.
pub(super) const COUNT: usize = ELEMENTS.len();

/// Sorted by name.
const ELEMENTS: &[Element] = &[
    has("a", TEXT | ONCE, &["charset", "coords", "href", "hreflang", "name", "rel", "rev", "shape", "type"]),
    element("abbr", TEXT | ONCE),
    element("acronym", TEXT | ONCE),
    element("address", TEXT),
    has("area", VOID, &["alt", "coords", "href", "nohref", "shape"]),
    element("b", TEXT | ONCE),
    element("bdo", TEXT | ONCE),
    element("big", TEXT | ONCE),
    has("blockquote", BLOCK, &["cite"]),
    element("br", VOID),
    inside("caption", TEXT, &["table"], &[]),
    element("cite", TEXT | ONCE),
    element("code", TEXT | ONCE),
    inside("col", 0, &["colgroup", "table"], &[]),
    inside("colgroup", 0, &["table"], &[]),
    inside("dd", TEXT, &["dl"], &[]),
    element("dfn", TEXT | ONCE),
    element("div", BLOCK | FLOW),
    inside("dl", 0, &[], &["dd", "dt"]),
    inside("dt", TEXT, &["dl"], &[]),
    element("em", TEXT | ONCE),
    element("h1", TEXT),
    element("h2", TEXT),
    element("h3", TEXT),
    element("h4", TEXT),
    element("h5", TEXT),
    element("h6", TEXT),
    element("hr", VOID),
    element("i", TEXT | ONCE),
    has("img", VOID, &["alt", "border", "height", "ismap", "longdesc", "src", "usemap", "width"]),
    element("kbd", TEXT | ONCE),
    inside("li", 0, &["ol", "ul"], &[]),
    Element { name: "map", marks: 0, parents: &[], children: &["area"], attributes: &["name"] },
    inside("ol", BLOCK | FLOW, &[], &["li"]),
    element("p", TEXT | BLOCK),
    has("pre", TEXT | FLOW, &["space"]),
    has("q", TEXT | ONCE, &["cite"]),
    element("samp", TEXT | ONCE),
    element("small", TEXT | ONCE),
    element("span", TEXT),
    element("strong", TEXT | ONCE),
    element("sub", TEXT | ONCE),
    element("sup", TEXT | ONCE),
    Element {
        name: "table",
        marks: BLOCK | FLOW,
        parents: &[],
        children: &["caption", "col", "colgroup", "tbody", "tfoot", "thead", "tr"],
        attributes: &["border", "cellpadding", "cellspacing", "frame", "rules", "summary"],
    },
    inside("tbody", 0, &["table"], &["tr"]),
    Element { name: "td", marks: 0, parents: &["tfoot", "thead", "tr"], children: &[], attributes: &["nowrap"] },
    inside("tfoot", 0, &["table"], &["tr"]),
    inside("th", 0, &["tfoot", "thead", "tr"], &[]),
    inside("thead", 0, &["table"], &["tr"]),
    inside("tr", 0, &["table", "tbody", "tfoot", "thead"], &["td", "th"]),
    element("tt", TEXT | ONCE),
    inside("ul", BLOCK | FLOW, &[], &["li"]),
    element("var", TEXT | ONCE),
];

/// The element of a name, and its place in the table.
pub(super) fn named(name: &str) -> Option<(usize, &'static Element)> {
    let letter = usize::from(name.bytes().next()?.checked_sub(b'a')?);
    let (first, end) = (*STARTS.get(letter)?, *STARTS.get(letter + 1)?);
    (first..end).find_map(|at| ELEMENTS.get(at).filter(|element| element.name == name).map(|element| (at, element)))
}

/// For each letter of the alphabet, and the end of it, how many elements come before those that begin with it.
const STARTS: [usize; 27] = starts();

#[allow(clippy::indexing_slicing, reason = "worked out when the program is built, which fails if it is wrong")]
const fn starts() -> [usize; 27] {
    let mut starts = [0; 27];
    let mut letter = 0;
    while letter < 26 {
        let mut end = starts[letter];
        while end < ELEMENTS.len() && ELEMENTS[end].name.as_bytes()[0] as usize == b'a' as usize + letter {
            end += 1;
        }
        letter += 1;
        starts[letter] = end;
    }
    starts
}

impl Element {
    /// Whether it may have an attribute.
    pub(super) fn takes(&self, attribute: &str) -> bool {
        is_common(attribute) || self.attributes.contains(&attribute)
    }
}

/// Attributes every element may have; those of tables are allowed everywhere.
pub(super) fn is_common(attribute: &str) -> bool {
    matches!(
        attribute,
        "id" | "class"
            | "style"
            | "title"
            | "lang"
            | "xml:lang"
            | "dir"
            | "accesskey"
            | "tabindex"
            | "span"
            | "width"
            | "align"
            | "valign"
            | "char"
            | "charoff"
            | "abbr"
            | "axis"
            | "headers"
            | "scope"
            | "rowspan"
            | "colspan"
    ) || attribute.starts_with("xmlns")
}

#[cfg(test)]
mod tests {
    use super::{ELEMENTS, named};

    #[test]
    fn elements_are_sorted_and_name_only_each_other() {
        assert!(ELEMENTS.is_sorted_by(|a, b| a.name < b.name));
        for element in ELEMENTS {
            for other in element.parents.iter().chain(element.children) {
                assert!(named(other).is_some(), "{other}");
            }
            assert_eq!(named(element.name).unwrap().1.name, element.name);
        }
        assert!(named("script").is_none() && named("DIV").is_none() && named("").is_none());
    }

    #[test]
    fn attributes_belong_to_all_elements_or_to_some() {
        let takes = |element: &str, attribute: &str| named(element).unwrap().1.takes(attribute);
        for (element, attribute) in [("p", "id"), ("a", "href"), ("td", "colspan"), ("div", "xmlns"), ("p", "xml:lang")]
        {
            assert!(takes(element, attribute), "{element}.{attribute}");
        }
        for (element, attribute) in
            [("p", "href"), ("div", "onclick"), ("td", "bgcolor"), ("p", "ID"), ("pre", "xml:space")]
        {
            assert!(!takes(element, attribute), "{element}.{attribute}");
        }
    }
}
