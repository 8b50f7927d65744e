//! What every operation asks of DynamoDB: how many requests, how many of them wait for each other, and
//! the units that DynamoDB bills for them.
//!
//! Each figure is exact, by the account of the embedded engine. `make gates` holds the functions to
//! them, and infra/costs.md shows them with their price.

/// What a request asks of DynamoDB in one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// When it costs that.
    pub case: &'static str,
    /// Requests to DynamoDB.
    pub calls: u32,
    /// How many of them wait for each other; those beside each other are waited for once.
    pub round_trips: u32,
    /// Read request units, which are whole because every read is strongly consistent.
    pub read_units: u32,
    /// Write request units.
    pub write_units: u32,
}

impl Cost {
    const fn calls(self, calls: u32) -> Self {
        Self { calls, ..self }
    }

    const fn round_trips(self, round_trips: u32) -> Self {
        Self { round_trips, ..self }
    }

    const fn reads(self, read_units: u32) -> Self {
        Self { read_units, ..self }
    }

    const fn writes(self, write_units: u32) -> Self {
        Self { write_units, ..self }
    }
}

/// A case that costs nothing, unless it says so.
const fn case(case: &'static str) -> Cost {
    Cost { case, calls: 0, round_trips: 0, read_units: 0, write_units: 0 }
}

pub(super) const GET_DEBUG_LOGGING: &[Cost] = &[case("any").calls(1).round_trips(1).reads(1)];
pub(super) const PUT_DEBUG_LOGGING: &[Cost] = &[case("any").calls(1).round_trips(1).writes(2)];
pub(super) const GET_USER_DEBUG_LOGGING: &[Cost] = &[case("any").calls(1).round_trips(1).reads(2)];
pub(super) const PUT_USER_DEBUG_LOGGING: &[Cost] =
    &[case("in").calls(1).round_trips(1).writes(4), case("out").calls(1).round_trips(1).writes(2)];
pub(super) const GET_CHAT_DEBUG_LOGGING: &[Cost] = &[case("any").calls(2).round_trips(1).reads(3)];
pub(super) const PUT_CHAT_DEBUG_LOGGING: &[Cost] =
    &[case("`on`").calls(1).round_trips(1).writes(4), case("`off`").calls(1).round_trips(1).writes(2)];
pub(super) const LIST_DEBUG_RUNS: &[Cost] = &[
    case("100 runs of 0.5 KB").calls(2).round_trips(1).reads(14),
    case("100 runs of 0.5 KB, with `status`").calls(3).round_trips(2).reads(15),
];
pub(super) const GET_DEBUG_RUN: &[Cost] = &[
    case("3 steps of 3 KB").calls(3).round_trips(1).reads(6),
    case("5 steps of 60 KB").calls(4).round_trips(2).reads(77),
    case("3 steps of 1 MB").calls(6).round_trips(4).reads(739),
];
pub(super) const LIST_DEBUG_STEPS: &[Cost] = &[
    case("3 steps of 3 KB").calls(3).round_trips(1).reads(6),
    case("5 steps of 60 KB").calls(4).round_trips(2).reads(77),
];
pub(super) const DELETE_DEBUG_RUN: &[Cost] = &[
    case("3 steps of 3 KB").calls(6).round_trips(5).reads(7).writes(18),
    case("5 steps of 60 KB").calls(7).round_trips(6).reads(78).writes(306),
];
pub(super) const DELETE_CHAT: &[Cost] = &[case("a run of 3 steps of 3 KB").calls(3).round_trips(3).reads(3).writes(14)];
pub(super) const GET_DEBUG_DECISION: &[Cost] = &[case("any").calls(1).round_trips(1).reads(3)];
pub(super) const PUT_CHAT: &[Cost] = &[case("a new chat").calls(1).round_trips(1).writes(1)];
pub(super) const CREATE_DEBUG_RUN: &[Cost] = &[
    case("a run without steps").calls(2).round_trips(2).reads(5).writes(6),
    case("1 step of 3 KB").calls(2).round_trips(2).reads(5).writes(14),
    case("1 step of 3 KB, without `id`").calls(2).round_trips(2).reads(3).writes(14),
    case("1 step of 60 KB").calls(3).round_trips(3).reads(5).writes(67),
    case("5 steps of 60 KB").calls(7).round_trips(3).reads(5).writes(311),
    case("91 steps of 3 KB").calls(3).round_trips(3).reads(5).writes(740),
    case("3 steps of 1 MB").calls(11).round_trips(4).reads(5).writes(2949),
];
pub(super) const UPDATE_DEBUG_RUN: &[Cost] = &[
    case("with `owner_id`").calls(2).round_trips(2).reads(5).writes(4),
    case("without `owner_id`").calls(3).round_trips(3).reads(5).writes(4),
    case("at its end").calls(2).round_trips(2).reads(5).writes(4),
];
pub(super) const PUT_DEBUG_STEP: &[Cost] = &[
    case("3 KB").calls(2).round_trips(2).reads(6).writes(12),
    case("3 KB, without `owner_id`").calls(3).round_trips(3).reads(6).writes(12),
    case("60 KB").calls(3).round_trips(3).reads(6).writes(65),
    case("60 KB in place of 60 KB").calls(4).round_trips(4).reads(6).writes(124),
];
pub(super) const GET_OPENAPI: &[Cost] = &[case("any")];
pub(super) const GET_DOCS: &[Cost] = &[case("any")];
