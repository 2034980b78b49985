//! The markup of documentation texts: paragraphs, lists and code, and nothing else.
//!
//! An empty line ends a paragraph. A line that starts with `- ` begins an item of a list; its further lines are
//! indented. Text between backticks is code and is kept on one line. Every other character means itself.

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Sentences.
    Paragraph(Vec<Span>),
    /// Items.
    List(Vec<Vec<Span>>),
}

/// A piece of a paragraph or item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Code, without its backticks.
    Code(String),
}

/// Reads a text.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for chunk in text.split("\n\n") {
        let mut paragraph = String::new();
        let mut items: Vec<String> = Vec::new();
        for line in chunk.lines() {
            if let Some(item) = line.strip_prefix("- ") {
                items.push(item.trim().to_owned());
            } else {
                let open = items.last_mut().unwrap_or(&mut paragraph);
                open.push(' ');
                open.push_str(line.trim());
            }
        }
        if !paragraph.trim().is_empty() {
            blocks.push(Block::Paragraph(spans(paragraph.trim())));
        }
        if !items.is_empty() {
            blocks.push(Block::List(items.iter().map(|item| spans(item.trim())).collect()));
        }
    }
    blocks
}

/// Splits at backticks; a backtick without a partner is text.
fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((before, code, after)) = rest
        .split_once('`')
        .and_then(|(before, tail)| tail.split_once('`').map(|(code, after)| (before, code, after)))
    {
        if !before.is_empty() {
            spans.push(Span::Text(before.to_owned()));
        }
        spans.push(Span::Code(code.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        spans.push(Span::Text(rest.to_owned()));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Span {
        Span::Text(words.to_owned())
    }

    #[test]
    fn lines_of_a_paragraph_join_and_an_empty_line_ends_it() {
        let blocks = parse("one\ntwo\n\nthree\n");
        assert_eq!(blocks, [Block::Paragraph(vec![text("one two")]), Block::Paragraph(vec![text("three")])]);
    }

    #[test]
    fn a_list_may_follow_its_introduction_directly() {
        let blocks = parse("Either:\n- one\n  more\n- two\n");
        let list = Block::List(vec![vec![text("one more")], vec![text("two")]]);
        assert_eq!(blocks, [Block::Paragraph(vec![text("Either:")]), list]);
    }

    #[test]
    fn code_stands_between_backticks() {
        let spans = spans("a `b c` d ` e");
        assert_eq!(spans, [text("a "), Span::Code("b c".to_owned()), text(" d ` e")]);
    }
}
