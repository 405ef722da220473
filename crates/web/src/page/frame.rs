//! What surrounds a page: head, header and foot.

use erpmax_client::types::TenantId;
use erpmax_client::types::users::{Me, Role};

use crate::words::{Key, Words, key};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the device has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub(crate) fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) const fn label(self) -> Key {
        match self {
            Self::System => key::THEME_SYSTEM,
            Self::Light => key::THEME_LIGHT,
            Self::Dark => key::THEME_DARK,
        }
    }
}

/// What the layout shows around a page.
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) words: Words,
    pub(crate) theme: Theme,
    /// Where the person is; choices lead back there.
    pub(crate) path: String,
    pub(crate) is_sandbox: bool,
    pub(crate) person: Option<Person>,
}

/// Who is signed in, as the header shows it.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) company: String,
    pub(crate) companies: Vec<Company>,
}

/// A company that the person can switch to.
pub(crate) struct Company {
    pub(crate) id: TenantId,
    pub(crate) name: String,
    pub(crate) is_current: bool,
}

impl Person {
    pub(crate) fn of(me: &Me) -> Self {
        let current = me.current_tenant.as_ref();
        let companies = me.tenants.iter().map(|membership| Company {
            id: membership.tenant_id,
            name: membership.tenant_name.clone(),
            is_current: current.is_some_and(|tenant| tenant.id == membership.tenant_id),
        });
        Self {
            name: me.user.full_name.clone(),
            email: me.user.email.clone(),
            email_verified: me.user.email_verified,
            company: current.map(|tenant| tenant.name.clone()).unwrap_or_default(),
            companies: companies.collect(),
        }
    }
}

impl Frame {
    pub(crate) fn say(&self, key: Key) -> String {
        self.words.say(key)
    }

    /// Whether `path` is the part of the app that is shown.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.path == path || self.path.starts_with(&format!("{path}/")) || self.path.starts_with(&format!("{path}?"))
    }
}

/// A role in words.
pub(crate) const fn role_word(role: Role) -> Key {
    match role {
        Role::Owner => key::ROLE_OWNER,
        Role::Admin => key::ROLE_ADMIN,
        Role::User => key::ROLE_USER,
    }
}
