//! The commands in a guide: fenced blocks of `sh` below headings.

/// A part of a guide that begins with `## `.
pub(super) struct Section {
    pub(super) title: String,
    /// What is between "```sh" and "```".
    pub(super) blocks: Vec<String>,
}

/// The sections that have commands.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let parts = text.split("\n## ").skip(1).map(|part| {
        let (title, body) = part.split_once('\n').unwrap_or((part, ""));
        let blocks = body.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
        Section { title: title.trim().to_owned(), blocks: blocks.map(ToOwned::to_owned).collect() }
    });
    parts.filter(|section| !section.blocks.is_empty()).collect()
}

/// How many commands a block has: its lines, but for those that are a file's or go on with the one before.
pub(super) fn commands(block: &str) -> usize {
    let (mut count, mut is_within_file, mut goes_on) = (0, false, false);
    for line in block.lines().filter(|line| !line.is_empty()) {
        if is_within_file {
            is_within_file = line != "EOF";
            continue;
        }
        count += usize::from(!goes_on);
        is_within_file = line.ends_with("<<'EOF'");
        goes_on = line.ends_with('\\');
    }
    count
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::process::Stdio;

    use super::*;
    use crate::command::{program, root};

    #[test]
    fn commands_are_found_below_their_headings() {
        let text = "# Guide\n\n## One\ntext\n\n```sh\na\nb\n```\n\n```toml\nc = 1\n```\n## Two\nno commands\n## Three\n```sh\nd\n```\n";
        let found = sections(text);
        let titles: Vec<&str> = found.iter().map(|section| section.title.as_str()).collect();
        assert_eq!((titles, &found[0].blocks), (vec!["One", "Three"], &vec!["a\nb\n".to_owned()]));
    }

    #[test]
    fn lines_of_files_are_no_commands() {
        assert_eq!(commands("a\nb \\\n  c\ncat > f <<'EOF'\nx\n\ny\nEOF\nd\n"), 4);
    }

    #[test]
    fn every_block_of_the_guide_is_a_script() {
        let text = fs::read_to_string(root().join(super::super::GUIDE)).expect("the guide can be read");
        let blocks: Vec<String> = sections(&text).into_iter().flat_map(|section| section.blocks).collect();
        assert!(blocks.len() > 10, "{}", blocks.len());
        for block in blocks {
            let mut bash = program("bash", &["-n"]).stdin(Stdio::piped()).spawn().expect("bash starts");
            bash.stdin.take().expect("it reads").write_all(block.as_bytes()).expect("it reads");
            assert!(bash.wait().expect("it ends").success(), "{block}");
        }
    }
}
