//! Free-form JSON that keeps every byte, and bodies that are read strictly.
//!
//! - `object`: an object as it was sent
//! - `members`: how the members of a body are read
//! - `string_enum`: enums that travel as strings
//! - `body`: a whole body, and what is wrong with it
//! - `escapes`: what the escapes of strings say

mod body;
mod escapes;
mod members;
mod object;
mod string_enum;

pub use body::{Violation, parse_body};
pub use escapes::escape;
pub(crate) use members::{RecordedText, given, object, objects, or_default, recorded_text};
pub use object::{MAX_DEPTH, Object, mend};
pub use string_enum::StringEnum;
pub(crate) use string_enum::string_enum;
