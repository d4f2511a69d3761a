// The pages of one flow beside its canvas: settings, API, messages, leads, upserts.
export { FlowLayout } from "./flow-layout";
