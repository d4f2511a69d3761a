// Calling a flow from elsewhere: snippets to copy, and a place to try them.
export { FlowApiPage } from "./flow-api-page";
