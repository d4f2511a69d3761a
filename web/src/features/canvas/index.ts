// The page of one flow: its graph to build on, and the chat beside it.
export { CanvasPage } from "./view/canvas-page";
