// What stands behind an answer: shared by the chat and by pages that show conversations of others.
export { CallingTools, ReasoningCards, Steps, Thinking, Tools } from "./evidence";
export { Detail } from "./detail";
