// Talking to a flow: in the editor's dock, on a page of its own, and on the public page.
export { ChatPanel } from "./chat-dock";
export type { ChatPanelProps } from "./view/chat-panel";
export type { Answer, FlowStep, Reasoning } from "./model/answer";
