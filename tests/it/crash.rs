//! A process that is killed between any two writes leaves nothing half visible.
