//! What can be wrong with a narrative: how bad it is, by which rule, and what to do. Severities are those of HL7's
//! validator. Words only; what is wrong is found elsewhere.

use crate::fhir::source::shown;
use crate::model::{IssueCode, Severity};

/// One thing that is wrong with a narrative. Names are as written; whoever tells them shortens them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong<'a> {
    /// A tag, comment, section or element without end.
    Unclosed,
    /// A `<` that begins nothing.
    LooseBracket,
    Doctype,
    /// No element at all, or text before it.
    NoRoot,
    /// An end tag that closes something else: what is open, and what is closed.
    Mismatch(&'a str, &'a str),
    /// Something behind the root.
    Trailing,
    /// A reference that is none of XML's own.
    Entity(&'a str),
    /// An attribute without value, or its value without quotes.
    Unquoted(&'a str),
    /// An attribute that touches what stands before it.
    Touching(&'a str),
    /// An attribute that its tag has already.
    Doubled(&'a str),
    /// A `<` in the value of an attribute.
    BracketIn(&'a str),
    /// A prefix that is declared nowhere.
    Prefix(&'a str),
    /// `--` in a comment, or a `-` at its end.
    Hyphens,
    /// `]]>` in a text.
    SectionEnd,
    Instruction,
    /// The root is not in the XHTML namespace.
    Namespace,
    /// An element inside is in another namespace.
    InnerNamespace(&'a str),
    RootName(&'a str),
    Element(&'a str),
    /// An attribute, on an element.
    Attribute(&'a str, &'a str),
    XmlSpace,
    InParagraph(&'a str),
    /// A block, in an element that holds text.
    BlockInText(&'a str),
    Nested(&'a str),
    NotEmpty(&'a str),
    /// An element, directly in an element where it does not belong.
    Misplaced(&'a str, &'a str),
    /// Text directly in an element that holds elements only.
    TextIn(&'a str),
    EmptyLink,
    LinkCharacters(&'a str),
    DataLink,
    ActiveLink,
    /// `urn:` and `cid:` lead nowhere.
    LiteralLink(&'a str),
    UnknownScheme(&'a str),
    SameId(&'a str),
    MixedLanguages,
}

impl Wrong<'_> {
    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::XmlSpace | Self::UnknownScheme(_) => Severity::Information,
            Self::SameId(_) | Self::MixedLanguages => Severity::Warning,
            // XHTML forbids it of links alone
            Self::Nested(name) if !matches!(name.as_bytes(), b"a") => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What kind of finding it is.
    #[must_use]
    pub const fn code(&self) -> IssueCode {
        match self {
            Self::Element(_) | Self::Attribute(..) => IssueCode::Invariant,
            Self::SameId(_) | Self::MixedLanguages => IssueCode::BusinessRule,
            Self::InParagraph(_)
            | Self::BlockInText(_)
            | Self::Nested(_)
            | Self::NotEmpty(_)
            | Self::Misplaced(..)
            | Self::TextIn(_) => IssueCode::Structure,
            _ => IssueCode::Invalid,
        }
    }

    /// The rule behind it.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Unclosed
            | Self::LooseBracket
            | Self::NoRoot
            | Self::Mismatch(..)
            | Self::Trailing
            | Self::Unquoted(_)
            | Self::Touching(_)
            | Self::Doubled(_)
            | Self::BracketIn(_)
            | Self::Prefix(_)
            | Self::Hyphens
            | Self::SectionEnd
            | Self::Instruction => "xhtml-form",
            Self::Doctype => "xhtml-doctype",
            Self::Entity(_) => "xhtml-entity",
            Self::Namespace | Self::InnerNamespace(_) => "xhtml-namespace",
            Self::RootName(_) => "xhtml-root",
            Self::Element(_) | Self::Attribute(..) => "txt-1",
            Self::XmlSpace => "xhtml-space",
            Self::InParagraph(_)
            | Self::BlockInText(_)
            | Self::Nested(_)
            | Self::NotEmpty(_)
            | Self::Misplaced(..)
            | Self::TextIn(_) => "xhtml-structure",
            Self::EmptyLink | Self::LinkCharacters(_) | Self::DataLink => "xhtml-url",
            Self::ActiveLink | Self::LiteralLink(_) | Self::UnknownScheme(_) => "xhtml-link",
            Self::SameId(_) => "xhtml-id",
            Self::MixedLanguages => "xhtml-language",
        }
    }

    /// Whether the markup breaks txt-1: something that runs, or is not formatting.
    #[must_use]
    pub const fn breaks_txt_1(&self) -> bool {
        matches!(self, Self::Element(_) | Self::Attribute(..) | Self::Doctype)
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.of_form().unwrap_or_else(|| self.of_rules())
    }

    /// The sentence about what keeps it from being XML.
    fn of_form(&self) -> Option<String> {
        Some(match self {
            Self::Unclosed => "The narrative is not well formed: a tag, comment or element has no end.".to_owned(),
            Self::LooseBracket => {
                "The narrative is not well formed: a < that begins no tag must be written &lt;.".to_owned()
            }
            Self::Doctype => "A narrative may not hold a DOCTYPE or anything like it. Remove it.".to_owned(),
            Self::NoRoot => {
                "A narrative is one <div> and all that is in it; this does not begin with an element.".to_owned()
            }
            Self::Mismatch(open, close) => {
                format!(
                    "The narrative is not well formed: </{}> stands where <{}> must be closed.",
                    shown(close),
                    shown(open)
                )
            }
            Self::Trailing => {
                "Something stands after the end of the narrative's <div>: a narrative is one <div>, so put it inside."
                    .to_owned()
            }
            Self::Entity(name) => {
                format!(
                    "The narrative holds the entity &{};, which XML does not know: write the character itself.",
                    shown(name)
                )
            }
            Self::Unquoted(name) => {
                format!(
                    "The value of the attribute {} does not stand between quotes, so this is no XHTML.",
                    shown(name)
                )
            }
            Self::Touching(name) => {
                format!("The narrative is not well formed: a space must stand before the attribute {}.", shown(name))
            }
            Self::Doubled(name) => {
                format!("The narrative is not well formed: a tag has the attribute {} twice. Keep one.", shown(name))
            }
            Self::BracketIn(name) => {
                format!("The narrative is not well formed: in the value of {} a < must be written &lt;.", shown(name))
            }
            Self::Prefix(prefix) => {
                format!(
                    "The narrative is not well formed: the prefix {0} is not declared. Leave it out, or declare it with xmlns:{0}.",
                    shown(prefix)
                )
            }
            Self::Hyphens => {
                "The narrative is not well formed: a comment may not hold --, nor end in a hyphen.".to_owned()
            }
            Self::SectionEnd => "The narrative is not well formed: ]]> in text must be written ]]&gt;.".to_owned(),
            Self::Instruction => "A narrative may not hold a processing instruction (<?…?>). Remove it.".to_owned(),
            _ => return None,
        })
    }

    /// The sentence about what narratives may hold; empty of what is no XML.
    fn of_rules(&self) -> String {
        match self {
            Self::Namespace => {
                "The narrative must be in the XHTML namespace: <div xmlns=\"http://www.w3.org/1999/xhtml\">.".to_owned()
            }
            Self::InnerNamespace(url) => {
                format!("An element in the narrative is in another namespace ({}).", shown(url))
            }
            Self::RootName(name) => format!("The narrative must be a <div>, not a <{}>.", shown(name)),
            Self::Element(name) => {
                format!(
                    "The element <{}> is not allowed in a narrative: only text, formatting, tables, links and pictures are.",
                    shown(name)
                )
            }
            Self::Attribute(name, element) => {
                format!("The attribute {} is not allowed on <{}> in a narrative.", shown(name), shown(element))
            }
            Self::XmlSpace => {
                "The attribute xml:space has one value only in a narrative and is better left out.".to_owned()
            }
            Self::InParagraph(name) => format!("<{}> may not stand in a paragraph (<p>).", shown(name)),
            Self::BlockInText(name) => {
                format!("<{}> is a block and may not stand in an element that holds text.", shown(name))
            }
            Self::Nested("a") => "A link (<a>) may not stand inside another.".to_owned(),
            Self::Nested(name) => {
                format!(
                    "<{0}> stands inside another <{0}>, which adds nothing and which HL7's validator refuses.",
                    shown(name)
                )
            }
            Self::NotEmpty(name) => format!("<{}> must be empty.", shown(name)),
            Self::Misplaced(name, parent) => {
                format!("<{}> may not stand directly in <{}>.", shown(name), shown(parent))
            }
            Self::TextIn(name) => format!("Text may not stand directly in <{}>.", shown(name)),
            Self::EmptyLink => "A link or picture in the narrative has an empty address.".to_owned(),
            Self::LinkCharacters(url) => {
                format!("The address {} in the narrative has characters that addresses may not have.", shown(url))
            }
            Self::DataLink => "A data: address in the narrative is not well formed.".to_owned(),
            Self::ActiveLink => "A link in the narrative would run a script. Remove it.".to_owned(),
            Self::LiteralLink(scheme) => {
                format!("A link in the narrative cannot lead to a {}: address.", shown(scheme))
            }
            Self::UnknownScheme(scheme) => {
                format!("A link in the narrative has an unusual kind of address ({}:).", shown(scheme))
            }
            Self::SameId(id) => format!("The id {} stands more than once in the narrative.", shown(id)),
            Self::MixedLanguages => {
                "Parts of the narrative are marked with a language (xml:lang), and others are not.".to_owned()
            }
            Self::Unclosed
            | Self::LooseBracket
            | Self::Doctype
            | Self::NoRoot
            | Self::Mismatch(..)
            | Self::Trailing
            | Self::Entity(_)
            | Self::Unquoted(_)
            | Self::Touching(_)
            | Self::Doubled(_)
            | Self::BracketIn(_)
            | Self::Prefix(_)
            | Self::Hyphens
            | Self::SectionEnd
            | Self::Instruction => String::new(),
        }
    }
}
