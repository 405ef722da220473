//! Tables and lists of fields that fit the terminal.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::style::Style;

/// Between columns.
const GAP: usize = 2;
/// A column is not made narrower than this, nor than half of what is in it: then it would say too little.
const NARROWEST: usize = 8;

/// Rows under headings. Where they do not fit, cells are cut; where that does not help, each row becomes a list of fields.
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

struct Column {
    title: &'static str,
    is_cuttable: bool,
}

impl Table {
    pub(super) const fn new() -> Self {
        Self { columns: Vec::new(), rows: Vec::new() }
    }

    /// A column of texts, which may be cut.
    pub(super) fn text(mut self, title: &'static str) -> Self {
        self.columns.push(Column { title, is_cuttable: true });
        self
    }

    /// A column of what is of use only as a whole, such as ids.
    pub(super) fn whole(mut self, title: &'static str) -> Self {
        self.columns.push(Column { title, is_cuttable: false });
        self
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into_iter().map(|cell| clean(&cell)).collect());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table in so many columns of the terminal; as wide as it is without.
    pub(super) fn render(&self, width: Option<usize>, style: Style) -> String {
        match self.widths(width) {
            Some(widths) => self.as_table(&widths, style),
            None => self.as_lists(width, style),
        }
    }

    /// How wide each column gets, if they all fit.
    fn widths(&self, width: Option<usize>) -> Option<Vec<usize>> {
        let mut widths: Vec<_> = self.columns.iter().map(|column| column.title.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let Some(room) = width else { return Some(widths) };
        let least: Vec<_> = widths.iter().map(|width| NARROWEST.max(width / 2)).collect();
        while widths.iter().sum::<usize>() + GAP * (widths.len() - 1) > room {
            let columns = widths.iter_mut().zip(&self.columns).zip(&least);
            let cuttable = columns.filter(|((width, column), least)| column.is_cuttable && **width > **least);
            let ((widest, _), _) = cuttable.max_by_key(|((width, _), _)| **width)?;
            *widest -= 1;
        }
        Some(widths)
    }

    fn as_table(&self, widths: &[usize], style: Style) -> String {
        let titles: Vec<_> = self.columns.iter().map(|column| column.title.to_owned()).collect();
        let mut text = style.bold(&line(&titles, widths));
        for row in &self.rows {
            text.push('\n');
            text.push_str(&line(row, widths));
        }
        text
    }

    fn as_lists(&self, width: Option<usize>, style: Style) -> String {
        let list = |row: &Vec<String>| {
            let named = self.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            fields(&named.map(|(column, cell)| (column.title, cell.clone())).collect::<Vec<_>>(), width, style)
        };
        self.rows.iter().map(list).collect::<Vec<_>>().join("\n\n")
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = cut(cell, *width);
        let _ = write!(text, "{cell}{:1$}", "", width.saturating_sub(cell.width()) + GAP);
    }
    text.trim_end().to_owned()
}

/// Names and values, one below the other. What is too wide goes below its name, and is broken between words.
pub(super) fn fields(fields: &[(&str, String)], width: Option<usize>, style: Style) -> String {
    let indent = fields.iter().map(|(name, _)| name.width()).max().unwrap_or(0) + GAP;
    let room = width.unwrap_or(usize::MAX);
    let lines = fields.iter().map(|(name, value)| {
        let (value, pad) = (clean(value), indent - name.width());
        if indent + value.width() <= room {
            return format!("{}{:pad$}{value}", style.bold(name), "");
        }
        let broken = broken(&value, room.saturating_sub(GAP));
        format!("{}\n  {}", style.bold(name), broken.join("\n  "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Lines of at most `width`, where words allow it.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().map(|line| (line.width(), line));
        match last {
            Some((0, line)) => line.push_str(word),
            Some((length, line)) if length + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The text in at most `width`, with a mark where it goes on.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        let mut buffer = [0; 4];
        if short.width() + character.encode_utf8(&mut buffer).width() + 1 > width {
            break;
        }
        short.push(character);
    }
    short.push('…');
    short
}

/// Without anything that would command the terminal, whoever wrote it.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new().text("Company").text("Message").whole("Id");
        table.row(["Акме".to_owned(), "Your site is ready and waits for you".to_owned(), "019ab000".to_owned()]);
        table.row(["漢字\u{1b}[2J".to_owned(), "short".to_owned(), "019ab001".to_owned()]);
        table
    }

    #[test]
    fn a_table_is_as_wide_as_it_is_or_as_the_terminal() {
        let plain = Style::plain();
        let wide = table().render(None, plain);
        assert!(wide.contains("Акме      Your site is ready and waits for you  019ab000"), "{wide}");
        assert!(!wide.contains('\u{1b}'));
        for width in [10, 24, 30, 40, 80] {
            let text = table().render(Some(width), plain);
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
            assert!(text.contains("019ab000"), "{text}");
        }
        assert!(table().render(Some(45), plain).contains('…'));
        assert!(table().render(Some(20), plain).contains("Company"));
    }
}
