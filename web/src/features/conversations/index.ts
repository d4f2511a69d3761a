// Conversations of a flow: reading, filtering, exporting, deleting them.
export { FlowMessagesPage } from "./flow-messages-page";
export { MessagesPage } from "./messages-page";
