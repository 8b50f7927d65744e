//! How much of each step an answer shows, as its query asks.

use api::json::Violation;

/// How much of each step an answer shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StepForm {
    /// All of it.
    #[default]
    Whole,
    /// All but bodies and normalized forms.
    NoBodies,
    /// Its outline.
    Outline,
}

impl StepForm {
    /// What the parameters `bodies` and `outline` ask for. An outline has no bodies anyway.
    ///
    /// # Errors
    ///
    /// When one has a value that asks for nothing.
    pub fn asked(bodies: Option<&str>, outline: Option<&str>) -> Result<Self, Violation> {
        let form = match bodies {
            None => Self::Whole,
            Some("none") => Self::NoBodies,
            Some(_) => return Err(Violation::new("bodies", "must be none, or left out")),
        };
        match outline {
            None => Ok(form),
            Some("true") => Ok(Self::Outline),
            Some(_) => Err(Violation::new("outline", "must be true, or left out")),
        }
    }

    /// The parameter that asks for it.
    pub const fn parameter(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Whole => None,
            Self::NoBodies => Some(("bodies", "none")),
            Self::Outline => Some(("outline", "true")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_asked_for_by_its_parameter() {
        for form in [StepForm::Whole, StepForm::NoBodies, StepForm::Outline] {
            let given = |name| form.parameter().filter(|(known, _)| *known == name).map(|(_, value)| value);
            assert_eq!(StepForm::asked(given("bodies"), given("outline")), Ok(form));
        }
        assert_eq!(StepForm::asked(Some("none"), Some("true")), Ok(StepForm::Outline));
        for (bodies, outline, field) in [(Some("all"), None, "bodies"), (None, Some("false"), "outline")] {
            assert_eq!(StepForm::asked(bodies, outline).map_err(|wrong| wrong.field), Err(field.to_owned()));
        }
    }
}
