// The page of one flow: its graph, and the chat beside it.
export { CanvasPage } from "./view/canvas-page";
