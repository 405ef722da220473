//! What a page shows.

use std::collections::BTreeMap;

use askama::Template;

/// A page, as the template shows it.
#[derive(Default, Template)]
#[template(path = "page.html")]
pub(crate) struct View {
    /// The language of its words.
    pub(crate) language: String,
    /// A strip above everything.
    pub(crate) notice: Option<String>,
    /// What it is about; the title too.
    pub(crate) heading: String,
    /// What it says.
    pub(crate) paragraphs: Vec<String>,
    /// A sum or a number, in large.
    pub(crate) figure: Option<String>,
    /// Why what was tried did not work.
    pub(crate) problem: Option<String>,
    /// What can be done.
    pub(crate) forms: Vec<Form>,
    /// Where it goes on.
    pub(crate) next: Option<Next>,
}

/// A form and its button.
#[derive(Default)]
pub(crate) struct Form {
    /// The path that it is sent to.
    pub(crate) action: String,
    /// What is said before its fields.
    pub(crate) text: Option<String>,
    /// What goes along unseen.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// What is typed.
    pub(crate) fields: Vec<Field>,
    /// The word on the button.
    pub(crate) button: String,
    /// Whether it is the lesser of two choices.
    pub(crate) quiet: bool,
}

/// A field to type into.
#[derive(Default)]
pub(crate) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) value: String,
    pub(super) problems: Vec<String>,
}

/// A link onwards.
pub(crate) struct Next {
    /// Where to.
    pub(crate) address: String,
    /// The words on it.
    pub(crate) label: String,
    /// Whether the page moves on by itself.
    pub(crate) at_once: bool,
}

impl View {
    /// Puts each problem beside its field; one without a field here stands above the forms.
    pub(super) fn put_problems(&mut self, mut problems: BTreeMap<String, Vec<String>>) {
        for field in self.forms.iter_mut().flat_map(|form| &mut form.fields) {
            field.problems = problems.remove(field.name).unwrap_or_default();
        }
        if let Some(problem) = problems.into_values().flatten().next() {
            self.problem = Some(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_escaped_and_its_problem_stands_beside_it() {
        let field = Field { name: "email", kind: "email", value: "\"><script>".to_owned(), ..Field::default() };
        let form = Form { action: "/x".to_owned(), fields: vec![field], ..Form::default() };
        let mut view = View { forms: vec![form], ..View::default() };
        view.put_problems(BTreeMap::from([("email".to_owned(), vec!["Not an <address>".to_owned()])]));
        let html = view.render().expect("the template fits");
        assert!(!html.contains("<script") && !html.contains("<address>"), "{html}");
        assert!(html.contains("aria-describedby=\"email-problem\"") && html.contains("id=\"email-problem\""), "{html}");
        assert!(view.problem.is_none());
    }

    #[test]
    fn a_problem_without_a_field_stands_above() {
        let mut view = View::default();
        view.put_problems(BTreeMap::from([("token".to_owned(), vec!["This is missing".to_owned()])]));
        assert_eq!(view.problem.as_deref(), Some("This is missing"));
    }
}
