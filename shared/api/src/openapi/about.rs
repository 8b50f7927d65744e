//! What no route says of its operation: what it takes and answers, and a paragraph for people.

use super::{
    bodies::{AnsweredStep, ListedStep, PostedTurn},
    ordered::Json,
    recorded::{RunOrNot, RunRecorded, StepOrNot, StepRecorded},
    schemas,
};
use crate::{
    chat::{ListedChat, PutChat, Registration},
    external::ExternalId,
    ids::{StepNumber, UserId},
    json::Object,
    preview::RedactionPreview,
    problem::Problem,
    recorder_keys::{CreateRecorderKey, NewRecorderKey, RecorderKey},
    routes::Route,
    run::{Deletion, Run, RunDetail, RunKind, RunState, UpdateRun},
    settings::{
        ChatSettings, DeploymentSettings, PutChatSettings, PutDeploymentSettings, PutUserSettings, UserSettings,
    },
    status::Status,
    step::StepInput,
    view::ViewedStep,
};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;

pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Json;

/// What a route does not say of its operation.
pub(super) struct About {
    pub(super) tag: &'static str,
    pub(super) description: &'static str,
    /// What each status of success means and answers, in the route's order.
    pub(super) success: Vec<Success>,
    pub(super) body: Option<SchemaOf>,
    /// The headers that its success has in addition to those of every answer, unless nothing changed.
    pub(super) headers: &'static [&'static str],
    pub(super) query: Vec<QueryParameter>,
    /// The problems that do not follow from the route.
    pub(super) problems: Vec<Problem>,
}

/// What a status of success says of itself. Each has a body of its own, or none.
pub(super) struct Success {
    pub(super) meaning: &'static str,
    pub(super) body: SuccessBody,
}

pub(super) enum SuccessBody {
    Nothing,
    Json(SchemaOf),
    /// A text of another media type.
    Text(&'static str),
    /// Bytes of any media type.
    Bytes,
}

pub(super) struct QueryParameter {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) description: &'static str,
    pub(super) schema: SchemaOf,
}

fn nothing(meaning: &'static str) -> Success {
    Success { meaning, body: SuccessBody::Nothing }
}

fn json<T: JsonSchema>(meaning: &'static str) -> Success {
    Success { meaning, body: SuccessBody::Json(schemas::of::<T>) }
}

fn limit(description: &'static str) -> QueryParameter {
    QueryParameter {
        name: "limit",
        required: false,
        description,
        schema: |_| Json::schema(json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 100})),
    }
}

fn unchanged() -> Success {
    nothing("The page is still what one of the tags in `If-None-Match` stands for.")
}

fn bodies() -> QueryParameter {
    QueryParameter {
        name: "bodies",
        required: false,
        description: "`none` leaves out the bodies of attempts and the normalized forms, of which `normalized_request` is \
            `{}` then.",
        schema: |_| Json::schema(json!({"type": "string", "enum": ["none"]})),
    }
}

fn after() -> QueryParameter {
    QueryParameter {
        name: "after",
        required: false,
        description: "Only steps after this number; not together with a cursor.",
        schema: schemas::of::<StepNumber>,
    }
}

fn cursor() -> QueryParameter {
    QueryParameter {
        name: "cursor",
        required: false,
        description: "Where the page before ended. It is opaque: take it from that page's `Link` header.",
        schema: |_| Json::schema(json!({"type": "string", "maxLength": 64})),
    }
}

/// What a route does not say of its operation.
#[expect(
    clippy::too_many_lines,
    clippy::panic,
    reason = "one list of all; a route without an entry stops the generator"
)]
pub(super) fn about(route: &Route) -> About {
    // What most have; each operation says what is different.
    let plain = About {
        tag: "",
        description: "",
        success: Vec::new(),
        body: None,
        headers: &[],
        query: Vec::new(),
        problems: Vec::new(),
    };
    match route.operation {
        "get-debug-logging" => About {
            tag: "Settings",
            description: "For admins. `allow_users` is the stored gate, also while the deployment forces recording.",
            success: vec![json::<DeploymentSettings>("The gate, and whether it matters.")],
            ..plain
        },
        "put-debug-logging" => About {
            tag: "Settings",
            description: "For admins. It is stored also while the deployment forces recording. Users' opt-ins outlast a \
                closed gate: they count again once it is open.",
            success: vec![nothing("It is stored.")],
            body: Some(schemas::of::<PutDeploymentSettings>),
            ..plain
        },
        "get-user-debug-logging" => About {
            tag: "Settings",
            description: "The effective state: what the next turn of a chat that overrides nothing would meet.",
            success: vec![json::<UserSettings>("The caller's own state.")],
            ..plain
        },
        "put-user-debug-logging" => About {
            tag: "Settings",
            description: "Opting in needs an open gate. Opting out is possible at any time, unless the deployment forces \
                recording.",
            success: vec![nothing("It is stored.")],
            body: Some(schemas::of::<PutUserSettings>),
            problems: vec![Problem::ForcedByDeployment, Problem::GateClosed],
            ..plain
        },
        "create-recorder-key" => About {
            tag: "Recorder keys",
            description: "The answer is the only one that ever has the key. A bound key records for its maker alone, and \
                reaches only chats whose id is made of that owner and an `external_id`. A general one, which an admin \
                makes, records for any owner. The service may be told to take no keys.",
            success: vec![json::<NewRecorderKey>("The key is good from now on.")],
            body: Some(schemas::of::<CreateRecorderKey>),
            problems: vec![Problem::AdminOnly, Problem::TooManyKeys, Problem::RecorderKeysOff],
            ..plain
        },
        "list-recorder-keys" => About {
            tag: "Recorder keys",
            description: "A bare array without secrets. An admin sees the general keys, too.",
            success: vec![json::<Vec<RecorderKey>>("The keys.")],
            ..plain
        },
        "delete-recorder-key" => About {
            tag: "Recorder keys",
            description: "From then on the key is refused like one that never was. Of another's key it is a 404.",
            success: vec![nothing("It is revoked.")],
            ..plain
        },
        "get-chat-debug-logging" => About {
            tag: "Settings",
            description: "For the chat's owner. It says what the very next post of this chat would be told: the \
                deployment decides before the gate, the gate before the chat, the chat before the user.",
            success: vec![json::<ChatSettings>("What the chat says, and what is so.")],
            ..plain
        },
        "put-chat-debug-logging" => About {
            tag: "Settings",
            description: "For the chat's owner. `off` is possible at any time, unless the deployment forces recording; \
                the others need an open gate.",
            success: vec![nothing("It is stored.")],
            body: Some(schemas::of::<PutChatSettings>),
            problems: vec![Problem::ForcedByDeployment, Problem::GateClosed],
            ..plain
        },
        "list-chats" => About {
            tag: "Reading",
            description: "A bare array, newest registration first. When there are more, a `Link` header leads to them. \
                A chat is there from its registration on, also without a run, and never again once it is deleted.",
            success: vec![json::<Vec<ListedChat>>("A page of the caller's chats."), unchanged()],
            headers: &["Link"],
            query: vec![limit("The most chats on the page."), cursor()],
            ..plain
        },
        "list-debug-runs" => About {
            tag: "Reading",
            description: "A bare array, newest start first. When there are more, a `Link` header leads to them. With \
                `status`, `kind` or `trigger_message_id` a page looks at no more than 1,000 runs: it may be short, even empty, and still \
                announce the next one. What was recorded stays readable after recording is switched off.",
            success: vec![json::<Vec<Run>>("A page of runs."), unchanged()],
            headers: &["Link"],
            query: vec![
                limit("The most runs on the page."),
                QueryParameter {
                    name: "status",
                    required: false,
                    description: "Only runs with this status.",
                    schema: schemas::of::<Status>,
                },
                QueryParameter {
                    name: "kind",
                    required: false,
                    description: "Only runs that were for this.",
                    schema: schemas::of::<RunKind>,
                },
                QueryParameter {
                    name: "trigger_message_id",
                    required: false,
                    description: "Only runs that this message started. `14` finds the number and the text.",
                    schema: |_| Json::schema(json!({"type": "string", "minLength": 1, "maxLength": 128})),
                },
                cursor(),
            ],
            ..plain
        },
        "get-debug-run" => About {
            tag: "Reading",
            description: "The run with its steps by number. When one answer does not take all, `steps_complete` is \
                `false` and a `Link` header leads to the others. While the run is being recorded, steps of different \
                moments may be side by side; a step is always whole.",
            success: vec![
                json::<RunDetail<AnsweredStep>>("The run."),
                nothing("The run is still what one of the tags in `If-None-Match` stands for."),
            ],
            headers: &["Link"],
            query: vec![bodies()],
            ..plain
        },
        "list-debug-steps" => About {
            tag: "Reading",
            description: "A bare array by number, from the first step without a cursor. Pages are cut by bytes, never \
                within a step. When there are more, a `Link` header leads to them. Outlines cost little enough to be \
                asked for again and again.",
            success: vec![json::<Vec<ListedStep>>("A page of steps, or of their outlines."), unchanged()],
            headers: &["Link"],
            query: vec![
                cursor(),
                after(),
                bodies(),
                QueryParameter {
                    name: "outline",
                    required: false,
                    description: "`true` shows each step in short: as a `StepOutline`.",
                    schema: |_| Json::schema(json!({"type": "string", "enum": ["true"]})),
                },
            ],
            ..plain
        },
        "get-debug-step" => About {
            tag: "Reading",
            description: "The step as its run shows it. What it has no room for is named in `omitted`.",
            success: vec![json::<AnsweredStep>("The step."), nothing("The caller has it as it is.")],
            ..plain
        },
        "get-debug-step-content" => About {
            tag: "Reading",
            description: "A normalized form is JSON. A body has the type that the attempt's headers say, and comes byte \
                for byte, also if it is compressed: it has no `Content-Encoding` here. `Range` may ask for one range of \
                bytes, of which an answer holds at most 4,400,000. Another `Range`, or one whose `If-Range` is not the \
                `ETag`, counts as none. The slashes of `content` are sent as they are.",
            success: vec![
                Success { meaning: "The whole content.", body: SuccessBody::Bytes },
                Success { meaning: "A part of it.", body: SuccessBody::Bytes },
                nothing("The caller has it as it is."),
            ],
            headers: &["Accept-Ranges", "Content-Disposition", "Content-Security-Policy"],
            problems: vec![Problem::RangeRequired { size: 0 }, Problem::RangeNotSatisfiable { size: 0 }],
            ..plain
        },
        "get-debug-run-view" => About {
            tag: "Reading",
            description: "Each step as the reader of this service understands it: what the model was given, what it \
                said, how it ended, and what could not be read, in one form for all providers. Each part says where it \
                came from. Pages are those of the steps. A text that an answer has no room for is empty, and \
                `left_out` says how many bytes it has.",
            success: vec![json::<Vec<ViewedStep>>("A page of views."), unchanged()],
            headers: &["Link"],
            query: vec![
                cursor(),
                after(),
                QueryParameter {
                    name: "step",
                    required: false,
                    description: "Only the step of this number; together with nothing else.",
                    schema: schemas::of::<StepNumber>,
                },
            ],
            ..plain
        },
        "get-debug-run-har" => About {
            tag: "Reading",
            description: "HAR 1.2, as browsers' network panels and proxies read it: an entry for each attempt, with its \
                bodies unpacked. `chat-debug export` writes a run of any size.",
            success: vec![json::<Object>("The HAR.")],
            problems: vec![Problem::HarTooLarge],
            ..plain
        },
        "delete-debug-run" => About {
            tag: "Deleting",
            description: "From then on the run is invisible for every reader and closed to every writer. Deleting it \
                again is answered the same.",
            success: vec![
                json::<Deletion>(
                    "Nobody sees it any more, but something is left in the table: the same request again goes on.",
                ),
                nothing("It is gone."),
            ],
            ..plain
        },
        "delete-chat" => About {
            tag: "Deleting",
            description: "From then on everything about the chat is invisible for every reader and closed to every \
                writer, its id included. Deleting it again is answered the same.",
            success: vec![
                json::<Deletion>(
                    "Nobody sees it any more, but something is left in the table: the same request again goes on.",
                ),
                nothing("It is gone."),
            ],
            ..plain
        },
        "get-debug-decision" => About {
            tag: "Recording",
            description: "What a post of this very moment would be told, so that a recorder need not gather what it may \
                not record. A chat that is not known yet overrides nothing. Nothing is stored: a later post decides anew.",
            success: vec![json::<ChatSettings>("What the chat says, and what is so.")],
            query: vec![
                QueryParameter {
                    name: "owner_id",
                    required: false,
                    description: "Whose chat it is, or is to be: what the tokens of that user have as `sub`. Only a bound \
                        key, which has one owner, may leave it out.",
                    schema: schemas::of::<UserId>,
                },
                QueryParameter {
                    name: "external_id",
                    required: false,
                    description: "The chat product's own word for the chat: with the owner it makes the id in the path. \
                        A bound key needs it.",
                    schema: schemas::of::<ExternalId>,
                },
            ],
            problems: vec![Problem::OtherOwner],
            ..plain
        },
        "put-chat" => About {
            tag: "Recording",
            description: "Registering is optional: a chat's first run registers it on the way. The first lineage that \
                is named stays.",
            success: vec![
                json::<Registration>("The chat was registered with this owner, and nothing changed."),
                json::<Registration>("The chat is registered."),
            ],
            body: Some(schemas::of::<PutChat>),
            problems: vec![Problem::OtherOwner],
            ..plain
        },
        "preview-redaction" => About {
            tag: "Recording",
            description: "Whoever records, or writes what records, sees here what is taken out before it does; an operator \
                tries rules. The step is read as a recorded one would be. It is at most 1 MiB, and neither it nor what is \
                found in it is stored or logged.",
            success: vec![json::<RedactionPreview>("The step as it would be stored, and what was taken out of it.")],
            body: Some(schemas::of::<StepInput>),
            problems: vec![Problem::StepTooLarge],
            ..plain
        },
        "create-debug-run" => About {
            tag: "Recording",
            description: "A whole turn is one call. With an `id` of its own a post may be repeated: the same content is \
                answered the same. Nothing is stored when the policy says no, not even the chat; the answer says so. \
                Keys are redacted as in put-debug-step. A body is at most 5 MiB, and less when much of it is quoted \
                once more on its way: see Large bodies.",
            success: vec![
                json::<RunOrNot>("It had been posted before; or it is not recorded, and `decision` says why."),
                json::<RunRecorded>("It is recorded."),
            ],
            body: Some(schemas::of::<PostedTurn>),
            problems: vec![
                Problem::StepTooLarge,
                Problem::TurnTooLarge { stored: 0 },
                Problem::OtherOwner,
                Problem::OtherContent,
            ],
            ..plain
        },
        "update-debug-run" => About {
            tag: "Recording",
            description: "An absent member keeps what is stored, so `{}` is a heartbeat. Finishing with the status that \
                a final run has changes nothing. While the policy says no, only `status` and `finished_at` are stored. \
                Keys are redacted as in put-debug-step.",
            success: vec![json::<RunState>("The state of the run.")],
            body: Some(schemas::of::<UpdateRun>),
            problems: vec![Problem::OtherOwner, Problem::RunFinal],
            ..plain
        },
        "put-debug-step" => About {
            tag: "Recording",
            description: "The step is put whole, in the place of an earlier one with its number. Keys are masked \
                wherever they are, as `[REDACTED]` or with the name of the rule that found them, and every other byte \
                stays. A body that cannot be read is stored as `[WITHHELD: …]`. A body is at most 5 MiB, \
                and less when much of it is quoted once more on its way: see Large bodies.",
            success: vec![
                json::<StepOrNot>(
                    "It took the place of an earlier one; or it is not recorded, and `decision` says why.",
                ),
                json::<StepRecorded>("It is recorded."),
            ],
            body: Some(schemas::of::<StepInput>),
            problems: vec![Problem::StepTooLarge, Problem::OtherOwner, Problem::RunFinal],
            ..plain
        },
        "get-openapi" => About {
            tag: "About",
            description: "OpenAPI 3.0. The page is made of it.",
            success: vec![json::<Object>("The document.")],
            ..plain
        },
        "get-docs" => About {
            tag: "About",
            description: "A page without anything from elsewhere. It keeps no token beyond its own tab.",
            success: vec![Success { meaning: "The page.", body: SuccessBody::Text("text/html") }],
            headers: &["Content-Security-Policy"],
            ..plain
        },
        "get-viewer" => About {
            tag: "About",
            description: "The page itself holds nothing of any chat: it asks this API, with the token of whoever signs \
                in on it, and keeps that in its own tab's memory.",
            success: vec![Success { meaning: "The page.", body: SuccessBody::Text("text/html") }],
            headers: &["Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy"],
            ..plain
        },
        unknown => panic!("Say what {unknown} takes and answers in api::openapi::about."),
    }
}
