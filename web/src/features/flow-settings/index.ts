// The settings of a flow.
export { FlowSettingsPage } from "./settings-page";
