// Documents behind an answer or a step: where each is from, and what it says.
export { SourceList, Sources } from "./sources";
