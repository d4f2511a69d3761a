// Which form belongs to which section.
import type { Flow } from "~/api/types/Flow";
import type { JsonObject } from "~/lib/json";
import { AccessSection, DomainsSection, RateLimitSection } from "./access-sections";
import { AnalyticsSection } from "./analytics-section";
import { FeedbackSection, FollowUpsSection, LeadsSection, StartersSection } from "./chat-sections";
import { McpSection } from "./mcp-section";
import { FileUploadSection, SpeechToTextSection, TextToSpeechSection } from "./media-sections";
import type { Draft, Part } from "./model";
import type { SectionName } from "./names";
import { OverridesSection } from "./overrides-section";
import { PostProcessingSection } from "./post-processing-section";

export interface SectionProps {
  flow: Flow;
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Replaces one column. */
  setPart: (part: Part, value: JsonObject) => void;
}

const BODIES: Record<SectionName, (props: SectionProps) => React.ReactNode> = {
  access: AccessSection,
  rateLimit: RateLimitSection,
  domains: DomainsSection,
  leads: LeadsSection,
  starters: StartersSection,
  followUps: FollowUpsSection,
  feedback: FeedbackSection,
  speechToText: SpeechToTextSection,
  textToSpeech: TextToSpeechSection,
  fileUpload: FileUploadSection,
  analytics: AnalyticsSection,
  postProcessing: PostProcessingSection,
  overrides: OverridesSection,
  mcp: McpSection,
};

export function SectionBody({ section, draft, onChange, flow }: Omit<SectionProps, "setPart"> & { section: SectionName }) {
  const Body = BODIES[section];
  const setPart = (part: Part, value: JsonObject) => onChange({ ...draft, parts: { ...draft.parts, [part]: value } });
  return <Body flow={flow} draft={draft} onChange={onChange} setPart={setPart} />;
}
