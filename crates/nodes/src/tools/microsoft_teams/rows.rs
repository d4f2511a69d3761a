//! What a form of Microsoft Teams holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Choice, Default, Holds, When},
};

use crate::tools::actions::rows;

const MEMBERSHIP_TYPE_CREATE_CHANNEL_CHOICES: &[Choice] = &[
    Choice::new("standard", "Standard"),
    Choice::new("private", "Private"),
    Choice::new("shared", "Shared"),
];
const CHAT_TYPE_CREATE_CHAT_CHOICES: &[Choice] =
    &[Choice::new("oneOnOne", "One on One"), Choice::new("group", "Group")];
const CONTENT_TYPE_SEND_MESSAGE_CHOICES: &[Choice] =
    &[Choice::new("text", "Text"), Choice::new("html", "HTML")];
const REACTION_TYPE_SET_REACTION_CHOICES: &[Choice] = &[
    Choice::new("like", "Like"),
    Choice::new("heart", "Heart"),
    Choice::new("laugh", "Laugh"),
    Choice::new("surprised", "Surprised"),
    Choice::new("sad", "Sad"),
    Choice::new("angry", "Angry"),
];

pub(super) const TEAM_ID_LIST_CHANNELS: Field = rows::text(
    "Team ID [List Channels]",
    "teamIdListChannels",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["listChannels"])),
    ],
    "The id of a team",
);
pub(super) const MAX_RESULTS_LIST_CHANNELS: Field = rows::starting(
    rows::number(
        "Max Results [List Channels]",
        "maxResultsListChannels",
        &[
            When("teamsType", Holds::AnyOf(&["channel"])),
            When("channelActions", Holds::AnyOf(&["listChannels"])),
        ],
        "How many are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const TEAM_ID_GET_CHANNEL: Field = rows::text(
    "Team ID [Get Channel]",
    "teamIdGetChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["getChannel"])),
    ],
    "The id of a team",
);
pub(super) const CHANNEL_ID_GET_CHANNEL: Field = rows::text(
    "Channel ID [Get Channel]",
    "channelIdGetChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["getChannel"])),
    ],
    "The id of a channel",
);
pub(super) const TEAM_ID_CREATE_CHANNEL: Field = rows::text(
    "Team ID [Create Channel]",
    "teamIdCreateChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["createChannel"])),
    ],
    "The id of a team",
);
pub(super) const DISPLAY_NAME_CREATE_CHANNEL: Field = rows::text(
    "Display Name [Create Channel]",
    "displayNameCreateChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["createChannel"])),
    ],
    "What the channel is called",
);
pub(super) const DESCRIPTION_CREATE_CHANNEL: Field = rows::lines(
    "Description [Create Channel]",
    "descriptionCreateChannel",
    2,
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["createChannel"])),
    ],
    "What the channel is for",
);
pub(super) const MEMBERSHIP_TYPE_CREATE_CHANNEL: Field = rows::starting(
    rows::choice(
        "Membership Type [Create Channel]",
        "membershipTypeCreateChannel",
        MEMBERSHIP_TYPE_CREATE_CHANNEL_CHOICES,
        &[
            When("teamsType", Holds::AnyOf(&["channel"])),
            When("channelActions", Holds::AnyOf(&["createChannel"])),
        ],
        "Who may join the channel",
    ),
    Default::Text("standard"),
);
pub(super) const TEAM_ID_UPDATE_CHANNEL: Field = rows::text(
    "Team ID [Update Channel]",
    "teamIdUpdateChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["updateChannel"])),
    ],
    "The id of a team",
);
pub(super) const CHANNEL_ID_UPDATE_CHANNEL: Field = rows::text(
    "Channel ID [Update Channel]",
    "channelIdUpdateChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["updateChannel"])),
    ],
    "The id of a channel",
);
pub(super) const DISPLAY_NAME_UPDATE_CHANNEL: Field = rows::text(
    "Display Name [Update Channel]",
    "displayNameUpdateChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["updateChannel"])),
    ],
    "What the channel is called",
);
pub(super) const TEAM_ID_DELETE_CHANNEL: Field = rows::text(
    "Team ID [Delete/Archive Channel]",
    "teamIdDeleteChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When(
            "channelActions",
            Holds::AnyOf(&["deleteChannel", "archiveChannel", "unarchiveChannel"]),
        ),
    ],
    "The id of a team",
);
pub(super) const CHANNEL_ID_DELETE_CHANNEL: Field = rows::text(
    "Channel ID [Delete/Archive Channel]",
    "channelIdDeleteChannel",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When(
            "channelActions",
            Holds::AnyOf(&["deleteChannel", "archiveChannel", "unarchiveChannel"]),
        ),
    ],
    "The id of a channel",
);
pub(super) const TEAM_ID_CHANNEL_MEMBERS: Field = rows::text(
    "Team ID [Channel Members]",
    "teamIdChannelMembers",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When(
            "channelActions",
            Holds::AnyOf(&["listChannelMembers", "addChannelMember", "removeChannelMember"]),
        ),
    ],
    "The id of a team",
);
pub(super) const CHANNEL_ID_CHANNEL_MEMBERS: Field = rows::text(
    "Channel ID [Channel Members]",
    "channelIdChannelMembers",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When(
            "channelActions",
            Holds::AnyOf(&["listChannelMembers", "addChannelMember", "removeChannelMember"]),
        ),
    ],
    "The id of a channel",
);
pub(super) const USER_ID_CHANNEL_MEMBER: Field = rows::text(
    "User ID [Add/Remove Channel Member]",
    "userIdChannelMember",
    &[
        When("teamsType", Holds::AnyOf(&["channel"])),
        When("channelActions", Holds::AnyOf(&["addChannelMember", "removeChannelMember"])),
    ],
    "The id of a user",
);
pub(super) const MAX_RESULTS_LIST_CHATS: Field = rows::starting(
    rows::number(
        "Max Results [List Chats]",
        "maxResultsListChats",
        &[
            When("teamsType", Holds::AnyOf(&["chat"])),
            When("chatActions", Holds::AnyOf(&["listChats"])),
        ],
        "How many are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const CHAT_ID_GET_CHAT: Field = rows::text(
    "Chat ID [Get Chat]",
    "chatIdGetChat",
    &[When("teamsType", Holds::AnyOf(&["chat"])), When("chatActions", Holds::AnyOf(&["getChat"]))],
    "The id of a chat",
);
pub(super) const CHAT_TYPE_CREATE_CHAT: Field = rows::starting(
    rows::choice(
        "Chat Type [Create Chat]",
        "chatTypeCreateChat",
        CHAT_TYPE_CREATE_CHAT_CHOICES,
        &[
            When("teamsType", Holds::AnyOf(&["chat"])),
            When("chatActions", Holds::AnyOf(&["createChat"])),
        ],
        "Whether the chat is between two or more",
    ),
    Default::Text("group"),
);
pub(super) const TOPIC_CREATE_CHAT: Field = rows::text(
    "Topic [Create Chat]",
    "topicCreateChat",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["createChat"])),
    ],
    "What the chat is about",
);
pub(super) const MEMBERS_CREATE_CHAT: Field = rows::text(
    "Members [Create Chat]",
    "membersCreateChat",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["createChat"])),
    ],
    "Ids of users, with commas between them; the account itself must be among them",
);
pub(super) const CHAT_ID_UPDATE_CHAT: Field = rows::text(
    "Chat ID [Update Chat]",
    "chatIdUpdateChat",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["updateChat"])),
    ],
    "The id of a chat",
);
pub(super) const TOPIC_UPDATE_CHAT: Field = rows::text(
    "Topic [Update Chat]",
    "topicUpdateChat",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["updateChat"])),
    ],
    "What the chat is about",
);
pub(super) const CHAT_ID_DELETE_CHAT: Field = rows::text(
    "Chat ID [Delete Chat]",
    "chatIdDeleteChat",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["deleteChat"])),
    ],
    "The id of a chat",
);
pub(super) const CHAT_ID_CHAT_MEMBERS: Field = rows::text(
    "Chat ID [Chat Members]",
    "chatIdChatMembers",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When(
            "chatActions",
            Holds::AnyOf(&["listChatMembers", "addChatMember", "removeChatMember"]),
        ),
    ],
    "The id of a chat",
);
pub(super) const USER_ID_CHAT_MEMBER: Field = rows::text(
    "User ID [Add/Remove Chat Member]",
    "userIdChatMember",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["addChatMember", "removeChatMember"])),
    ],
    "The id of a user",
);
pub(super) const CHAT_ID_PIN_MESSAGE: Field = rows::text(
    "Chat ID [Pin/Unpin Message]",
    "chatIdPinMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["pinMessage", "unpinMessage"])),
    ],
    "The id of a chat",
);
pub(super) const MESSAGE_ID_PIN_MESSAGE: Field = rows::text(
    "Message ID [Pin/Unpin Message]",
    "messageIdPinMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chat"])),
        When("chatActions", Holds::AnyOf(&["pinMessage", "unpinMessage"])),
    ],
    "The id of a message",
);
pub(super) const CHAT_CHANNEL_ID_LIST_MESSAGES: Field = rows::text(
    "Chat/Channel ID [List Messages]",
    "chatChannelIdListMessages",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["listMessages"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_LIST_MESSAGES: Field = rows::text(
    "Team ID [List Messages - Channel Only]",
    "teamIdListMessages",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["listMessages"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MAX_RESULTS_LIST_MESSAGES: Field = rows::starting(
    rows::number(
        "Max Results [List Messages]",
        "maxResultsListMessages",
        &[
            When("teamsType", Holds::AnyOf(&["chatMessage"])),
            When("chatMessageActions", Holds::AnyOf(&["listMessages"])),
        ],
        "How many are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const CHAT_CHANNEL_ID_GET_MESSAGE: Field = rows::text(
    "Chat/Channel ID [Get Message]",
    "chatChannelIdGetMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["getMessage"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_GET_MESSAGE: Field = rows::text(
    "Team ID [Get Message - Channel Only]",
    "teamIdGetMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["getMessage"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MESSAGE_ID_GET_MESSAGE: Field = rows::text(
    "Message ID [Get Message]",
    "messageIdGetMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["getMessage"])),
    ],
    "The id of a message",
);
pub(super) const CHAT_CHANNEL_ID_SEND_MESSAGE: Field = rows::text(
    "Chat/Channel ID [Send Message]",
    "chatChannelIdSendMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["sendMessage"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_SEND_MESSAGE: Field = rows::text(
    "Team ID [Send Message - Channel Only]",
    "teamIdSendMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["sendMessage"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MESSAGE_BODY_SEND_MESSAGE: Field = rows::lines(
    "Message Body [Send Message]",
    "messageBodySendMessage",
    4,
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["sendMessage"])),
    ],
    "What the message says",
);
pub(super) const CONTENT_TYPE_SEND_MESSAGE: Field = rows::starting(
    rows::choice(
        "Content Type [Send Message]",
        "contentTypeSendMessage",
        CONTENT_TYPE_SEND_MESSAGE_CHOICES,
        &[
            When("teamsType", Holds::AnyOf(&["chatMessage"])),
            When("chatMessageActions", Holds::AnyOf(&["sendMessage"])),
        ],
        "Whether the message is plain text or HTML",
    ),
    Default::Text("text"),
);
pub(super) const CHAT_CHANNEL_ID_UPDATE_MESSAGE: Field = rows::text(
    "Chat/Channel ID [Update Message]",
    "chatChannelIdUpdateMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["updateMessage"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_UPDATE_MESSAGE: Field = rows::text(
    "Team ID [Update Message - Channel Only]",
    "teamIdUpdateMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["updateMessage"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MESSAGE_ID_UPDATE_MESSAGE: Field = rows::text(
    "Message ID [Update Message]",
    "messageIdUpdateMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["updateMessage"])),
    ],
    "The id of a message",
);
pub(super) const CHAT_CHANNEL_ID_DELETE_MESSAGE: Field = rows::text(
    "Chat/Channel ID [Delete Message]",
    "chatChannelIdDeleteMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["deleteMessage"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_DELETE_MESSAGE: Field = rows::text(
    "Team ID [Delete Message - Channel Only]",
    "teamIdDeleteMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["deleteMessage"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MESSAGE_ID_DELETE_MESSAGE: Field = rows::text(
    "Message ID [Delete Message]",
    "messageIdDeleteMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["deleteMessage"])),
    ],
    "The id of a message",
);
pub(super) const CHAT_CHANNEL_ID_REPLY_MESSAGE: Field = rows::text(
    "Chat/Channel ID [Reply to Message]",
    "chatChannelIdReplyMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["replyToMessage"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_REPLY_MESSAGE: Field = rows::text(
    "Team ID [Reply to Message - Channel Only]",
    "teamIdReplyMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["replyToMessage"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MESSAGE_ID_REPLY_MESSAGE: Field = rows::text(
    "Message ID [Reply to Message]",
    "messageIdReplyMessage",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["replyToMessage"])),
    ],
    "The id of a message",
);
pub(super) const REPLY_BODY_REPLY_MESSAGE: Field = rows::lines(
    "Reply Body [Reply to Message]",
    "replyBodyReplyMessage",
    3,
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["replyToMessage"])),
    ],
    "What the answer says",
);
pub(super) const CHAT_CHANNEL_ID_REACTION: Field = rows::text(
    "Chat/Channel ID [Set/Unset Reaction]",
    "chatChannelIdReaction",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["setReaction", "unsetReaction"])),
    ],
    "The id of a chat, or of a channel together with its team",
);
pub(super) const TEAM_ID_REACTION: Field = rows::text(
    "Team ID [Set/Unset Reaction - Channel Only]",
    "teamIdReaction",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["setReaction", "unsetReaction"])),
    ],
    "The id of the team, where it is a channel and no chat",
);
pub(super) const MESSAGE_ID_REACTION: Field = rows::text(
    "Message ID [Set/Unset Reaction]",
    "messageIdReaction",
    &[
        When("teamsType", Holds::AnyOf(&["chatMessage"])),
        When("chatMessageActions", Holds::AnyOf(&["setReaction", "unsetReaction"])),
    ],
    "The id of a message",
);
pub(super) const REACTION_TYPE_SET_REACTION: Field = rows::starting(
    rows::choice(
        "Reaction Type [Set Reaction]",
        "reactionTypeSetReaction",
        REACTION_TYPE_SET_REACTION_CHOICES,
        &[
            When("teamsType", Holds::AnyOf(&["chatMessage"])),
            When("chatMessageActions", Holds::AnyOf(&["setReaction"])),
        ],
        "The reaction",
    ),
    Default::Text("like"),
);
