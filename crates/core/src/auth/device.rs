//! What a device calls itself, in words that its owner knows.

/// Marks of browsers and programs, the more particular ones first: most pretend to be several.
const PROGRAMS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("Dart/", "ERPMax app"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
    ("linux", "Linux"),
];
const LONGEST: usize = 40;

/// `Firefox, Linux`; of what is not known, the first word of its name; empty if it has none.
pub(super) fn describe(user_agent: &str) -> String {
    let find = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| (*name).to_owned())
    };
    let first_word = user_agent.split(['/', ' ']).next().filter(|word| !word.is_empty());
    let program = find(&PROGRAMS).or_else(|| first_word.map(|word| word.chars().take(LONGEST).collect()));
    [program, find(&SYSTEMS)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn browsers_and_systems_are_known_by_their_marks() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
            (chrome, "Chrome, Windows"),
            (&format!("{chrome} Edg/140.0"), "Edge, Windows"),
            (iphone, "Safari, iPhone"),
            ("Dart/3.5 (dart:io)", "ERPMax app"),
            ("curl/8.5.0", "curl"),
            ("", ""),
        ] {
            assert_eq!(describe(user_agent), words);
        }
    }

    #[test]
    fn a_name_without_end_is_cut() {
        assert_eq!(describe(&"x".repeat(500)).len(), 40);
    }
}
