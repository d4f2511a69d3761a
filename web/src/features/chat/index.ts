// Talking to a flow: shared by the canvas now, by a page of its own later.
export { ChatPanel, type ChatPanelProps } from "./view/chat-panel";
