//! What the store takes instead of bare ids: values that prove who calls and what they may touch.
//!
//! Only [`crate::access`] makes them, and only after it has decided. Each is followed by a line that compiles, and by
//! the same line with another value in the proof's place, which does not.
//!
//! Nothing else can make one, in whichever way. A test in [`crate::access`] makes each as the lines here that must not
//! compile do, so these fail for their privacy and not for a wrong name:
//!
//! ```
//! # fn is_proof<T>() {}
//! is_proof::<service::access::proof::Recorder>();
//! ```
//!
//! ```compile_fail,E0451
//! let forged = service::access::proof::Recorder { 0: None };
//! ```

mod callers;
mod owners;
mod recordings;

pub use callers::{Admin, KeyHolder, Recorder, RevocableKey, User};
pub use owners::{Owned, OwnedChat, OwnerCondition, UnprovenChat};
pub use recordings::{ClaimedChat, NamedChat, RecordableChat, RefusedChat};
