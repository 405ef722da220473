//! A company's slug: made from its name, unique, and good as the label of its site's address.

use erpmax_store::{Tx, tenants};

use crate::Result;

const LONGEST: usize = 32;

/// Labels that mean something else in a zone, or could be taken for the operator's.
const RESERVED: &[&str] = &[
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "blog",
    "cdn",
    "console",
    "dashboard",
    "demo",
    "docs",
    "download",
    "erpmax",
    "erpnext",
    "files",
    "ftp",
    "git",
    "help",
    "imap",
    "internal",
    "login",
    "mail",
    "metrics",
    "mta-sts",
    "news",
    "ns1",
    "ns2",
    "operator",
    "pay",
    "pop",
    "portal",
    "private",
    "public",
    "root",
    "runner",
    "sandbox",
    "security",
    "shop",
    "signup",
    "site",
    "sites",
    "smtp",
    "sso",
    "static",
    "status",
    "support",
    "system",
    "test",
    "webmail",
    "www",
];

/// A slug for `company` that nobody has.
pub(crate) async fn find_free(tx: &mut Tx, company: &str) -> Result<String> {
    let base = from_name(company);
    if !RESERVED.contains(&base.as_str()) && !tenants::slug_is_taken(tx, &base).await? {
        return Ok(base);
    }
    for number in 2..=20 {
        let candidate = format!("{base}-{number}");
        if !tenants::slug_is_taken(tx, &candidate).await? {
            return Ok(candidate);
        }
    }
    Ok(format!("{base}-{:06x}", rand::random_range(0..0x0100_0000)))
}

/// How the slugs of companies begin whose names begin like this; none if the text has nothing of which slugs are made.
pub(crate) fn beginning(text: &str) -> Option<String> {
    let slug = in_latin(text);
    (text.is_empty() || !slug.is_empty()).then_some(slug)
}

/// The name in Latin letters, digits and hyphens; three to 32 characters, beginning with a letter.
fn from_name(name: &str) -> String {
    let slug = in_latin(name);
    match slug.chars().next() {
        Some(first) if first.is_ascii_lowercase() && slug.len() >= 3 => slug,
        Some(_) => format!("company-{slug}").chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned(),
        None => "company".to_owned(),
    }
}

fn in_latin(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' => slug.push(character),
            _ => match transliterate(character) {
                Some(letters) => slug.push_str(letters),
                None if slug.ends_with('-') || slug.is_empty() => {}
                None => slug.push('-'),
            },
        }
    }
    slug.truncate(LONGEST);
    slug.trim_matches('-').to_owned()
}

/// Ukrainian letters by resolution 55 of the Cabinet of Ministers of 27 January 2010 (without its rule for first letters),
/// other Cyrillic and common accented ones by habit. An apostrophe or soft sign becomes nothing.
const fn transliterate(character: char) -> Option<&'static str> {
    Some(match character {
        'а' | 'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "h",
        'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'è' | 'é' | 'ê' | 'ë' | 'ę' => "e",
        'є' => "ie",
        'ж' => "zh",
        'з' | 'ź' | 'ż' | 'ž' => "z",
        'и' | 'ы' => "y",
        'і' | 'ї' | 'й' | 'ì' | 'í' | 'î' | 'ï' => "i",
        'к' => "k",
        'л' | 'ł' => "l",
        'м' => "m",
        'н' | 'ñ' | 'ń' => "n",
        'о' | 'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'п' => "p",
        'р' | 'ř' => "r",
        'с' | 'ś' | 'š' => "s",
        'ç' | 'ć' | 'č' => "c",
        'т' => "t",
        'у' | 'ù' | 'ú' | 'û' | 'ü' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ю' => "iu",
        'я' => "ia",
        'ё' => "io",
        'ß' => "ss",
        'ь' | 'ъ' | '\'' | '’' | 'ʼ' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use erpmax_types::site_name::SiteName;

    use super::from_name;

    #[test]
    fn slugs_are_made_of_names() {
        assert_eq!(from_name("Acme"), "acme");
        assert_eq!(from_name("  Acme Trading & Co. "), "acme-trading-co");
        assert_eq!(from_name("Рога і копита"), "roha-i-kopyta");
        assert_eq!(from_name("Київ’хліб"), "kyivkhlib");
        assert_eq!(from_name("1C"), "company-1c");
        assert_eq!(from_name("漢字"), "company");
    }

    #[test]
    fn every_slug_is_a_good_site_name() {
        for name in ["A", "-", "9", "ООО", &"x".repeat(300), "a---b", "Ж-", "--1--", &"1".repeat(140), "é", "a'"] {
            let slug = from_name(name);
            assert!(slug.parse::<SiteName>().is_ok(), "{name:?} gives {slug:?}");
            assert!(format!("{slug}-ffffff").parse::<SiteName>().is_ok(), "{slug:?} with a suffix");
        }
    }
}
