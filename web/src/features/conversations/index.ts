// Conversations of a flow: reading, filtering, exporting, deleting them.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/conversations.json";
export { FlowMessagesPage } from "./flow-messages-page";
export { MessagesPage } from "./messages-page";

addTexts("conversations", texts);
