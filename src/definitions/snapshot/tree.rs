//! A snapshot as a tree, and back as the list it is published as. Slices are siblings that follow what they slice.

use crate::definitions::facts::Element;

/// An element and what is below it. `element.id` and `element.path` are only right again after [`Node::into_elements`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Last part of the path: `value[x]`.
    pub(super) name: String,
    pub(super) element: Element,
    pub(super) children: Vec<Node>,
}

/// Last part of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'.').count()
}

impl Node {
    /// Builds the tree of a snapshot. `None` where there is nothing, or a second root.
    pub(super) fn from_snapshot(elements: &[Element]) -> Option<Self> {
        let (first, rest) = elements.split_first()?;
        let mut open = vec![Self::leaf(first)];
        for element in rest {
            let depth = depth(&element.path).max(1);
            while open.len() > depth {
                Self::close(&mut open);
            }
            open.push(Self::leaf(element));
        }
        while open.len() > 1 {
            Self::close(&mut open);
        }
        open.pop()
    }

    fn leaf(element: &Element) -> Self {
        Self { name: last(&element.path).to_owned(), element: element.clone(), children: Vec::new() }
    }

    /// Hangs the last open node under the one before it.
    fn close(open: &mut Vec<Self>) {
        if let Some(done) = open.pop()
            && let Some(parent) = open.last_mut()
        {
            parent.children.push(done);
        }
    }

    /// The slice this node is, if it is one.
    pub(super) fn slice(&self) -> Option<&str> {
        self.element.slice_name.as_deref()
    }

    /// Whether this is the child with this name, and this slice or none.
    pub(super) fn is(&self, name: &str, slice: Option<&str>) -> bool {
        self.name == name && self.slice() == slice
    }

    /// Where a child is.
    pub(super) fn position(&self, name: &str, slice: Option<&str>) -> Option<usize> {
        self.children.iter().position(|child| child.is(name, slice))
    }

    /// The node a content reference means: `Questionnaire.item`, by the identifiers of elements.
    pub(super) fn find(&self, id: &str) -> Option<&Self> {
        let mut here = self;
        let rest = id.strip_prefix(&self.name)?;
        for part in rest.split('.').skip(1) {
            let (name, slice) = match part.split_once(':') {
                Some((name, slice)) => (name, Some(slice)),
                None => (part, None),
            };
            here = here.children.get(here.position(name, slice)?)?;
        }
        Some(here)
    }

    /// Makes content references within the definition say which definition they are of, for use in another.
    pub(super) fn refer_from_afar(&mut self, home: &str) {
        if let Some(reference) = &mut self.element.content_reference
            && reference.starts_with('#')
        {
            reference.insert_str(0, home);
        }
        for child in &mut self.children {
            child.refer_from_afar(home);
        }
    }

    /// Makes constraints say which definition brought them in, where that is this one and goes without saying there.
    pub(super) fn own_constraints(&mut self, url: &str) {
        for constraint in &mut self.element.constraints {
            constraint.source.get_or_insert_with(|| url.to_owned());
        }
        for child in &mut self.children {
            child.own_constraints(url);
        }
    }

    /// The list, with identifiers and paths written anew.
    pub(super) fn into_elements(self) -> Vec<Element> {
        let mut elements = Vec::new();
        self.write(None, &mut elements);
        elements
    }

    fn write(mut self, parent: Option<(&str, &str)>, elements: &mut Vec<Element>) {
        let own = match &self.element.slice_name {
            Some(slice) => format!("{}:{slice}", self.name),
            None => self.name.clone(),
        };
        let (id, path) = match parent {
            Some((id, path)) => (format!("{id}.{own}"), format!("{path}.{}", self.name)),
            // a definition's root is never a slice of itself, whatever it was published as
            None => (self.name.clone(), self.name.clone()),
        };
        self.element.id.clone_from(&id);
        self.element.path.clone_from(&path);
        elements.push(self.element);
        for child in self.children {
            child.write(Some((&id, &path)), elements);
        }
    }
}
