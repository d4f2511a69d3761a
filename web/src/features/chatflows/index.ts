// The list of chatflows.
export { ChatflowsPage } from "./chatflows-page";
