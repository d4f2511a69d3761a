// Talking to a flow: in the editor's dock, on a page of its own, and on the public page.
export { ChatPanel, type ChatPanelProps } from "./view/chat-panel";
/** For pages that show conversations of others. */
export { Sources, Tools } from "./view/evidence";
