//! The parts of a Markdown document that the tests check.

/// The texts around a link.
pub(crate) const LINKS: [(&str, &str); 3] = [("](", ")"), ("src=\"", "\""), ("srcset=\"", "\"")];

/// A code block.
pub(crate) struct Block<'a> {
    /// The text behind the opening fence.
    pub(crate) language: &'a str,
    /// The lines between the fences.
    pub(crate) lines: Vec<&'a str>,
}

/// A document, split into prose and code blocks.
pub(crate) struct Document<'a> {
    pub(crate) prose: Vec<&'a str>,
    pub(crate) blocks: Vec<Block<'a>>,
}

impl<'a> Document<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let (mut prose, mut blocks) = (Vec::new(), Vec::new());
        let mut open: Option<Block<'_>> = None;
        for line in text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(language), None) => {
                    open = Some(Block {
                        language,
                        lines: Vec::new(),
                    });
                }
                (None, Some(block)) => block.lines.push(line),
                (None, None) => prose.push(line),
            }
        }
        assert!(open.is_none(), "a code block is not closed");
        Self { prose, blocks }
    }

    /// Returns the targets of all inline links, and of images in HTML.
    pub(crate) fn links(&self) -> Vec<&'a str> {
        let mut links = Vec::new();
        for (before, after) in LINKS {
            let rest = self
                .prose
                .iter()
                .flat_map(|line| line.split(before).skip(1));
            links.extend(rest.filter_map(|rest| Some(rest.split_once(after)?.0)));
        }
        links
    }

    /// Returns the code in lines of prose, between single backticks.
    pub(crate) fn code(&self) -> Vec<&'a str> {
        let spans = |line: &&'a str| line.split('`').skip(1).step_by(2).collect::<Vec<_>>();
        self.prose.iter().flat_map(spans).collect()
    }

    /// Returns the fragments of the headings, as GitHub derives them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let headings = self.prose.iter().filter(|line| line.starts_with('#'));
        headings
            .map(|line| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
                let title: String = title.chars().filter(kept).collect();
                title.replace(' ', "-")
            })
            .collect()
    }
}
