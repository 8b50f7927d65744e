//! What records, sets and deletes. Every rule about data is a condition of the write itself.

pub(super) mod chats;
mod conditions;
pub(super) mod create_run;
pub(super) mod delete;
pub(super) mod put_step;
pub(super) mod settings;
mod staged;
pub(super) mod update_run;
