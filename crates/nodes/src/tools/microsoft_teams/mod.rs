//! Microsoft Teams, in the name of a user that allowed it (learn.microsoft.com/graph/api, v1.0).

mod chats;
mod rows;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use flowstone_providers::service::Content;
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

use super::actions::{
    Action, Argument, Connection, Draft, Found, Given, Group, ServiceTools, choices,
};
use crate::account;
use chats::{CHATS, MESSAGES};

const KIND: Input<String> = Input::options(
    "Type",
    "teamsType",
    &[
        Choice::new("channel", "Channel"),
        Choice::new("chat", "Chat"),
        Choice::new("chatMessage", "Chat Message"),
    ],
)
.describe("What the model works with");
const CHANNEL_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Channel Actions", "channelActions", &CHANNEL_CHOICES)
        .describe("What the model may do with channels; each is a tool")
        .show_when(&[When("teamsType", Holds::AnyOf(&["channel"]))]);
const CHANNEL_CHOICES: [Choice; 10] = choices(&CHANNELS);
const CHAT_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Chat Actions", "chatActions", &CHAT_CHOICES)
        .describe("What the model may do with chats; each is a tool")
        .show_when(&[When("teamsType", Holds::AnyOf(&["chat"]))]);
const CHAT_CHOICES: [Choice; 10] = choices(&CHATS);
const CHAT_MESSAGE_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Chat Message Actions", "chatMessageActions", &MESSAGE_CHOICES)
        .describe("What the model may do with messages of chats and channels; each is a tool")
        .show_when(&[When("teamsType", Holds::AnyOf(&["chatMessage"]))]);
const MESSAGE_CHOICES: [Choice; 9] = choices(&MESSAGES);

static SPEC: Spec = Spec {
    label: "Microsoft Teams",
    name: "microsoftTeams",
    version: 1.0,
    kind: "MicrosoftTeams",
    icon: "chat-service.svg",
    category: "Tools",
    description: "Lets a model work with channels, chats and messages of Microsoft Teams",
    base_classes: &["MicrosoftTeams", "Tool"],
    credential: Some(CredentialSlot::required(&["microsoftTeamsOAuth2"])),
    inputs: &[
        KIND.field,
        CHANNEL_ACTIONS.field,
        CHAT_ACTIONS.field,
        CHAT_MESSAGE_ACTIONS.field,
        rows::TEAM_ID_LIST_CHANNELS,
        rows::MAX_RESULTS_LIST_CHANNELS,
        rows::TEAM_ID_GET_CHANNEL,
        rows::CHANNEL_ID_GET_CHANNEL,
        rows::TEAM_ID_CREATE_CHANNEL,
        rows::DISPLAY_NAME_CREATE_CHANNEL,
        rows::DESCRIPTION_CREATE_CHANNEL,
        rows::MEMBERSHIP_TYPE_CREATE_CHANNEL,
        rows::TEAM_ID_UPDATE_CHANNEL,
        rows::CHANNEL_ID_UPDATE_CHANNEL,
        rows::DISPLAY_NAME_UPDATE_CHANNEL,
        rows::TEAM_ID_DELETE_CHANNEL,
        rows::CHANNEL_ID_DELETE_CHANNEL,
        rows::TEAM_ID_CHANNEL_MEMBERS,
        rows::CHANNEL_ID_CHANNEL_MEMBERS,
        rows::USER_ID_CHANNEL_MEMBER,
        rows::MAX_RESULTS_LIST_CHATS,
        rows::CHAT_ID_GET_CHAT,
        rows::CHAT_TYPE_CREATE_CHAT,
        rows::TOPIC_CREATE_CHAT,
        rows::MEMBERS_CREATE_CHAT,
        rows::CHAT_ID_UPDATE_CHAT,
        rows::TOPIC_UPDATE_CHAT,
        rows::CHAT_ID_DELETE_CHAT,
        rows::CHAT_ID_CHAT_MEMBERS,
        rows::USER_ID_CHAT_MEMBER,
        rows::CHAT_ID_PIN_MESSAGE,
        rows::MESSAGE_ID_PIN_MESSAGE,
        rows::CHAT_CHANNEL_ID_LIST_MESSAGES,
        rows::TEAM_ID_LIST_MESSAGES,
        rows::MAX_RESULTS_LIST_MESSAGES,
        rows::CHAT_CHANNEL_ID_GET_MESSAGE,
        rows::TEAM_ID_GET_MESSAGE,
        rows::MESSAGE_ID_GET_MESSAGE,
        rows::CHAT_CHANNEL_ID_SEND_MESSAGE,
        rows::TEAM_ID_SEND_MESSAGE,
        rows::MESSAGE_BODY_SEND_MESSAGE,
        rows::CONTENT_TYPE_SEND_MESSAGE,
        rows::CHAT_CHANNEL_ID_UPDATE_MESSAGE,
        rows::TEAM_ID_UPDATE_MESSAGE,
        rows::MESSAGE_ID_UPDATE_MESSAGE,
        rows::CHAT_CHANNEL_ID_DELETE_MESSAGE,
        rows::TEAM_ID_DELETE_MESSAGE,
        rows::MESSAGE_ID_DELETE_MESSAGE,
        rows::CHAT_CHANNEL_ID_REPLY_MESSAGE,
        rows::TEAM_ID_REPLY_MESSAGE,
        rows::MESSAGE_ID_REPLY_MESSAGE,
        rows::REPLY_BODY_REPLY_MESSAGE,
        rows::CHAT_CHANNEL_ID_REACTION,
        rows::TEAM_ID_REACTION,
        rows::MESSAGE_ID_REACTION,
        rows::REACTION_TYPE_SET_REACTION,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "channel", row: &CHANNEL_ACTIONS, actions: &CHANNELS },
    Group { kind: "chat", row: &CHAT_ACTIONS, actions: &CHATS },
    Group { kind: "chatMessage", row: &CHAT_MESSAGE_ACTIONS, actions: &MESSAGES },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, Some(&KIND), GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://graph.microsoft.com", "/v1.0/");
    let kind = "microsoftTeamsOAuth2";
    async move {
        Connection::of_account("Microsoft Teams", address, kind, inputs, account::MICROSOFT)
    }
    .boxed()
}

const TEAM: Argument = Argument::text("teamId", "The id of the team").required();
const CHANNEL: Argument = Argument::text("channelId", "The id of the channel").required();
const USER: Argument = Argument::text("userId", "The id of the user").required();
const MOST: Argument = Argument::whole("maxResults", "How many are listed at most").sent_as("$top");
const NAME: Argument = Argument::text("displayName", "What the channel is called");
const ABOUT: Argument = Argument::text("description", "What the channel is for");

const CHANNELS: [Action; 10] = [
    Action {
        choice: "listChannels",
        label: "List Channels",
        description: "Lists the channels of a team",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_LIST_CHANNELS),
            MOST.row(&rows::MAX_RESULTS_LIST_CHANNELS).aside(),
        ],
        told: Some(first_ones),
        ..Action::get("teams/{teamId}/channels")
    },
    Action {
        choice: "getChannel",
        label: "Get Channel",
        description: "Reads what a channel is called and is for",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_GET_CHANNEL),
            CHANNEL.row(&rows::CHANNEL_ID_GET_CHANNEL),
        ],
        ..Action::get("teams/{teamId}/channels/{channelId}")
    },
    Action {
        choice: "createChannel",
        label: "Create Channel",
        description: "Makes a channel in a team",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_CREATE_CHANNEL),
            NAME.required().row(&rows::DISPLAY_NAME_CREATE_CHANNEL),
            ABOUT.row(&rows::DESCRIPTION_CREATE_CHANNEL),
            Argument::one_of(
                "membershipType",
                "Who may join the channel",
                &["standard", "private", "shared"],
            )
            .row(&rows::MEMBERSHIP_TYPE_CREATE_CHANNEL),
        ],
        ..Action::post("teams/{teamId}/channels")
    },
    Action {
        choice: "updateChannel",
        label: "Update Channel",
        description: "Gives a channel another name or description",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_UPDATE_CHANNEL),
            CHANNEL.row(&rows::CHANNEL_ID_UPDATE_CHANNEL),
            NAME.row(&rows::DISPLAY_NAME_UPDATE_CHANNEL),
            ABOUT,
        ],
        tried: Some(changed),
        ..Action::patch("teams/{teamId}/channels/{channelId}")
    },
    Action {
        choice: "deleteChannel",
        label: "Delete Channel",
        description: "Deletes a channel",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_DELETE_CHANNEL),
            CHANNEL.row(&rows::CHANNEL_ID_DELETE_CHANNEL),
        ],
        ..Action::delete("teams/{teamId}/channels/{channelId}")
    },
    Action {
        choice: "archiveChannel",
        label: "Archive Channel",
        description: "Closes a channel, which can then only be read",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_DELETE_CHANNEL),
            CHANNEL.row(&rows::CHANNEL_ID_DELETE_CHANNEL),
        ],
        ..Action::post("teams/{teamId}/channels/{channelId}/archive")
    },
    Action {
        choice: "unarchiveChannel",
        label: "Unarchive Channel",
        description: "Opens a channel again that was closed",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_DELETE_CHANNEL),
            CHANNEL.row(&rows::CHANNEL_ID_DELETE_CHANNEL),
        ],
        ..Action::post("teams/{teamId}/channels/{channelId}/unarchive")
    },
    Action {
        choice: "listChannelMembers",
        label: "List Channel Members",
        description: "Lists who is in a channel",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_CHANNEL_MEMBERS),
            CHANNEL.row(&rows::CHANNEL_ID_CHANNEL_MEMBERS),
        ],
        ..Action::get("teams/{teamId}/channels/{channelId}/members")
    },
    Action {
        choice: "addChannelMember",
        label: "Add Channel Member",
        description: "Takes a user into a channel",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_CHANNEL_MEMBERS),
            CHANNEL.row(&rows::CHANNEL_ID_CHANNEL_MEMBERS),
            USER.row(&rows::USER_ID_CHANNEL_MEMBER).aside(),
        ],
        made: Some(new_member),
        ..Action::post("teams/{teamId}/channels/{channelId}/members")
    },
    Action {
        choice: "removeChannelMember",
        label: "Remove Channel Member",
        description: "Takes a user out of a channel",
        arguments: &[
            TEAM.row(&rows::TEAM_ID_CHANNEL_MEMBERS),
            CHANNEL.row(&rows::CHANNEL_ID_CHANNEL_MEMBERS),
            USER.row(&rows::USER_ID_CHANNEL_MEMBER).aside(),
        ],
        found: Some(Found {
            path: "teams/{teamId}/channels/{channelId}/members",
            pointer: "/userId",
            argument: "userId",
            missing: "The user is not in this channel.",
        }),
        ..Action::delete("teams/{teamId}/channels/{channelId}/members/{found}")
    },
];

/// Graph lists all channels of a team at once.
fn first_ones(given: &Given, answer: &Value) -> String {
    let mut answer = answer.clone();
    let most = given.value("maxResults").and_then(Value::as_u64);
    if let (Some(most), Some(channels)) = (most, answer["value"].as_array_mut()) {
        channels.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    answer.to_string()
}

fn changed(given: &Given, _: &mut Draft) -> Result<()> {
    if given.text("displayName").or_else(|| given.text("description")).is_some() {
        return Ok(());
    }
    Err(Error::ModelAnswer(
        "It is not said what to change: give displayName or description. Call again.".to_owned(),
    ))
}

fn new_member(given: &Given, draft: &mut Draft) {
    let user = given.text("userId").unwrap_or_default();
    draft.content = Content::Json(member(user, &[]));
}

/// A user as Graph takes members.
fn member(user: &str, roles: &[&str]) -> Value {
    let user = user.replace('\'', "''");
    json!({
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        "roles": roles,
        "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users('{user}')"),
    })
}
