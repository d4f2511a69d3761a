//! What may be done with chats of Teams, and with messages of chats and channels.

use flowstone_providers::service::Content;
use serde_json::Value;

use super::{MOST, USER, member, rows};
use crate::tools::actions::{Action, Argument, Draft, Found, Given};

const CHAT: Argument = Argument::text("chatId", "The id of the chat").required();
const TOPIC: Argument = Argument::text("topic", "What the chat is about");

pub(super) const CHATS: [Action; 10] = [
    Action {
        choice: "listChats",
        label: "List Chats",
        description: "Lists the chats of the account",
        arguments: &[MOST.row(&rows::MAX_RESULTS_LIST_CHATS)],
        ..Action::get("me/chats")
    },
    Action {
        choice: "getChat",
        label: "Get Chat",
        description: "Reads what a chat is about",
        arguments: &[CHAT.row(&rows::CHAT_ID_GET_CHAT)],
        ..Action::get("chats/{chatId}")
    },
    Action {
        choice: "createChat",
        label: "Create Chat",
        description: "Begins a chat between two users or in a group",
        arguments: &[
            Argument::one_of("chatType", "Between two, or in a group", &["oneOnOne", "group"])
                .row(&rows::CHAT_TYPE_CREATE_CHAT),
            TOPIC.row(&rows::TOPIC_CREATE_CHAT).aside(),
            Argument::text(
                "members",
                "Ids of users, with commas between them, that of the account among them",
            )
            .required()
            .row(&rows::MEMBERS_CREATE_CHAT)
            .aside(),
        ],
        made: Some(new_chat),
        ..Action::post("chats")
    },
    Action {
        choice: "updateChat",
        label: "Update Chat",
        description: "Gives a chat another topic",
        arguments: &[
            CHAT.row(&rows::CHAT_ID_UPDATE_CHAT),
            TOPIC.required().row(&rows::TOPIC_UPDATE_CHAT),
        ],
        ..Action::patch("chats/{chatId}")
    },
    Action {
        choice: "deleteChat",
        label: "Delete Chat",
        description: "Deletes a chat",
        arguments: &[CHAT.row(&rows::CHAT_ID_DELETE_CHAT)],
        ..Action::delete("chats/{chatId}")
    },
    Action {
        choice: "listChatMembers",
        label: "List Chat Members",
        description: "Lists who is in a chat",
        arguments: &[CHAT.row(&rows::CHAT_ID_CHAT_MEMBERS)],
        ..Action::get("chats/{chatId}/members")
    },
    Action {
        choice: "addChatMember",
        label: "Add Chat Member",
        description: "Takes a user into a chat",
        arguments: &[
            CHAT.row(&rows::CHAT_ID_CHAT_MEMBERS),
            USER.row(&rows::USER_ID_CHAT_MEMBER).aside(),
        ],
        made: Some(new_member),
        ..Action::post("chats/{chatId}/members")
    },
    Action {
        choice: "removeChatMember",
        label: "Remove Chat Member",
        description: "Takes a user out of a chat",
        arguments: &[
            CHAT.row(&rows::CHAT_ID_CHAT_MEMBERS),
            USER.row(&rows::USER_ID_CHAT_MEMBER).aside(),
        ],
        found: Some(Found {
            path: "chats/{chatId}/members",
            pointer: "/userId",
            argument: "userId",
            missing: "The user is not in this chat.",
        }),
        ..Action::delete("chats/{chatId}/members/{found}")
    },
    Action {
        choice: "pinMessage",
        label: "Pin Message",
        description: "Pins a message at the top of a chat",
        arguments: &[
            CHAT.row(&rows::CHAT_ID_PIN_MESSAGE),
            MESSAGE.row(&rows::MESSAGE_ID_PIN_MESSAGE).aside(),
        ],
        made: Some(pinned),
        ..Action::post("chats/{chatId}/pinnedMessages")
    },
    Action {
        choice: "unpinMessage",
        label: "Unpin Message",
        description: "Takes a pinned message down from the top of a chat",
        arguments: &[
            CHAT.row(&rows::CHAT_ID_PIN_MESSAGE),
            MESSAGE.row(&rows::MESSAGE_ID_PIN_MESSAGE).aside(),
        ],
        found: Some(Found {
            path: "chats/{chatId}/pinnedMessages?$expand=message",
            pointer: "/message/id",
            argument: "messageId",
            missing: "The message is not pinned in this chat.",
        }),
        ..Action::delete("chats/{chatId}/pinnedMessages/{found}")
    },
];

const PLACE: Argument =
    Argument::text("chatChannelId", "The id of the chat, or of the channel together with teamId")
        .required();
const OF_TEAM: Argument =
    Argument::text("teamId", "The id of the team, where it is a channel and no chat").aside();
const MESSAGE: Argument = Argument::text("messageId", "The id of the message").required();
const KIND: Argument =
    Argument::one_of("contentType", "Plain text or HTML", &["text", "html"]).aside();
const REACTION: Argument = Argument::one_of(
    "reactionType",
    "The reaction",
    &["like", "heart", "laugh", "surprised", "sad", "angry"],
);

pub(super) const MESSAGES: [Action; 9] = [
    Action {
        choice: "listMessages",
        label: "List Messages",
        description: "Lists the messages of a chat or a channel, the newest first",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_LIST_MESSAGES),
            OF_TEAM.row(&rows::TEAM_ID_LIST_MESSAGES),
            MOST.row(&rows::MAX_RESULTS_LIST_MESSAGES),
        ],
        instead: Some(("teamId", "teams/{teamId}/channels/{chatChannelId}/messages")),
        ..Action::get("chats/{chatChannelId}/messages")
    },
    Action {
        choice: "getMessage",
        label: "Get Message",
        description: "Reads a message",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_GET_MESSAGE),
            OF_TEAM.row(&rows::TEAM_ID_GET_MESSAGE),
            MESSAGE.row(&rows::MESSAGE_ID_GET_MESSAGE),
        ],
        instead: Some(("teamId", "teams/{teamId}/channels/{chatChannelId}/messages/{messageId}")),
        ..Action::get("chats/{chatChannelId}/messages/{messageId}")
    },
    Action {
        choice: "sendMessage",
        label: "Send Message",
        description: "Writes a message into a chat or a channel",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_SEND_MESSAGE),
            OF_TEAM.row(&rows::TEAM_ID_SEND_MESSAGE),
            Argument::text("messageBody", "What the message says")
                .required()
                .row(&rows::MESSAGE_BODY_SEND_MESSAGE)
                .sent_as("body/content"),
            KIND.row(&rows::CONTENT_TYPE_SEND_MESSAGE),
        ],
        instead: Some(("teamId", "teams/{teamId}/channels/{chatChannelId}/messages")),
        made: Some(in_its_kind),
        ..Action::post("chats/{chatChannelId}/messages")
    },
    Action {
        choice: "updateMessage",
        label: "Update Message",
        description: "Puts another text into the place of a message of the account",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_UPDATE_MESSAGE),
            OF_TEAM.row(&rows::TEAM_ID_UPDATE_MESSAGE),
            MESSAGE.row(&rows::MESSAGE_ID_UPDATE_MESSAGE),
            Argument::text("messageBody", "What the message says then")
                .required()
                .sent_as("body/content"),
            KIND,
        ],
        instead: Some(("teamId", "teams/{teamId}/channels/{chatChannelId}/messages/{messageId}")),
        made: Some(in_its_kind),
        ..Action::patch("chats/{chatChannelId}/messages/{messageId}")
    },
    Action {
        choice: "deleteMessage",
        label: "Delete Message",
        description: "Deletes a message",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_DELETE_MESSAGE),
            OF_TEAM.row(&rows::TEAM_ID_DELETE_MESSAGE),
            MESSAGE.row(&rows::MESSAGE_ID_DELETE_MESSAGE),
        ],
        instead: Some((
            "teamId",
            "teams/{teamId}/channels/{chatChannelId}/messages/{messageId}/softDelete",
        )),
        ..Action::post("me/chats/{chatChannelId}/messages/{messageId}/softDelete")
    },
    Action {
        choice: "replyToMessage",
        label: "Reply to Message",
        description: "Answers a message: below it in a channel, at the end in a chat",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_REPLY_MESSAGE),
            OF_TEAM.row(&rows::TEAM_ID_REPLY_MESSAGE),
            MESSAGE.row(&rows::MESSAGE_ID_REPLY_MESSAGE).aside(),
            Argument::text("replyBody", "What the answer says")
                .required()
                .row(&rows::REPLY_BODY_REPLY_MESSAGE)
                .sent_as("body/content"),
            KIND,
        ],
        instead: Some((
            "teamId",
            "teams/{teamId}/channels/{chatChannelId}/messages/{messageId}/replies",
        )),
        made: Some(in_its_kind),
        ..Action::post("chats/{chatChannelId}/messages")
    },
    Action {
        choice: "setReaction",
        label: "Set Reaction",
        description: "Reacts to a message",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_REACTION),
            OF_TEAM.row(&rows::TEAM_ID_REACTION),
            MESSAGE.row(&rows::MESSAGE_ID_REACTION),
            REACTION.row(&rows::REACTION_TYPE_SET_REACTION),
        ],
        instead: Some((
            "teamId",
            "teams/{teamId}/channels/{chatChannelId}/messages/{messageId}/setReaction",
        )),
        ..Action::post("chats/{chatChannelId}/messages/{messageId}/setReaction")
    },
    Action {
        choice: "unsetReaction",
        label: "Unset Reaction",
        description: "Takes a reaction to a message back",
        arguments: &[
            PLACE.row(&rows::CHAT_CHANNEL_ID_REACTION),
            OF_TEAM.row(&rows::TEAM_ID_REACTION),
            MESSAGE.row(&rows::MESSAGE_ID_REACTION),
            REACTION,
        ],
        instead: Some((
            "teamId",
            "teams/{teamId}/channels/{chatChannelId}/messages/{messageId}/unsetReaction",
        )),
        ..Action::post("chats/{chatChannelId}/messages/{messageId}/unsetReaction")
    },
    Action {
        choice: "getAllMessages",
        label: "Get All Messages",
        description: "Lists messages of all chats of the account",
        arguments: &[MOST],
        ..Action::get("me/chats/getAllMessages")
    },
];

/// What everybody is in a chat.
const OWNER: &[&str] = &["owner"];

fn new_chat(given: &Given, draft: &mut Draft) {
    let kind = given.text("chatType").unwrap_or("group");
    draft.put("chatType", kind);
    // Chats between two have no topic.
    if let Some(topic) = given.text("topic").filter(|_| kind == "group") {
        draft.put("topic", topic);
    }
    let members = given.list("members").into_iter();
    draft.put("members", members.map(|it| member(&it, OWNER)).collect::<Vec<Value>>());
}

fn new_member(given: &Given, draft: &mut Draft) {
    let user = given.text("userId").unwrap_or_default();
    draft.content = Content::Json(member(user, OWNER));
}

fn pinned(given: &Given, draft: &mut Draft) {
    let part = |name: &str| given.text(name).unwrap_or_default().replace('\'', "''");
    let message = format!(
        "https://graph.microsoft.com/v1.0/chats/{}/messages/{}",
        part("chatId"),
        part("messageId")
    );
    draft.put("message@odata.bind", message);
}

fn in_its_kind(given: &Given, draft: &mut Draft) {
    draft.put("body/contentType", given.text("contentType").unwrap_or("text"));
}
