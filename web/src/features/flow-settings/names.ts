// The sections of a flow's settings, in the order of the page; the address names one.

export const SECTION_NAMES = [
  "access",
  "rateLimit",
  "domains",
  "leads",
  "starters",
  "followUps",
  "feedback",
  "speechToText",
  "textToSpeech",
  "fileUpload",
  "analytics",
  "postProcessing",
  "overrides",
  "mcp",
] as const;

export type SectionName = (typeof SECTION_NAMES)[number];
